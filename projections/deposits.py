"""Deposits and their types as CAP's readers ask for them.

It has no table of its own. Its SQL is in deposits.sql.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access import Level
from domain.family import Family
from domain.record import Record
from domain.values import Content
from projections import families, known, records, sql, texts
from projections.asking import Compiled
from projections.database import Db, fetch, fetch_one
from projections.objects import array
from projections.search import ask
from projections.searchable import LARGE

SQL = sql.load("deposits")
_content = msgspec.json.Decoder(Content).decode
_ONE = SQL["one"].replace(
    "{columns}",
    ", ".join(
        f"{table}.{each.name}"
        for table, columns in (("r", records.view.columns), ("f", families.view.columns))
        for each in columns.all
    ),
)
_SOME = _ONE.replace("{which}", "r.id = ANY(%(ids)s::uuid[])")
ONE = _ONE.replace("{which}", "r.id = %(id)s").replace("{said}", SQL["said"])
THOSE = _SOME.replace("{said}", SQL["said"])
STANDING = _SOME.replace("{said}", "''::bytea")


class Found(Struct, frozen=True):
    """A record, what it says, and the rung that the asker holds on it."""

    record: Record
    family: Family
    schema_version: int  # of its action, that it is held to, or was
    is_deposit: bool  # whether it is under a deposit type
    document: bytes
    level: Level


class Holder(Struct, frozen=True):
    """Somebody who may hold rights: an account, or a group."""

    id: UUID
    name: str
    email: str | None
    is_group: bool


class Type(Struct, frozen=True):
    """The action of a deposit type; `version` is the number of its newest schema."""

    id: UUID
    name: str
    version: int


class Wanted(Struct, frozen=True, kw_only=True):
    """Which deposits, of those that are drafts and that the principals may see, and which page."""

    principals: Sequence[UUID]
    type: str | None = None
    owner: UUID | None = None
    condition: Compiled | None = None
    by_match: bool = False  # else the last changed comes first
    limit: int
    offset: int


async def one(db: Db, id_: UUID, principals: Sequence[UUID]) -> Found | None:
    """Return a record, whichever door made it, or None.

    Without a document it was deleted, or that was erased.
    """
    row = await fetch_one(db, ONE, {"id": id_, "principals": array(principals)})
    return None if row is None else _found(row)


async def those(db: Db, ids: Sequence[UUID], principals: Sequence[UUID]) -> list[Found]:
    """Return those of these records that there are, in their order, each as `one` does."""
    found = await _those(db, THOSE, ids, principals)
    return [found[each] for each in ids if each in found]


async def standing(db: Db, ids: Sequence[UUID], principals: Sequence[UUID]) -> dict[UUID, Found]:
    """Return those of these records that there are, by their ids, without what they say."""
    return await _those(db, STANDING, ids, principals)


async def _those(
    db: Db, statement: str, ids: Sequence[UUID], principals: Sequence[UUID]
) -> dict[UUID, Found]:
    rows = await fetch(db, statement, {"ids": array(ids), "principals": array(principals)})
    return {each.record.id: each for each in map(_found, rows)}


def _found(row: tuple[Any, ...]) -> Found:
    of_record, of_family = len(records.view.columns.all), len(families.view.columns.all)
    record = records.view.columns.load(row[:of_record])
    family = families.view.columns.load(row[of_record : of_record + of_family])
    language, newest, document, level = row[of_record + of_family :]
    held = newest if record.draft is not None else record.schema_version or newest
    return Found(record, family, held, language == "cap", document or b"", Level(level))


async def page(db: Db, wanted: Wanted) -> tuple[int, list[UUID]]:
    """Return how many deposits are wanted, and the page of them. Raises Invalid."""
    [row] = await ask(db, *statement(wanted))
    return row[0], row[1]


def statement(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the statement that gives a page, and its parameters."""
    condition, asked, rank = wanted.condition, "true", "0"
    params: dict[str, Any] = {
        "principals": array(wanted.principals),
        "preview": int(Level.PREVIEW),
        "type": wanted.type,
        "owner": wanted.owner,
        "large": LARGE,
        "limit": wanted.limit,
        "offset": wanted.offset,
    }
    if condition is not None:
        asked = condition.text.replace(known.SQL["updated"], "r.recorded_at")
        params |= condition.params
        if wanted.by_match and condition.words is not None:
            rank = f"ts_rank({texts.DOCUMENT}, {condition.words})"
    return SQL["page"].replace("{condition}", asked).replace("{rank}", rank), params


async def holders(db: Db, ids: Iterable[UUID]) -> list[Holder]:
    """Return those of the ids that are accounts or groups, by name."""
    rows = await fetch(db, SQL["holders"], {"ids": array(list(ids))})
    return [Holder(*row) for row in rows]


async def contents(db: Db, record: UUID, key: str) -> list[tuple[datetime, Content]]:
    """Return all that a file of a deposit consisted of, the first first."""
    rows: list[tuple[Any, ...]] = await fetch(db, SQL["content"], {"record": record, "key": key})
    return [(at, _content(content)) for at, content in rows]


async def types(db: Db) -> list[Type]:
    """Return the types that deposits may be made under, the generic one first."""
    return [Type(*row) for row in await fetch(db, SQL["types"])]


async def type_(db: Db, id_: UUID) -> Type | None:
    """Return a type, or None."""
    row = await fetch_one(db, SQL["type"], {"id": id_})
    return None if row is None else Type(*row)


async def is_type(db: Db, action: UUID) -> bool:
    """Whether an action is a deposit type, which never changes."""
    return await type_(db, action) is not None
