"""mine: what somebody owns, drafts as well as published records, as he searches it.

It has no table of its own. Its SQL is in mine.sql. A draft has no row in the tables of searches:
what somebody owns is found by an index, and each is held against the condition. Of what is
published the words and facets are asked that are kept of it, where they are of its newest version.
"""

from __future__ import annotations

import re
from typing import Any, Literal, get_args
from uuid import UUID

import orjson
from msgspec import Struct

from domain.access import Level
from domain.errors import Invalid
from projections import asking, known, listing, sql
from projections.asking import Compiled
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
_PARTS = sql.load("mine")
_PAGE = listing.parts(
    _PARTS,
    visible=asking.visible("r"),
    status=known.SQL["access_status"],
    facets=listing.SQL["facets"],
    counts=" UNION ALL ".join(_PARTS["counted"].replace("{facet}", each) for each in FACETS),
)["page"]
_WORDS = "coalesce(l.words, es.words(s.document))"
_UPDATED = (
    "extract(epoch FROM coalesce(r.saved_at, (SELECT v.recorded_at FROM versions v"
    " WHERE v.record = r.id AND v.number = r.versions - 1)))"
)
_CREATED = "extract(epoch FROM r.created_at)"
_KEYS: dict[Sort, tuple[str, bool]] = {  # what is sorted by, and whether the highest comes first
    "newest": (_CREATED, True),
    "oldest": (_CREATED, False),
    "updated-desc": (_UPDATED, True),
    "updated-asc": (_UPDATED, False),
    "version": ("r.index::numeric", True),
}
_CURSOR = re.compile(r"([0-9]{1,30}(?:\.[0-9]{1,30})?)_([0-9]{1,18})")


class Wanted(Struct, frozen=True, kw_only=True):
    """Which records of an account's own, and which page of them: as projections.listed.Wanted."""

    owner: UUID
    principals: tuple[UUID, ...]
    condition: Compiled | None = None
    sort: Sort = "updated-desc"
    limit: int = 10
    offset: int = 0
    after: str | None = None
    all_versions: bool = False
    selected: dict[Facet, tuple[str, ...]] = {}


class Found(Struct, frozen=True):
    """A page in order, with whether it is the draft of each that was found; how many there are.

    `facets` and `next` are as in projections.listed.Found.
    """

    records: tuple[tuple[UUID, bool], ...]
    total: int
    facets: dict[Facet, list[tuple[str, int]]]
    next: str | None


async def find(db: Db, wanted: Wanted) -> Found:
    """Return a page of what is wanted. Raises Invalid: too slow, or no such cursor."""
    [(total, counts, ids, drafts, key, number)] = await ask(db, *statement(wanted))
    facets: dict[Facet, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for each in orjson.loads(counts or b"[]"):
        facets[each["facet"]].append((each["value"], each["count"]))
    records = tuple(zip(ids or (), drafts or (), strict=True))
    more = len(records) > wanted.limit
    return Found(records[: wanted.limit], total, facets, f"{key}_{number}" if more else None)


def statement(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the statement that gives a page, and its parameters. Raises Invalid."""
    condition = wanted.condition
    key, descending = _KEYS.get(wanted.sort, _KEYS["updated-desc"])
    if wanted.sort == "bestmatch" and condition is not None and condition.words is not None:
        key, descending = f"ts_rank({_WORDS}, {condition.words})::numeric", True
    missed = ", ".join(
        f"CASE WHEN NOT coalesce({name} && %(of_{name})s::text[], false) THEN '{name}' END"
        for name in wanted.selected
    )
    text = (
        _PAGE.replace("{condition}", _condition(condition))
        .replace("{needed}", "l.words IS NULL" if _decided(condition) else "true")
        .replace("{key}", key)
        .replace("{missed}", missed)
        .replace("{direction}", "DESC" if descending else "ASC")
        .replace("{beyond}", "<" if descending else ">")
    )
    last = _last(wanted.after)
    params = {
        "owner": wanted.owner,
        "principals": array(wanted.principals),
        "all_versions": wanted.all_versions,
        "preview": int(Level.PREVIEW),
        "large": LARGE,
        "limit": wanted.limit,
        "offset": wanted.offset,
        "key": last and last[0],
        "number": last and last[1],
    }
    params |= {f"of_{name}": list(values) for name, values in wanted.selected.items()}
    return text, params | (condition.params if condition is not None else {})


def _condition(condition: Compiled | None) -> str:
    """Return what is asked of each: first of the words that are kept, if there are."""
    if condition is None:
        return "true"
    if condition.words is None:
        return condition.text
    kept = f"l.words @@ {condition.words}"
    if condition.families is not None:
        kept += f" AND r.family IN ({condition.families})"
    if not _decided(condition):  # words that ask for nothing are never satisfied
        kept = f"(numnode({condition.words}) = 0 OR {kept}) AND {condition.text}"
    return f"CASE WHEN l.words IS NULL THEN {condition.text} ELSE {kept} END"


def _decided(condition: Compiled | None) -> bool:
    """Whether the words that are kept decide, or what the record is in, and nothing else does."""
    return condition is None or condition.settled


def _last(after: str | None) -> tuple[str, int] | None:
    """Return the key and the number of the record that a cursor stands behind. Raises Invalid."""
    if after is None:
        return None
    found = _CURSOR.fullmatch(after)
    if found is None:
        raise Invalid("after must be as a link to the next page has it.")
    return found[1], int(found[2])
