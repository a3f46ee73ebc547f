"""What a search of published records reads: indexes, and no table that grows as a whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.access import EVERYONE, SIGNED_IN
from domain.errors import Invalid
from projections import asking, composing
from projections.conditions import HasWords, IsText, Path, Step
from projections.cursor import Cursor
from projections.database import connect, serving
from projections.listed import Sort, Wanted

ASKER = (uuid4(), SIGNED_IN, EVERYONE)
TIN = asking.compiled(HasWords("blue tin"))
TITLED = asking.compiled(IsText(Path((Step("metadata"), Step("title"))), "Tin"))
KEYS = {"newest": "2026-01-01 00:00:00+00", "updated-asc": "2026-01-01 00:00:00+00", "version": "1"}


def plan(database: str, wanted: Wanted, page: composing.Page = "page_near") -> str:
    """How the server would find a page, in a database that has next to nothing."""
    walks = "off" if wanted.after is not None and wanted.condition is None else "on"
    statement = composing.composed(wanted, page)
    # Of a few rows all would be sorted, rather than walked along.
    options = {"plan_cache_mode": "force_custom_plan", "enable_bitmapscan": walks}
    with connect(serving(database, "test", **options)) as conn:
        params = composing.parameters(wanted)
        found = conn.execute(f"EXPLAIN {statement}", params).fetchall()
    return "\n".join(line for (line,) in found)


def after(sort: Sort, *, begun: timedelta = timedelta()) -> Cursor:
    """A place on a walk, which began so long ago."""
    return Cursor(datetime.now(UTC) - begun, "700:700:", sort, KEYS.get(sort, "0.1"), 5, 9)


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("newest", "listed_created_at_number_idx"),
        ("updated-asc", "listed_updated_at_number_idx"),
        ("version", "listed_index_number_idx"),
    ],
)
@pytest.mark.parametrize("walking", [False, True])
def test_where_nothing_is_asked_a_page_is_walked_to(
    database: str, sort: Sort, index: str, walking: bool
) -> None:
    """Along the index of what it is sorted by, the place of a cursor sought in it."""
    wanted = Wanted(principals=ASKER, sort=sort, after=after(sort) if walking else None)

    found = plan(database, wanted)

    assert f"using {index} on listed" in found
    assert "Seq Scan on listed" not in found


def test_what_an_asker_sees_who_sees_little_is_found_by_who_may_see_it(database: str) -> None:
    """In the indexes of audiences and of their records."""
    found = plan(database, Wanted(principals=ASKER), "page_sought")

    assert "listed_tally_created_at_number_idx" in found
    assert "Seq Scan" not in found


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
