"""What is in a community is searched by indexes, however much there is beside it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from domain.access import EVERYONE, SIGNED_IN
from projections import asking, composing, search
from projections.conditions import All, Condition, HasPhrase, IsKnown, KnownMatch, Not
from projections.database import connect, serving
from projections.wanted import Wanted

ASKER = (uuid4(), SIGNED_IN, EVERYONE)
BY_ID = IsKnown("parent.communities.ids", "==", str(uuid4()))
BY_SLUG = IsKnown("parent.communities.slugs", "==", "tin")
LIKE = KnownMatch("parent.communities.slugs", "^(?:t.*)$")


def explained(database: str, statement: str, params: dict[str, object]) -> str:
    """How the server would carry a statement out, in a database that has next to nothing."""
    options = {"plan_cache_mode": "force_custom_plan"}
    with connect(serving(database, "test", **options)) as conn:
        found = conn.execute(f"EXPLAIN {statement}", params).fetchall()
    return "\n".join(line for (line,) in found)


@pytest.mark.parametrize("condition", [BY_ID, BY_SLUG, All((BY_ID, HasPhrase("tin")))])
@pytest.mark.parametrize("every", [False, True])
def test_what_is_in_a_community_is_sought_from_it(
    database: str, condition: Condition, every: bool
) -> None:
    """By the index of inclusions, and of each family by its own; no document is looked at."""
    compiled = asking.compiled(condition)
    wanted = Wanted(principals=ASKER, condition=compiled, all_versions=every)
    statement = composing.composed(wanted, "page_near")

    found = explained(database, statement, composing.parameters(wanted))

    assert compiled.settled
    assert "inclusions_community_family_idx" in found
    assert "listed_family_idx" in found or "listed_words_idx" in found
    assert "Seq Scan" not in found
    assert "l.record = s.record" not in found


@pytest.mark.parametrize("condition", [BY_ID, BY_SLUG, LIKE, All((BY_ID, Not(BY_SLUG)))])
def test_an_object_in_a_community_is_asked_of_an_index(database: str, condition: Condition) -> None:
    """Where all doors search."""
    compiled = asking.compiled(condition)
    assert compiled.hint is not None
    params = compiled.params | {"principals": list(ASKER)}

    found = explained(database, compiled.hint, params)

    assert "inclusions" in found
    assert "Seq Scan" not in found
    assert search.filled("{condition}", compiled) == compiled.text


@pytest.mark.parametrize(
    ("condition", "settled"),
    [
        (All((BY_ID, BY_SLUG)), True),
        (All((BY_ID, All((BY_SLUG, HasPhrase("tin"))))), True),
        (All((BY_ID, IsKnown("is_published", "==", True))), False),
        (Not(BY_ID), False),
    ],
)
def test_words_and_communities_decide_where_nothing_else_is_asked(
    condition: Condition, settled: bool
) -> None:
    """Then no document is looked at."""
    compiled = asking.compiled(condition)

    assert compiled.settled == settled
    assert not compiled.exact
