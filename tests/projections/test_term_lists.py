"""Lists of terms: what they find, in which order, and that an index is asked for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from domain.commands import accounts, terms
from domain.errors import Invalid
from domain.term import Content, Ref
from projections import asking
from projections.conditions import HasWords
from projections.database import connect, reading_pool, serving
from projections.search import searching_pool
from projections.term_lists import Page, Place, Sort, Wanted, listing, page
from tests.writing import log_on

NAMES = {
    "abdo": Content(subject="Torso", scheme="Other"),
    "D1": Content(subject="Abdomen, Acute", scheme="MeSH", tags=("body", "ill")),
    "D2": Content(subject="Abdomen", scheme="MeSH", tags=("body",)),
    "D3": Content(subject="Acute abdomens", scheme="MeSH"),
    "D4": Content(subject="Bauch", scheme="Other", title={"fr": "Abdomén", "de": "Bauch"}),
    "D5": Content(subject="Gone: abdomen", scheme="Other"),
    "D6": Content(subject="Zinc", scheme="Metals", description={"en": "Of no abdomen"}),
    "D7": Content(subject="x" * 10_000, scheme="Long", tags=("y" * 3000,)),
}


@pytest.fixture(scope="module")
def subjects(database: str) -> str:
    """A database whose only subjects are these; one of them is retired."""
    with log_on(database) as log:
        log.run(accounts.OPERATOR, terms.put, {Ref("subjects", key): NAMES[key] for key in NAMES})
        log.run(accounts.OPERATOR, terms.retire, Ref("subjects", "D5"))
    return database


def listed(database: str, **wanted: Any) -> tuple[int, list[str]]:
    """How many terms there are in all, and the ids of a page."""
    found = read(database, Wanted(**{"type": "subjects", "limit": 10, **wanted}))
    return found.total, [term.key for term in found.terms]


def read(database: str, wanted: Wanted) -> Page:
    """A page of a list."""

    async def run() -> Page:
        db = reading_pool(serving(database, "test"), 1)
        searching = searching_pool(database, 1)
        await db.open()
        await searching.open()
        try:
            return await page(db, searching, wanted)
        finally:
            await db.close()
            await searching.close()

    return asyncio.run(run())


def test_all_of_a_vocabulary_is_listed_by_name_without_what_is_retired(subjects: str) -> None:
    """Page by page, each with how many there are in all."""
    assert listed(subjects) == (7, ["D2", "D1", "D3", "D4", "abdo", "D7", "D6"])
    assert listed(subjects, limit=2, offset=1) == (7, ["D1", "D3"])
    assert listed(subjects, limit=2, offset=7) == (7, [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("abdomen", ["D2", "D4", "D1", "D3"]),
        ("ABDÓMEN", ["D2", "D4", "D1", "D3"]),
        ("abdo", ["abdo", "D2", "D1", "D4", "D3"]),
        ("abdomen acu", ["D1", "D3"]),
        ("acute abdo", ["D3", "D1"]),
        ("d1", ["D1"]),
        ("ill", []),
        ("no", []),
        ("+", []),
        ("it's \\ abdomen'", []),
        ("x" * 10_000, ["D7"]),
    ],
)
def test_a_name_that_is_it_is_suggested_before_those_that_begin_so(
    subjects: str, text: str, found: list[str]
) -> None:
    """And these before those that have its words, which may have begun only; by name alone."""
    suggested = listed(subjects, suggest=text, text=text, sort="bestmatch")

    assert suggested == (len(found), found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"tags": ("body",)}, ["D2", "D1"]),
        ({"tags": ("ill", "none")}, ["D1"]),
        ({"tags": ("none",)}, []),
        ({"tags": ("y" * 3000,)}, ["D7"]),
        ({"schemes": ("mesh", "metals")}, ["D2", "D1", "D3", "D6"]),
        ({"schemes": ("mesh",), "suggest": "acute"}, ["D1", "D3"]),
        ({"schemes": ("' | '/subjects",)}, []),
    ],
)
def test_tags_and_schemes_narrow_a_list(
    subjects: str, wanted: dict[str, Any], found: list[str]
) -> None:
    """Any of several is enough."""
    assert listed(subjects, **wanted) == (len(found), found)


def test_a_condition_is_asked_of_all_that_a_term_says(subjects: str) -> None:
    """Its description too; a condition without any words finds nothing."""
    for text, found in (("no abdomen", ["D6"]), ("mesh", ["D2", "D1", "D3"]), ("+", [])):
        condition = asking.compiled(HasWords(text))
        assert listed(subjects, condition=condition, text=text) == (len(found), found)


@pytest.mark.parametrize("sort", ["title", "bestmatch", "newest", "oldest"])
def test_a_walk_shows_each_term_once(subjects: str, sort: Sort) -> None:
    """From place to place, in the order of the whole list; what ends it is a page without one."""
    wanted = Wanted(type="subjects", sort=sort, limit=3)
    walked: list[str] = []
    while True:
        found = read(subjects, wanted)
        assert found.total == 7
        walked += [term.key for term in found.terms]
        if found.next is None:
            break
        wanted = replace(wanted, after=found.next)

    assert walked == listed(subjects, sort=sort)[1]


def test_a_walk_does_not_go_on_in_another_list(subjects: str) -> None:
    """Neither in another order, nor where not all is wanted."""
    place = read(subjects, Wanted(type="subjects", limit=1)).next
    for wanted in (
        Wanted(type="subjects", limit=1, after=place, sort="newest"),
        Wanted(type="subjects", limit=1, after=place, suggest="abdo"),
    ):
        with pytest.raises(Invalid, match="no such place"):
            read(subjects, wanted)


@pytest.mark.parametrize("sort", ["title", "bestmatch", "newest", "oldest"])
def test_a_page_of_all_is_read_from_an_index_in_its_order(database: str, sort: Sort) -> None:
    """In a new database too: nothing is sorted, and no table is read whole."""
    place = Place(sort, "tin", datetime.now(UTC), "tin")
    of_all = Wanted(type="affiliations", sort=sort, limit=25)
    for wanted in (replace(of_all, offset=9975), replace(of_all, after=place)):
        found = plan(database, wanted)

        index = "created_at" if sort in ("newest", "oldest") else "sorted_by"
        assert f"terms_type_{index}_key_id_idx on terms near" in found
        assert "Sort" not in found
        assert "Seq Scan" not in found


@pytest.mark.parametrize(
    "asked",
    [
        {"suggest": "abdo", "text": "abdo"},
        {"tags": ("living",)},
        {"schemes": ("mesh",)},
        {"condition": asking.compiled(HasWords("abdomen"))},
    ],
)
def test_what_is_asked_for_is_asked_of_the_index_of_words(
    database: str, asked: dict[str, Any]
) -> None:
    """However it is sorted then."""
    found = plan(database, Wanted(type="subjects", limit=25, **asked))

    assert "Bitmap Index Scan on terms_words_idx" in found
    assert "Seq Scan" not in found


def plan(database: str, wanted: Wanted) -> str:
    """How the server would carry a list out."""
    statement, params = listing(wanted)
    with connect(serving(database, "test")) as conn:
        return "\n".join(line for (line,) in conn.execute(f"EXPLAIN {statement}", params))
