"""Seals made again from the log: for tiles that were damaged, of a log that was not.

The tree over the log is compared with every checkpoint that was kept before anything is written: of
a log that is not the one that was signed no tiles are made. They are made as far as it was signed;
a service that runs seals nothing meanwhile, and what follows after it. Cut off in between, they are
made again by another run. Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any

from psycopg import Connection

from domain.errors import Conflict
from domain.evidence import checkpoints, tiles
from domain.evidence.frontier import Frontier
from domain.evidence.notes import NoteError, PublicKey
from domain.evidence.tiles import LEVELS, WIDTH, Piece
from projections import sealing, sql, tiling
from projections.database import connect
from projections.headers import Headers

SQL = sql.load("resealing")


def rebuild(database_url: str, kept: Iterable[str], key: PublicKey) -> Generator[str, None, None]:
    """Make the seals again, and give a line for whatever was not as it must be.

    `kept` are the checkpoints outside. Raises Conflict where the log does not agree with them.
    """
    with connect(sealing.owning(database_url)) as conn, sealing.alone(conn):
        witness = _Witness(conn, kept, key)
        size, position = witness.compare()
        for tile, begins in tiling.made(Headers(conn).until(position + 1)):
            row = {"level": tile.level, "number": tile.number, "begins": begins}
            if conn.execute(SQL["mend"], row | {"hashes": tile.hashes}).rowcount:
                yield f"{_name(tile.level, tile.number)}: made again"
        widths = [-(-tiles.count(size, level) // WIDTH) for level in range(LEVELS)]
        for level, number in conn.execute(SQL["unfounded"], {"widths": widths}).fetchall():
            yield f"{_name(level, number)}: removed"
        state = {"size": size, "position": position, "key": key.text, "checkpoint": witness.last}
        if conn.execute(SQL["mend_seal"], state).rowcount:
            yield "size, position and checkpoint: put right"


class _Witness:
    """The checkpoints that were kept, and the tree that must have their roots."""

    def __init__(self, conn: Connection[Any], kept: Iterable[str], key: PublicKey) -> None:
        self._conn = conn
        self._kept = iter(kept)
        self._key = key
        self.last: str | None = None

    def compare(self) -> tuple[int, int]:
        """Return how many events were signed, and the position of the last. Raises Conflict."""
        tree = Frontier()
        signed = self._signed()
        wanted = next(signed, None)
        if wanted is None:
            raise Conflict("No checkpoint is there that the log could be compared with.")
        for header, hash_ in Headers(self._conn).until(None):
            tree.add(hash_)
            while wanted is not None and wanted.size <= tree.size:
                if wanted.size < tree.size or wanted.root != tree.root():
                    raise Conflict(
                        f"The first {wanted.size} events are not those that were signed: mend the"
                        " log first. Nothing was changed; muniment audit says what is wrong."
                    )
                wanted = next(signed, None)
            if wanted is None:
                return tree.size, header.position
        raise Conflict(
            f"{wanted.size} events were signed, {tree.size} are there: mend the log first. Nothing"
            " was changed."
        )

    def _signed(self) -> Iterator[checkpoints.Checkpoint]:
        """Give those outside, and the database's if it is a later one."""
        size = 0
        for note in self._kept:
            try:
                found = checkpoints.check(note, self._key)
            except NoteError as error:
                raise Conflict(f"A checkpoint that was kept is damaged: {error}.") from error
            self.last, size = note, found.size
            yield found
        shown = sealing.checkpoint(self._conn) or ""
        try:
            found = checkpoints.check(shown, self._key)
        except NoteError:  # it is put right
            return
        if found.size > size:
            self.last = shown
            yield found


def _name(level: int, number: int) -> str:
    return f"tile {level}/{Piece(number).path}"
