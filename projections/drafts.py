"""drafts: the document of every open draft. Its SQL is in drafts.sql.

A draft that was opened again and not yet saved has the document of the newest version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.access import Level
from domain.draft import Draft
from domain.drafting import DraftDiscarded, DraftReopened, DraftSaved, kept
from domain.erasure import Erased
from domain.event import Entry
from domain.family import Family
from domain.identifiers import record_id
from domain.record import Published, Record
from domain.values import Body
from projections import families, records
from projections.database import Db, fetch, fetch_one
from projections.objects import array
from projections.published import BUDGET
from projections.view import Key, View

view = View("drafts", Draft, key=("record",), replaced=True)

_COLUMNS = ", ".join(
    f"{table}.{each.name}"
    for table, columns in (
        ("r", records.view.columns),
        ("f", families.view.columns),
        ("d", view.columns),
    )
    for each in columns.all
)
ONE = view.sql["one"].replace("{columns}", _COLUMNS)
THOSE = view.sql["those"].replace("{columns}", _COLUMNS)


class Found(Struct, frozen=True):
    """An open draft with its document, and the rung that the asker holds on it."""

    record: Record
    family: Family
    draft: Draft
    level: Level


@view.on(DraftSaved)
def saved(entry: Entry[DraftSaved]) -> Iterator[tuple[Key, Draft]]:
    """Give what was kept."""
    yield (entry.stream,), kept(entry)


@view.on(DraftReopened)
def reopened(entry: Entry[DraftReopened]) -> Iterator[tuple[Key, Draft]]:
    """Give the draft, as the newest version is."""
    yield (entry.stream,), kept(entry)


@view.on(DraftDiscarded)
def discarded(entry: Entry[DraftDiscarded]) -> Iterator[tuple[Key, None]]:
    """Take it away."""
    yield (entry.stream,), None


@view.on(Published)
def published(entry: Entry[Published]) -> Iterator[tuple[Key, None]]:
    """Take it away, if it was the draft that became a version."""
    if entry.event.from_draft:
        yield (entry.stream,), None


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, None]]:
    """Take it away, if it was erased."""
    if entry.event.drafts or entry.event.whole:
        yield (entry.stream,), None


async def one(db: Db, pid: str, principals: Sequence[UUID]) -> Found | None:
    """Return the open draft of the record that a public id names; None when none is open."""
    params = {"id": record_id(pid), "principals": array(principals)}
    row = await fetch_one(db, ONE, params)
    return None if row is None else _found(row)


async def those(db: Db, ids: Sequence[UUID], principals: Sequence[UUID]) -> list[Found]:
    """Return the open drafts of those of these records that have one, in their order.

    What was sent does not come with them. A document beyond the budget is b"": `one` gives it.
    """
    params = {"ids": array(ids), "principals": array(principals), "budget": BUDGET}
    return [_found(row) for row in await fetch(db, THOSE, params)]


def _found(row: tuple[Any, ...]) -> Found:
    of_record, of_family = len(records.view.columns.all), len(families.view.columns.all)
    record = records.view.columns.load(row[:of_record])
    family = families.view.columns.load(row[of_record : of_record + of_family])
    draft = view.columns.load(row[of_record + of_family : -2])
    if row[-2] is not None:
        draft = replace(draft, document=Body(row[-2]))
    return Found(record, family, draft, Level(row[-1]))
