"""Deposits and their types as CAP's readers ask for them.

It has no table of its own. Its SQL is in deposits.sql.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access import Level
from domain.family import Family
from domain.record import Record
from domain.values import Content, Manifest
from projections import families, known, manifest_pages, records, sql, texts
from projections.asking import Compiled
from projections.database import Db, fetch, fetch_one
from projections.objects import array
from projections.published import BUDGET
from projections.search import ask
from projections.searchable import LARGE

SQL = sql.load("deposits")
_content = msgspec.json.Decoder(Content).decode
_manifest = msgspec.json.Decoder(Manifest).decode
_COLUMNS = ", ".join(
    f"{table}.{each.name}"
    for table, columns in (("r", records.view.columns), ("f", families.view.columns))
    for each in columns.all
)
_ONE = SQL["one"].replace("{columns}", _COLUMNS)
ONE = _ONE.replace("{which}", "r.id = %(id)s").replace("{said}", SQL["said"])
STANDING = _ONE.replace("{which}", "r.id = ANY(%(ids)s::uuid[])").replace("{said}", "''::bytea")
THOSE = SQL["those"].replace("{columns}", _COLUMNS).replace("{said}", SQL["said"])
PAGE = (
    SQL["page"]
    .replace("{from_held}", SQL["from_held"])
    .replace("{from_types}", SQL["from_types"])
    .replace("{types_asked}", SQL["types_asked"])
)
MANY = 10_000  # grants, of which all are not looked at to begin with where drafts may be fewer


class Found(Struct, frozen=True):
    """A record, what it says, and the rung that the asker holds on it."""

    record: Record
    family: Family
    schema_version: int  # of its action, that it is held to, or was
    is_deposit: bool  # whether it is under a deposit type
    document: bytes | None  # b"": it did not come with it; None: it was deleted, or erased
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
    """Return a record, whichever door made it, with its document; or None."""
    row = await fetch_one(db, ONE, {"id": id_, "principals": array(principals)})
    return None if row is None else _found(row)


async def those(db: Db, ids: Sequence[UUID], principals: Sequence[UUID]) -> list[Found]:
    """Return those of these records that there are, in their order, each as `one` does.

    A document beyond the budget is b"": `one` gives it.
    """
    params = {"ids": array(ids), "principals": array(principals), "budget": BUDGET}
    return [_found(row) for row in await fetch(db, THOSE, params)]


async def standing(db: Db, ids: Sequence[UUID], principals: Sequence[UUID]) -> dict[UUID, Found]:
    """Return those of these records that there are, by their ids, without what they say."""
    rows = await fetch(db, STANDING, {"ids": array(ids), "principals": array(principals)})
    return {each.record.id: each for each in map(_found, rows)}


def _found(row: tuple[Any, ...]) -> Found:
    of_record, of_family = len(records.view.columns.all), len(families.view.columns.all)
    record = records.view.columns.load(row[:of_record])
    family = families.view.columns.load(row[of_record : of_record + of_family])
    language, newest, document, level = row[of_record + of_family :]
    held = newest if record.draft is not None else record.schema_version or newest
    return Found(record, family, held, language == "cap", document, Level(level))


async def page(db: Db, wanted: Wanted) -> tuple[int, list[UUID]]:
    """Return how many deposits are wanted, and the page of them. Raises Invalid."""
    [row] = await ask(db, *statement(wanted))
    return row[0], row[1]


def statement(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the statement that gives a page, and its parameters."""
    condition, asked, rank = wanted.condition, "true", "0"
    owned = "true" if wanted.owner is None else SQL["owned"]
    params: dict[str, Any] = {
        "principals": array(wanted.principals),
        "preview": int(Level.PREVIEW),
        "type": wanted.type,
        "owner": wanted.owner,
        "large": LARGE,
        "many": MANY,
        "limit": wanted.limit,
        "offset": wanted.offset,
    }
    if condition is not None:
        asked = condition.text.replace(known.SQL["updated"], "r.recorded_at")
        params |= condition.params
        if wanted.by_match and condition.words is not None:
            rank = f"ts_rank({texts.DOCUMENT}, {condition.words})"
    text = PAGE.replace("{owned}", owned).replace("{condition}", asked).replace("{rank}", rank)
    return text, params


async def holders(db: Db, ids: Iterable[UUID]) -> list[Holder]:
    """Return those of the ids that are accounts or groups, by name."""
    rows = await fetch(db, SQL["holders"], {"ids": array(list(ids))})
    return [Holder(*row) for row in rows]


async def contents(db: Db, record: UUID, key: str) -> AsyncIterator[tuple[datetime, Content]]:
    """Give all that a file of a deposit consisted of, and since when it did: put, or imported."""
    asked = {"record": record, "key": key}
    rows: list[tuple[Any, ...]] = await fetch(db, SQL["committed"], asked)
    for at, content in rows:
        yield at, _content(content)
    for at, manifest in await fetch(db, SQL["imported"], asked):
        entry = await manifest_pages.one(db, _manifest(manifest), key)
        if entry is not None:
            yield at, entry.content


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
