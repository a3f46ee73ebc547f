"""What a search of published records reads: indexes, and no table that grows as a whole."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.access import EVERYONE, SIGNED_IN
from domain.errors import Invalid
from projections import asking, composing
from projections.conditions import HasWords, IsText, Path, Step
from projections.cursor import Cursor
from projections.database import connect, serving
from projections.listed import Facet, Sort, Wanted
from projections.shapes import Page
from projections.wanted import Order

ASKER = (uuid4(), SIGNED_IN, EVERYONE)
TIN = asking.compiled(HasWords("blue tin"))
TITLED = asking.compiled(IsText(Path((Step("metadata"), Step("title"))), "Tin"))
KEYS = {"bestmatch": "0.1", "version": "1"}


def plan(database: str, wanted: Wanted, page: Page = "page_near") -> str:
    """How the server would find a page, in a database that has next to nothing."""
    sought = wanted.after is not None or wanted.since is not None
    walks = "off" if sought and wanted.condition is None and page == "page_near" else "on"
    sorts = "off" if page == "page_sought" else "on"
    statement = composing.composed(wanted, page)
    # Of a few rows all would be sorted, rather than walked along.
    options = {"enable_bitmapscan": walks, "enable_sort": sorts}
    options |= {"plan_cache_mode": "force_custom_plan"}
    with connect(serving(database, "test", **options)) as conn:
        params = composing.parameters(wanted)
        found = conn.execute(f"EXPLAIN {statement}", params).fetchall()
    return "\n".join(line for (line,) in found)


def after(sort: Order, *, begun: timedelta = timedelta()) -> Cursor:
    """A place on a walk, which began so long ago."""
    key = KEYS.get(sort, "2026-01-01 00:00:00+00")
    return Cursor(datetime.now(UTC) - begun, "700:700:", sort, key, 5, 9)


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("newest", "listed_created_at_number_idx"),
        ("updated-asc", "listed_updated_at_number_idx"),
        ("version", "listed_index_number_idx"),
        ("datestamp", "listed_datestamp_number_idx"),
    ],
)
@pytest.mark.parametrize("walking", [False, True])
def test_where_nothing_is_asked_a_page_is_walked_to(
    database: str, sort: Order, index: str, walking: bool
) -> None:
    """Along the index of what it is sorted by, the place of a cursor sought in it."""
    wanted = Wanted(principals=ASKER, sort=sort, after=after(sort) if walking else None)

    found = plan(database, wanted)

    assert f"using {index} on listed" in found
    assert "Seq Scan on listed" not in found


@pytest.mark.parametrize("sort", ["newest", "datestamp"])
@pytest.mark.parametrize("walking", [False, True])
def test_what_an_asker_sees_who_sees_little_is_found_by_who_may_see_it(
    database: str, sort: Order, walking: bool
) -> None:
    """In the indexes of audiences and of their records, on a walk too."""
    wanted = Wanted(principals=ASKER, sort=sort, after=after(sort) if walking else None)

    found = plan(database, wanted, "page_sought")

    column = "datestamp" if sort == "datestamp" else "created_at"
    assert f"using listed_tally_{column}_number_idx on listed" in found
    assert "Seq Scan" not in found


@pytest.mark.parametrize("facets", [False, True])
@pytest.mark.parametrize("walking", [False, True])
def test_what_a_harvester_asks_for_is_walked_to_within_its_range(
    database: str, walking: bool, facets: bool
) -> None:
    """What is within it is counted in an index, once."""
    wanted = Wanted(
        principals=(EVERYONE,),
        sort="datestamp",
        since=datetime(2026, 1, 1, tzinfo=UTC),
        before=datetime(2026, 2, 1, tzinfo=UTC),
        after=after("datestamp") if walking else None,
        all_versions=True,
        facets=facets,
    )

    found = plan(database, wanted)

    counted, paged = found.split("CTE walked")
    walked, _ended = re.findall(r"using listed_datestamp_number_idx .*\n *Index Cond: (.*)", paged)
    assert "datestamp >= '2026-01-01" in walked
    assert "datestamp < '2026-02-01" in walked
    assert ("ROW(datestamp, number) >" in walked) == walking
    assert bool(re.search(r"using listed_[a-z_]*datestamp", counted)) == (facets or not walking)
    assert "Seq Scan on listed" not in found


@pytest.mark.parametrize("walking", [False, True])
def test_what_is_selected_of_all_is_counted_by_tallies(database: str, walking: bool) -> None:
    """No record is read for it but those of the page."""
    place = after("newest") if walking else None
    selected: dict[Facet, tuple[str, ...]] = {"languages": ("eng",), "access_status": ("open",)}
    wanted = Wanted(principals=ASKER, selected=selected, after=place)

    found = plan(database, wanted)

    counted, paged = found.split("CTE walked")
    assert "tallies_audience_idx" in counted
    assert {*re.findall(r"listed_[a-z_]*idx", counted)} <= {"listed_family_idx"}
    assert "using listed_created_at_number_idx on listed" in paged
    assert "Seq Scan on" not in found.replace("Seq Scan on audiences", "")


@pytest.mark.parametrize("sort", ["bestmatch", "newest"])
@pytest.mark.parametrize("walking", [False, True])
def test_words_are_asked_of_their_index(database: str, sort: Sort, walking: bool) -> None:
    """However they are sorted, and beside what the follower has not come to."""
    place = after(sort) if walking else None
    wanted = Wanted(
        principals=ASKER,
        condition=TIN,
        sort=sort,
        after=place,
        selected={"languages": ("eng",)},
    )

    found = plan(database, wanted)

    assert "Bitmap Index Scan on listed_words_idx" in found
    assert "Seq Scan" not in found


def test_equal_texts_are_asked_of_the_index_of_documents(database: str) -> None:
    """Where no words are asked for."""
    found = plan(database, Wanted(principals=ASKER, condition=TITLED))

    assert "search_document_idx" in found or "listed_words_idx" in found
    assert "Seq Scan" not in found


def test_a_place_of_another_order_is_none() -> None:
    """What comes after it would be anything."""
    with pytest.raises(Invalid, match="no such place"):
        after("newest").require("oldest")


def test_a_walk_ends_with_its_day() -> None:
    """All that changed since it began is looked at on each of its pages."""
    after("newest", begun=timedelta(hours=23)).require("newest")
    with pytest.raises(Invalid, match="began more than 24 hours ago; begin it anew"):
        after("newest", begun=timedelta(hours=25)).require("newest")
