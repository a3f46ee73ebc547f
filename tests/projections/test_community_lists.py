"""Communities, one and lists of them: that indexes are asked."""

from __future__ import annotations

from uuid import uuid4

import pytest

from projections import asking
from projections.communities import SQL
from projections.community_lists import ORDERS, Sort, Wanted, statement
from projections.conditions import Field, HasPhrase, HasWords
from projections.database import connect, serving

MANY = """
INSERT INTO view.groups (id, version, recorded_at, number, kind, name, description, members,
                         member_groups, deleted, created_at, changed_at, revision, slug, policies,
                         metadata)
SELECT gen_random_uuid(), 1, now(), n, 'community', '{}', '{}', '{}', '{}', false, now(), now(), 1, 'c-' || n,
       '{"visibility": "public", "member_policy": "open", "record_policy": "open"}',
       convert_to('{"title":"Lead ' || n || '","type":"event"}', 'UTF8')
  FROM generate_series(1, 2000) AS n
"""


@pytest.fixture(scope="module")
def many(database: str) -> str:
    """A database with so many communities that it matters how one of them is found."""
    with connect(database) as conn:
        conn.execute(MANY)
        conn.execute("ANALYZE view.groups")
    return database


def plan(database: str, wanted: Wanted) -> str:
    """How the server would carry a list out."""
    text, params = statement(wanted)
    with connect(serving(database, "test", plan_cache_mode="force_custom_plan")) as conn:
        return "\n".join(line for (line,) in conn.execute(f"EXPLAIN {text}", params))


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize(
    "condition", [HasWords("tin"), HasPhrase("tin", Field(("metadata", "title")))]
)
def test_words_are_asked_of_their_index(
    many: str, condition: HasWords | HasPhrase, sort: Sort
) -> None:
    """However the list is sorted, and wherever the words are to be."""
    wanted = Wanted(
        account=uuid4(), condition=asking.compiled(condition), types=("event",), sort=sort, limit=25
    )

    found = plan(many, wanted)

    assert "Bitmap Index Scan on groups_words_idx" in found
    assert "Seq Scan on groups" not in found


def test_ones_own_are_asked_of_the_index_of_members(many: str) -> None:
    """Whatever number of others there are."""
    assert "members_account_idx" in plan(many, Wanted(account=uuid4(), own=True, limit=25))


def test_one_is_found_and_its_owners_by_indexes_alone(database: str) -> None:
    """Also by a plan that is made while there are none."""
    params = {"id": None, "name": uuid4(), "account": uuid4()}
    with connect(serving(database, "test")) as conn:
        found = "\n".join(line for (line,) in conn.execute(f"EXPLAIN {SQL['one']}", params))

    for index in ("names_pkey", "groups_pkey", "members_pkey", "members_team_idx"):
        assert index in found
    assert "Seq Scan" not in found
