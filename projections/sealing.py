"""Sealing: the headers of events, in order and below the horizon, become leaves of a Merkle tree.

Beside the follower, in one process at a time, as the role that owns the database: the serving role
only reads what is sealed. How far the tiles have come is written with them in one transaction.
When every event is in them, their root is signed: a checkpoint. Before anybody sees it, it is on
the disk outside the data folder, and none is signed for a tree that does not go on from the last
one there: after a crash in between, the tiles come to the same root again, or the log is another.
Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from domain.evidence import checkpoints, leaf, merkle, notes, tiles
from domain.evidence.checkpoints import Checkpoint
from domain.evidence.leaf import Header
from domain.evidence.notes import PrivateKey
from domain.storage.checkpoint_file import CheckpointFile
from projections import seals, sql
from projections.database import connect, scalar, serving
from projections.follower import RECONNECT

log = logging.getLogger(__name__)

SQL = sql.load("sealing")

LOCK = 0x7365616C  # "seal"
GROWING = 0x74696C65  # "tile": who writes tiles, a moment or as long as it makes them again
BATCH = 10 * tiles.WIDTH  # events a transaction
PAUSE = 0.4  # seconds between two checkpoints
OUTSIDE = "outside the data folder"
ANOTHER_KEY = (
    "The key is not the one that signed this log until now. Put it back. If it is lost: as the"
    " owner of the database, UPDATE es.seal SET checkpoint = NULL; the log then has another name."
)
AGAIN = 5.0  # seconds until the next try after a failure that nobody expected


class Sealed(NamedTuple):
    """How far the log is sealed. `position` is that of the last leaf, -1 without any."""

    size: int
    position: int
    checkpoint: str | None
    key: str | None
    problem: str | None  # why no checkpoint can be signed


class Unsound(Exception):
    """No checkpoint can be signed: the words say why."""


def run(
    database_url: str,
    key: PrivateKey,
    file: CheckpointFile,
    stop: Event,
    unpushed: Callable[[], bool] = lambda: False,
) -> None:
    """Seal until `stop`, through every restart of the database.

    `unpushed` says whether checkpoints fail to reach where they are pushed, for /health.
    """
    while not stop.is_set():
        try:
            with connect(owning(database_url)) as conn:
                while not stop.is_set() and not _locked(conn):
                    stop.wait(RECONNECT)
                while not stop.is_set():
                    seal(conn, key, file, stop)
                    conn.execute(SQL["pushing"], {"unpushed": unpushed()})
                    stop.wait(PAUSE)
        except psycopg.OperationalError:
            stop.wait(RECONNECT)
        except Exception:
            log.exception("The log cannot be sealed; this is tried again.")
            stop.wait(AGAIN)


def owning(database_url: str) -> str:
    """Return the connection string of the process that seals."""
    return serving(database_url, "sealing", role="none")


def seal(
    conn: Connection[Any], key: PrivateKey, file: CheckpointFile, stop: Event | None = None
) -> None:
    """Bring the tiles up to the horizon, and sign them if they grew.

    What forbids a checkpoint is written down for /health. Nothing is done while the seals are made
    again.
    """
    if not scalar(conn, "SELECT pg_try_advisory_lock(%s)", [GROWING]):
        return
    try:
        while grow(conn) == BATCH:
            if stop is not None and stop.is_set():
                return
        sign(conn, key, file)
    except Unsound as unsound:
        if conn.execute(SQL["refuse"], {"problem": str(unsound)}).rowcount:
            log.error("%s", unsound)
    finally:
        conn.execute("SELECT pg_advisory_unlock(%s)", [GROWING])


@contextmanager
def alone(conn: Connection[Any]) -> Iterator[None]:
    """Have nobody else write tiles for the block, from as soon as they are done with it."""
    conn.execute("SELECT pg_advisory_lock(%s)", [GROWING])
    try:
        yield
    finally:
        conn.execute("SELECT pg_advisory_unlock(%s)", [GROWING])


def grow(conn: Connection[Any]) -> int:
    """Add the next events to the tiles and return how many there were. Raises Unsound."""
    with conn.transaction():
        size, position, *_ = sealed(conn)
        params = {"after": position, "limit": BATCH}
        headers = [Header(*row) for row in conn.execute(SQL["next"], params, binary=True)]
        if not headers:
            return 0
        partial = _partial(conn, size)
        hashes = [merkle.leaf_hash(leaf.encode(each)) for each in headers]
        for tile in tiles.grown(size, partial, hashes):
            first = tile.number * tiles.WIDTH - size  # of its leaves, among the new
            begins = headers[first].position if tile.level == 0 and first >= 0 else None
            conn.execute(
                SQL["grow"],
                {
                    "level": tile.level,
                    "number": tile.number,
                    "begins": begins,
                    "hashes": tile.hashes,
                },
            )
        done = {"size": size + len(headers), "position": headers[-1].position}
        conn.execute(SQL["reach"], done)
    return len(headers)


def sign(conn: Connection[Any], key: PrivateKey, file: CheckpointFile) -> None:
    """Sign the tiles, unless that was done. Raises Unsound."""
    size, _, known, signer, problem = sealed(conn)
    if known is not None and signer != key.public.text:
        raise Unsound(ANOTHER_KEY)
    try:
        written = file.last(key.public.name)
        last = _last(written, key)
        if last is None and not size:
            return
        node = tiles.nodes(seals.reader(conn))
        if last is not None:
            _require_going_on(last, size, _root(node, min(last.size, size)), OUTSIDE)
        elif known is not None:
            before = _known(known)
            _require_going_on(before, size, _root(node, min(before.size, size)), "in the database")
        if _is_behind(last, known):
            log.warning("%s lacks checkpoints that were signed; see muniment audit.", file.path)
        if last is None or last.size < size:
            written = checkpoints.sign(key, size, _root(node, size))
            file.append(written)
    except OSError as error:
        raise Unsound(f"Checkpoints cannot be kept {OUTSIDE}: {error.strerror}.") from error
    if written != known or problem is not None:
        conn.execute(SQL["sign"], {"checkpoint": written, "key": key.public.text})


def checkpoint(conn: Connection[Any]) -> str | None:
    """Return the last checkpoint that the database has, whatever became of it."""
    found: str | None = scalar(conn, "SELECT checkpoint FROM es.seal")
    return found


def sealed(conn: Connection[Any]) -> Sealed:
    """Return how far the log is sealed."""
    return Sealed(*conn.execute(SQL["sealed"]).fetchall()[0])


def _locked(conn: Connection[Any]) -> bool:
    return bool(scalar(conn, "SELECT pg_try_advisory_lock(%s)", [LOCK]))


def _last(note: str | None, key: PrivateKey) -> Checkpoint | None:
    """Return the last checkpoint that was kept, if any. Raises Unsound."""
    if note is None:
        return None
    try:
        return checkpoints.check(note, key.public)
    except notes.NoteError as error:
        raise Unsound(
            f"The last checkpoint {OUTSIDE} is damaged: {error}. Name another file."
        ) from error


def _is_behind(last: Checkpoint | None, known: str | None) -> bool:
    """Whether a checkpoint was signed after the last one that was kept."""
    try:
        return known is not None and (last.size if last else 0) < checkpoints.read(known).size
    except notes.NoteError:
        return False


def _known(note: str) -> Checkpoint:
    """Return the checkpoint that the database has. Raises Unsound."""
    try:
        return checkpoints.read(note)
    except notes.NoteError as error:
        raise Unsound("The checkpoint in the database is damaged; see muniment audit.") from error


def _require_going_on(before: Checkpoint, size: int, root: bytes, where: str) -> None:
    if before.size > size:
        raise Unsound(
            f"The log was put back: a checkpoint {where} has {before.size} events,"
            f" the log has {size}. No checkpoint is signed for it."
        )
    if before.root != root:
        raise Unsound(
            f"The log is not the one that was signed: its first {before.size} events are others"
            f" than those of a checkpoint {where}. No checkpoint is signed for it."
        )


def _root(node: merkle.Node, size: int) -> bytes:
    try:
        return merkle.root(node, size)
    except LookupError as error:
        raise Unsound(f"The seals are damaged; see muniment audit. {error}") from error


def _partial(conn: Connection[Any], size: int) -> dict[int, bytes]:
    """Return by level what the partial tiles hold. Raises Unsound when that is not so much."""
    asked = tiles.last(size)
    found = seals.hashes(conn, asked)
    for level, number in asked:
        width = tiles.count(size, level) % tiles.WIDTH * merkle.HASH
        if len(found.get((level, number), b"")) != width:
            raise Unsound(
                f"The seals are damaged; see muniment audit. The tile {number} of level {level}"
                " has another width."
            )
    return {level: found[level, number] for level, number in asked}
