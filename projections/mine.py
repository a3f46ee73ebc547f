"""mine: what somebody owns, drafts as well as published records, as he searches it.

It has no table of its own. Its SQL is in mine.sql. What the follower knows of what he has published
is read from its tables (projections/listing.py), by an index of who owns what. A draft has no row
in these: it is evaluated as it stands, and so is what changed since the follower came by.
"""

from __future__ import annotations

from typing import Any, Literal, get_args
from uuid import UUID

import orjson
from msgspec import Struct

from domain.access import SIGNED_IN, Level
from domain.errors import Invalid
from projections import asking, known, listing, sql, texts
from projections.asking import Compiled
from projections.cursor import UNKNOWN
from projections.database import Db
from projections.objects import array
from projections.search import ask
from projections.searchable import LARGE
from projections.wanted import Sort

Facet = Literal[
    "is_published",
    "resource_type",
    "access_status",
    "languages",
    "publication_date",
    "file_type",
]
FACETS: tuple[Facet, ...] = get_args(Facet)
_TEXTS = sql.parts(
    sql.load("listed") | listing.SQL | sql.load("mine"),
    viewable=asking.visible("r"),
    status=known.SQL["access_status"],
    updated=known.SQL["updated"],
    may_list=known.SQL["lists"],
)
_KEYS: dict[Sort, tuple[str, bool]] = {  # what is sorted by, and whether the highest comes first
    "newest": ("created_at", True),
    "oldest": ("created_at", False),
    "updated-desc": ("updated_at", True),
    "updated-asc": ("updated_at", False),
    "version": ("index", True),
}


class Place(Struct, frozen=True, array_like=True):
    """Where a list goes on: after a record, by what it was sorted by, as PostgreSQL writes it."""

    sort: Sort
    key: str
    number: int


class Wanted(Struct, frozen=True, kw_only=True):
    """Which records of an account's own, and which page of them: as projections.listed.Wanted."""

    owner: UUID
    principals: tuple[UUID, ...]
    condition: Compiled | None = None
    sort: Sort = "updated-desc"
    limit: int = 10
    offset: int = 0
    after: Place | None = None
    all_versions: bool = False
    selected: dict[Facet, tuple[str, ...]] = {}


class Found(Struct, frozen=True):
    """A page in order, with whether it is the draft of each that was found; how many there are.

    `facets` are as in projections.listed.Found; `next` is after what the rest of them comes.
    """

    records: tuple[tuple[UUID, bool], ...]
    total: int
    facets: dict[Facet, list[tuple[str, int]]]
    next: Place | None


async def find(db: Db, wanted: Wanted) -> Found:
    """Return a page of what is wanted. Raises Invalid: too slow, or no such cursor."""
    [(total, counts, ids, drafts, key, number)] = await ask(db, *statement(wanted))
    facets: dict[Facet, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for each in orjson.loads(counts or b"[]"):
        facets[each["facet"]].append((each["value"], each["count"]))
    records = tuple(zip(ids or (), drafts or (), strict=True))
    more = len(records) > wanted.limit
    following = Place(wanted.sort, key, number) if more else None
    return Found(records[: wanted.limit], total, facets, following)


def statement(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the statement that gives a page, and its parameters. Raises Invalid."""
    condition = wanted.condition
    key, own_key, descending = _order(wanted)
    missed = ", ".join(
        f"CASE WHEN ({_selected(name)}) IS NOT TRUE THEN '{name}' END" for name in wanted.selected
    )
    text = (
        _TEXTS["page"]
        .replace("{missed}", missed)
        .replace("{order}", "key {direction}, number {direction}")
        .replace("{direction}", "DESC" if descending else "ASC")
        .replace("{beyond}", "<" if descending else ">")
        .replace("{beside}", _beside(condition))
        .replace("{own_key}", own_key)
        .replace("{key}", key)
        .replace("{own_condition}", _of_own(condition))
        .replace("{condition}", _of_listed(condition))
    )
    last = wanted.after
    if last is not None and last.sort != wanted.sort:
        raise Invalid(UNKNOWN)
    params: dict[str, Any] = {
        "owner": wanted.owner,
        "principals": array(wanted.principals),
        "signed_in": SIGNED_IN in wanted.principals,
        "all_versions": wanted.all_versions,
        "preview": int(Level.PREVIEW),
        "large": LARGE,
        "limit": wanted.limit,
        "offset": wanted.offset,
        "key": last and last.key,
        "number": last and last.number,
    }
    params |= {name: list(values) for name, values in wanted.selected.items()}
    return text, params | (condition.params if condition is not None else {})


def _order(wanted: Wanted) -> tuple[str, str, bool]:
    """Return what rows l of `listed` are sorted by, and rows r of one's own; whether downwards."""
    condition = wanted.condition
    if wanted.sort == "bestmatch" and condition is not None and condition.words is not None:
        rank = f"ts_rank({{}}, {condition.words})::numeric"
        return rank.format("l.words"), rank.format(texts.DOCUMENT), True
    column, descending = _KEYS.get(wanted.sort, _KEYS["updated-desc"])
    key = "{}.index::numeric" if column == "index" else f"extract(epoch FROM {{}}.{column})"
    return key.format("l"), key.format("r"), descending


def _selected(name: Facet) -> str:
    return _TEXTS["chosen_is_published" if name == "is_published" else f"selected_{name}"]


def _of_own(condition: Compiled | None) -> str:
    """Return what is asked of rows r of one's own, which know more than those of records do."""
    if condition is None:
        return "true"
    latest = known.SQL["versions_is_latest"]
    return condition.text.replace(known.SQL["updated"], "r.updated_at").replace(
        latest, latest.replace("r.versions", "r.published")
    )


def _of_listed(condition: Compiled | None) -> str:
    """Return what is asked of rows l of `listed`: first what is kept of them, or in an index."""
    if condition is None:
        return "true"
    asked = [] if condition.families is None else [f"l.family IN ({condition.families})"]
    if condition.words is not None:
        asked.append(f"l.words @@ {condition.words}")
    if not condition.settled:
        if condition.words is None and condition.hint is not None:
            asked.append(f"l.record IN (SELECT hit.record FROM ({condition.hint}) hit)")
        asked.append(_at_hand(condition))
    return " AND ".join(asked)


def _beside(condition: Compiled | None) -> str:
    """Return what a condition asks beside rows l of `listed`."""
    if condition is None or condition.settled:
        return ""
    records = "JOIN records r ON r.id = l.record"
    if "s.document" not in _at_hand(condition):
        return records
    return f"{records} JOIN search s ON s.record = l.record"


def _at_hand(condition: Compiled) -> str:
    """Return a condition as rows l of `listed` know what it asks."""
    text = condition.text.replace(texts.DOCUMENT, "l.words")
    return text.replace(known.SQL["updated"], "l.updated_at")
