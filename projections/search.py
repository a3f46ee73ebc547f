"""search: the newest version of every record, as a search reads it. Its SQL is in search.sql.

Objects are found by a condition (projections/conditions.py): on a short walk from the newest one,
which is enough where many match; else in an index, where the condition can be asked of one; else on
a walk through all that the asker may view.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.errors import DataError, ProgramLimitExceeded, QueryCanceled, StatementTooComplex

from domain.erasure import Erased
from domain.errors import Invalid
from domain.event import Entry
from domain.record import Published
from projections import sql
from projections.asking import Compiled, granted, visible
from projections.columns import Jsonb
from projections.database import Db, fetch, reading_pool, serving
from projections.objects import Filter, Page, array, asked_of, page_of
from projections.searchable import searchable
from projections.view import Key, View

log = logging.getLogger(__name__)

SQL = {
    name: text.replace("{visible}", visible("r"))
    .replace("{granted}", granted("r"))
    .replace("{filtered}", sql.load("search")["filtered"])
    for name, text in sql.load("search").items()
}


class Searched(Struct, frozen=True):
    """What is searched of a record."""

    record: UUID
    version: int  # the newest
    document: Jsonb


view = View("search", Searched, key=("record",))


@view.on(Published)
def published(entry: Entry[Published]) -> Iterator[tuple[Key, Searched]]:
    """Give the newest version in place of the one before."""
    event = entry.event
    yield (entry.stream,), Searched(entry.stream, event.number, searchable(event.body))


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, None]]:
    """Take the newest version away, if it was erased."""
    if entry.event.newest:
        yield (entry.stream,), None


def searching_pool(database_url: str, size: int, seconds: int = 5) -> Db:
    """Return a pool for searches: each is a statement of its own, planned for what it asks.

    None takes longer than so many seconds.
    """
    conninfo = serving(
        database_url,
        "search",
        statement_timeout=f"{seconds}s",
        plan_cache_mode="force_custom_plan",
    )
    return reading_pool(conninfo, size, prepared=False)


async def found(db: Db, principals: Sequence[UUID], wanted: Filter, condition: Compiled) -> Page:
    """Return the first page of the objects that match, highest number first. Raises Invalid."""
    params = asked_of(wanted, principals) | condition.params
    rows = []
    if not condition.exact:
        rows = await ask(db, _page(SQL["near"], condition), params)
    if len(rows) < params["limit"]:
        rows = await ask(db, _page(_way(condition), condition), params)
    return page_of(wanted, rows)


async def count(
    db: Db, principals: Sequence[UUID], wanted: Filter, condition: Compiled | None
) -> int:
    """Return how many objects match, or how many may be viewed. Raises Invalid."""
    params = asked_of(wanted, principals)
    way = SQL["viewable"]
    if condition is not None:
        way = filled(_way(condition), condition)
        params |= condition.params
    rows = await ask(db, SQL["count"].replace("{found}", way), params)
    return int(rows[0][0])


async def referring(
    db: Db, principals: Sequence[UUID], numbers: Sequence[int]
) -> dict[int, list[int]]:
    """Return which objects that may be viewed refer to which of some, by number. Raises Invalid."""
    found: dict[int, list[int]] = {number: [] for number in numbers}
    params = {"principals": array(principals), "numbers": list(numbers)}
    for named, number in await ask(db, SQL["referring"], params):
        found[named].append(number)
    return found


async def referred(db: Db, principals: Sequence[UUID], record: UUID) -> list[int]:
    """Return the numbers of what a record refers to, of what may be viewed. Raises Invalid."""
    params = {"principals": array(principals), "record": record}
    return [number for (number,) in await ask(db, SQL["referred"], params)]


def _way(condition: Compiled) -> str:
    return SQL["every" if condition.hint is None else "hit"]


def _page(way: str, condition: Compiled) -> str:
    return SQL["page"].replace("{found}", filled(way, condition))


def filled(way: str, condition: Compiled) -> str:
    """Return one of the ways to objects, as a condition is asked on it."""
    return (
        way.replace("{viewable}", SQL["viewable"])
        .replace("{hint}", condition.hint or "")
        .replace("{condition}", "true" if condition.exact else condition.text)
    )


async def ask(db: Db, statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a search.

    Raises Invalid where it takes too long, is too complex, or asks for what PostgreSQL has no value
    for, such as a regular expression of its own that it does not understand.
    """
    try:
        return await fetch(db, statement, params)
    except QueryCanceled:
        raise Invalid("The search takes too long; ask for something more specific.") from None
    except (StatementTooComplex, ProgramLimitExceeded):
        raise Invalid("The search is too complex.") from None
    except DataError:
        log.exception("A search asks for what cannot be evaluated.")  # it should have been refused
        raise Invalid("The search asks for what cannot be evaluated.") from None
