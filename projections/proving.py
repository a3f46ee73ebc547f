"""Proofs for the command line: a version's event, or all of its stream, in a signed tree.

Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.errors import Conflict, Gone, NotFound
from domain.evidence import checkpoints, leaf, proof_file, proofs, tiles
from domain.evidence.leaf import Header
from domain.evidence.merkle import Node
from domain.evidence.proof_file import Shown
from projections import lives, seals, sql
from projections.database import scalar

SQL = sql.load("proving")

NOT_YET = "It is not sealed yet: the running service does that within a second."
DAMAGED = "The log is not the one that was sealed; muniment audit says where."


def of_version(conn: Connection[Any], object_id: str, number: int) -> str:
    """Return the proof that a version was recorded. Raises NotFound, Gone, Conflict."""
    record = lives.find(conn, object_id).record
    return _Prover(conn).file(_published(conn, record, number, object_id))


def as_of(conn: Connection[Any], object_id: str, instant: datetime) -> str:
    """Return the proof of the last version recorded by an instant, with its stream's headers.

    Raises NotFound, Conflict.
    """
    record = lives.find(conn, object_id).record
    number = scalar(conn, SQL["as_of"], {"record": record, "as_of": instant})
    if number is None:
        raise NotFound(f"Object {object_id} had no version then.")
    prover = _Prover(conn)
    said = _published(conn, record, number, object_id)
    params = {"record": record, "last": prover.position}
    headers: Said = {}
    for row in conn.execute(SQL["headers"], params, binary=True):
        headers[Header(*row)] = None
    return prover.file(headers | said)


Said = dict[Header, tuple[bytes, bytes] | None]  # salt and state, or None: a header alone


def _published(conn: Connection[Any], record: UUID, number: int, object_id: str) -> Said:
    params = {"record": record, "number": number}
    rows = conn.execute(SQL["published"], params, binary=True).fetchall()
    if not rows:
        raise NotFound(f"There is no version {number} of object {object_id}.")
    said: Said = {}
    for *header, salt, state in rows:
        if salt is None or state is None:
            raise Gone("What this version said was erased, or is gone; see muniment audit.")
        said[Header(*header)] = (salt, state)
    return said


class _Prover:
    """The last checkpoint, and the tree below it."""

    def __init__(self, conn: Connection[Any]) -> None:
        self._conn = conn
        rows = conn.execute(seals.SQL["signed"]).fetchall()
        if not rows:
            raise Conflict(NOT_YET)
        self._note, self.position = rows[0]
        self._size = checkpoints.read(self._note).size
        self._node: Node = tiles.nodes(seals.reader(conn))

    def file(self, events: Said) -> str:
        """Return the proof of events. Raises Conflict for one that is not sealed."""
        return proof_file.text(self._shown(events), self._note)

    def _shown(self, events: Said) -> Iterator[Shown]:
        for header, said in events.items():
            index = scalar(self._conn, seals.SQL["index"], {"position": header.position})
            if index is None or index >= self._size:
                if said is None:  # of the events after the checkpoint
                    continue
                raise Conflict(NOT_YET)
            try:
                path = proofs.inclusion(self._node, index, self._size)
            except LookupError:
                raise Conflict(DAMAGED) from None
            yield Shown(index, leaf.encode(header), path, *(said or (None, None)))
