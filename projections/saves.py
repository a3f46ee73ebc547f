"""Under audit: the events of each save, in order of position. None is missing, all are of a moment.

A save is one transaction. Its events stand at positions one after the other, from the ordinal 0
on, and each was recorded at the moment of the save, or one microsecond after the event before it in
its stream where that was no earlier (domain/event.py, next_instant).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.event import TICK
from projections import sql
from projections.findings import RESTORE, Finding, Placed, at

SQL = sql.load("saves")

BATCH = 1000  # events in memory at once, and those of one save
ORDINAL = 20  # bits of a position; those above are the save's


def findings(conn: Connection[Any]) -> Iterator[Finding]:
    """Give what is wrong with the saves of the whole log."""
    for first, events in groupby(_events(conn), lambda event: event.position >> ORDINAL << ORDINAL):
        save = [*events]
        yield from _gaps(save, first)
        if len(save) > 1:
            yield from _moments(conn, save)


def _events(conn: Connection[Any]) -> Iterator[Placed]:
    with conn.cursor("saves", binary=True) as cursor:
        cursor.execute(SQL["placed"])
        while batch := cursor.fetchmany(BATCH):
            for row in batch:
                yield Placed(*row)


def _gaps(save: Sequence[Placed], first: int) -> Iterator[Finding]:
    """Give the places of a save, from its `first` position on, where an event is missing."""
    expected = first
    for event in save:
        if event.position != expected:
            what = f"{event.topic}, event {event.version} of the stream {event.stream}"
            message = f"an event is missing here: the same save has {what}"
            message += f" at position {event.position}"
            yield Finding("gap", message, RESTORE, position=expected)
        expected = event.position + 1


def _moments(conn: Connection[Any], save: Sequence[Placed]) -> Iterator[Finding]:
    """Give the events of a save that were recorded at another moment than its others."""
    earliest = min(event.recorded_at for event in save)
    last: dict[UUID, datetime] = {}  # by stream
    odd = False
    for event in save:
        followed = last.get(event.stream)
        last[event.stream] = event.recorded_at
        if event.recorded_at != earliest and (
            followed is None or event.recorded_at != followed + TICK
        ):
            odd = True
    if not odd:  # as nearly always: no other event need be looked up
        return
    unforced = [event for event in save if not _forced(conn, event)]
    moments = Counter(event.recorded_at for event in unforced)
    for event in unforced:
        if event.recorded_at != moments.most_common(1)[0][0]:
            message = "it was not recorded at the moment of the other events of its save"
            yield at(event, "order", message)


def _forced(conn: Connection[Any], event: Placed) -> bool:
    """Whether an event was recorded when it was because of the one before it, or may have been."""
    if event.version == 1:
        return False
    params = {"stream": event.stream, "version": event.version - 1}
    row = conn.execute(SQL["recorded_at"], params).fetchone()
    return row is None or event.recorded_at == row[0] + TICK
