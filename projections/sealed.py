"""Under audit: the seals. The log against its leaves, tiles against one another, and checkpoints.

The headers of the log are read in order, and the tree is made of them anew: its root must be that
of every checkpoint that was kept outside. Where it is, the tiles must be those of the log, to the
byte. Where it is not, they say, leaf by leaf, which event is another. Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from psycopg import Connection

from domain.evidence import checkpoints, merkle, tiles
from domain.evidence.frontier import Frontier
from domain.evidence.merkle import HASH
from domain.evidence.notes import NoteError
from domain.evidence.tiles import WIDTH, Piece
from projections import seals, tiling
from projections.findings import RESTORE, Finding, What, at
from projections.headers import Headers, Read
from projections.sealing import Sealed, sealed
from projections.signed import Signed

SEALS = "muniment rebuild --seals"


def findings(
    conn: Connection[Any],
    kept: Iterable[str] | None,
    newest: Callable[[], str | None] | None = None,
) -> Iterator[Finding]:
    """Give what is wrong. `kept` are the checkpoints outside; None: there is no such file.

    `newest` gives the last of them that is there when it is called.
    """
    state = sealed(conn)
    if kept is None and state.checkpoint is not None:
        message = "the file outside the data folder, to which each is added, is not there"
        yield _of("checkpoint", "checkpoints", message, "name it with --checkpoints")
    tree = _Tree(conn, kept or (), state.key)
    yield from tree.checkpoints()
    if tree.signed(state.size):
        yield from _tiles(conn, state)
    else:
        comparison = _Comparison(conn, tree.agreed)
        yield from comparison.bundles(state.size, state.position)
        yield from _upper(conn, state.size)
    if state.checkpoint is not None:
        yield from _in_database(conn, state.checkpoint)
        if kept is not None and newest is not None:
            yield from _ending(state.checkpoint, newest())


class _Tree:
    """The tree that the log makes, and what was signed of it."""

    def __init__(self, conn: Connection[Any], kept: Iterable[str], key: str | None) -> None:
        self._log = Headers(conn)
        self._node = tiles.nodes(seals.reader(conn))
        self._tree = Frontier()
        self._kept = Signed(kept, key)
        self._disagreed = False
        self.agreed = 0  # up to which size log and checkpoints are known to agree

    def checkpoints(self) -> Iterator[Finding]:
        """Compare the root with each checkpoint that was kept."""
        for _, hash_ in self._log.until(None):
            self._tree.add(hash_)
            while self._kept.size is not None and self._kept.size <= self._tree.size:
                yield from self._compared()
                self._kept.go_on()
        if self._kept.size is not None:
            message = f"{self._kept.size} events were signed, {self._tree.size} are there"
            yield _of("checkpoint", self._kept.name, message, RESTORE)

    def signed(self, size: int) -> bool:
        """Whether log and checkpoints agree as far as there are tiles, or as the log goes."""
        return 0 < min(size, self._tree.size) <= self.agreed

    def _compared(self) -> Iterator[Finding]:
        size, root = self._kept.size or 0, self._kept.root
        same = self._root(size) == root
        if same:
            self.agreed = size
        elif not self._disagreed:
            message = f"the first {size} events are others than those that were signed"
            message += f"; the first {self.agreed} are the same"
            if self._kept.forged:
                message = "it was not signed with the log's key"
            yield _of("checkpoint", self._kept.name, message, RESTORE)
        self._disagreed = not same

    def _root(self, size: int) -> bytes:
        if size == self._tree.size:
            return self._tree.root()
        try:  # the file has it after one of more events
            return merkle.root(self._node, size)
        except LookupError:
            return b""


def _tiles(conn: Connection[Any], state: Sealed) -> Iterator[Finding]:
    """Compare the tiles with those of the log, which is the one that was signed."""
    position = -1

    def leaves() -> Iterator[Read]:
        nonlocal position
        for each in islice(Headers(conn).until(None), state.size):
            position = each[0].position
            yield each

    there = {(level, number) for level, number in conn.execute(seals.SQL["all"])}
    for tile, begins in tiling.made(leaves()):
        there.discard((tile.level, tile.number))
        which = seals.wanted([(tile.level, tile.number)])
        rows = conn.execute(seals.SQL["begun"], which, binary=True).fetchall()
        if not rows:
            yield _tile(tile.level, tile.number, "it is not there")
        elif rows[0][1] != tile.hashes:
            message = "its hashes are not those of the log, which was signed"
            yield _tile(tile.level, tile.number, message)
        elif rows[0][0] != begins:
            message = "it is said to begin with another event than it does"
            yield _tile(tile.level, tile.number, message)
    for level, number in sorted(there):
        yield _tile(level, number, "the log has no such tile")
    if position != state.position:
        message = f"position {state.position} is not that of the last of {state.size} events"
        yield _of("tile", "how far the log is sealed", message, SEALS)


def _in_database(conn: Connection[Any], note: str) -> Iterator[Finding]:
    """Compare the checkpoint that everybody is shown with the tiles."""
    name = "the checkpoint in the database"
    try:
        checkpoint = checkpoints.read(note)
        same = merkle.root(tiles.nodes(seals.reader(conn)), checkpoint.size) == checkpoint.root
    except (NoteError, LookupError) as error:
        yield _of("checkpoint", name, f"it cannot be checked: {error}", SEALS)
        return
    if not same:
        yield _of("checkpoint", name, "it is of another tree than the tiles", SEALS)


def _ending(shown: str, newest: str | None) -> Iterator[Finding]:
    """Compare the checkpoint that everybody is shown with the last outside, which was there first.

    A service that runs adds another one within a moment, and ends there as it must.
    """
    try:
        size = checkpoints.read(shown).size
        last = 0 if newest is None else checkpoints.read(newest).size
    except NoteError:  # it is found as such
        return
    if last < size:
        ends = f"ends with that of {last} events" if last else "has none of this log"
        message = f"a checkpoint of {size} events was signed, and the file {ends}: lines are gone"
        yield _of("checkpoint", "checkpoints", message, "put the file back from a copy")


class _Comparison:
    """The headers of a log that is not the one that was signed, and the tiles of that one."""

    def __init__(self, conn: Connection[Any], agreed: int) -> None:
        self._conn = conn
        self._read_tile = seals.reader(conn)
        self._log = Headers(conn)
        self._agreed = agreed  # up to which size log and checkpoints are known to agree

    def bundles(self, size: int, position: int) -> Iterator[Finding]:
        """Compare the leaves of each bundle with the log; `position` is that of the last."""
        expected = 0
        with self._conn.cursor("bundles", binary=True) as cursor:
            cursor.execute(seals.SQL["bundles"])
            cursor.itersize = 10
            for number, begins, following, ends, hashes in cursor:
                if number != expected:
                    yield from _absent(0, expected, number)
                    deque(self._log.until(begins), 0)
                expected = number + 1
                width = min(WIDTH, size - number * WIDTH)
                if len(hashes) != width * HASH:
                    yield _tile(0, number, f"it has not the {width} hashes that it must have")
                found = [*self._log.until(position + 1 if ends is None else ends)]
                whole = following in (None, number + 1)  # else bundles follow that have no tile
                yield from self._compared(number, found if whole else found[:width], hashes)
        yield from _absent(0, expected, -(-size // WIDTH))

    def _compared(self, number: int, found: Sequence[Read], hashes: bytes) -> Iterator[Finding]:
        before = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
        now = [hash_ for _, hash_ in found]
        if before == now:
            return
        above = self._read_tile(1, number // WIDTH)[number % WIDTH * HASH :][:HASH]
        is_above = len(now) == WIDTH and tiles.folded(b"".join(now)) == above
        if is_above or self._agreed >= number * WIDTH + len(now):
            yield _tile(0, number, "its hashes are not those of the log, which was signed")
            return
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, now, False).get_opcodes():
            if tag == "equal":
                continue
            both = min(i2 - i1, j2 - j1)
            for offset in range(both):
                index = number * WIDTH + i1 + offset
                message = f"it is another than the one that was sealed as leaf {index}"
                yield at(found[j1 + offset][0], "seal-changed", message)
            for index in range(i1 + both, i2):
                yield _gone(number * WIDTH + index, found, j2)
            for header, _ in found[j1 + both : j2]:
                message = "it is among those that were sealed, and was not"
                yield at(header, "seal-unfounded", message)


def _upper(conn: Connection[Any], size: int) -> Iterator[Finding]:
    """Compare the tiles above the leaves with those that they are made of."""
    read = seals.reader(conn)
    with conn.cursor("upper", binary=True) as cursor:
        cursor.execute(seals.SQL["upper"])
        expected = dict.fromkeys(range(1, tiles.LEVELS), 0)
        for level, number, hashes in cursor:
            if level not in expected:
                yield _tile(level, number, "there is no such level")
                continue
            yield from _absent(level, expected[level], number)
            expected[level] = number + 1
            width = min(WIDTH, tiles.count(size, level) - number * WIDTH)
            below = [read(level - 1, number * WIDTH + each) for each in range(width)]
            made = [tiles.folded(each) if len(each) == WIDTH * HASH else b"" for each in below]
            if hashes != b"".join(made):
                yield _tile(level, number, "its hashes are not those of the tiles below it")
        for level, number in expected.items():
            yield from _absent(level, number, -(-tiles.count(size, level) // WIDTH))


def _absent(level: int, expected: int, number: int) -> Iterator[Finding]:
    for each in range(expected, number):
        yield _tile(level, each, "it is not there")


def _gone(index: int, found: Sequence[Read], place: int) -> Finding:
    """Return the finding of a leaf without its event; `place` of those found stood before it."""
    where = f"after position {found[place - 1][0].position}" if place else "before the next one"
    message = f"an event that was sealed is not there: it stood {where}"
    return _of("seal-missing", f"leaf {index}", message, RESTORE)


def _tile(level: int, number: int, message: str) -> Finding:
    return _of("tile", f"tile {level}/{Piece(number).path}", message, SEALS)


def _of(what: What, seal: str, message: str, mend: str) -> Finding:
    return Finding(what, message, mend, seal=seal)
