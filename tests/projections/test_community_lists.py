"""Communities, one and lists of them: that indexes are asked."""

from __future__ import annotations

from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.commands import communities
from domain.commands.communities import Face
from domain.errors import Invalid
from domain.group import Policies
from domain.values import Body
from projections import asking
from projections.communities import SQL
from projections.community_lists import ORDERS, Sort, Wanted, statement
from projections.conditions import Field, HasPhrase, HasWords
from projections.database import connect, serving
from tests.writing import ADA, actor, log_on

MANY = """
INSERT INTO view.groups (id, version, recorded_at, number, kind, name, description, members,
                         member_groups, deleted, created_at, changed_at, revision, slug, policies,
                         metadata)
SELECT gen_random_uuid(), 1, now(), 1000000 + n, 'community', '{}', '{}', '{}', '{}', false,
       now(), now(), 1, 'c-' || n,
       '{"visibility": "public", "member_policy": "open", "record_policy": "open"}',
       convert_to('{"title":"Lead ' || n || '","type":"event"}', 'UTF8')
  FROM generate_series(1, 2000) AS n
"""


OWNED = """
INSERT INTO view.members (team, account, role)
SELECT id, %(account)s, 'owner' FROM view.groups WHERE kind = 'community' LIMIT 1000
"""

GIVEN_AWAY = "DELETE FROM view.members WHERE team = (SELECT team FROM view.members LIMIT 1)"


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


def test_who_owns_a_thousand_makes_no_more(many: str) -> None:
    """But administrators, until one is given away."""
    face = Face(Policies(), Body(b'{"title":"Tin"}'), "Tin")
    with connect(many) as conn, log_on(many) as log:
        conn.execute(OWNED, {"account": ADA})

        with pytest.raises(Invalid, match="1,000 communities") as refused:
            log.run(actor(), communities.create, "one-more", face)
        log.run(replace(actor(), admin=True), communities.create, "one-of-office", face)
        log.run(actor(), communities.delete, "one-of-office")
        conn.execute(GIVEN_AWAY)
        made = log.run(actor(), communities.create, "one-more", face)

    assert [each.path for each in refused.value.faults] == [("id",)]
    assert made.slug == "one-more"


def test_one_is_found_and_its_owners_by_indexes_alone(database: str) -> None:
    """Also by a plan that is made while there are none."""
    params = {"id": None, "name": uuid4(), "account": uuid4()}
    with connect(serving(database, "test")) as conn:
        found = "\n".join(line for (line,) in conn.execute(f"EXPLAIN {SQL['one']}", params))

    for index in ("names_pkey", "groups_pkey", "members_pkey", "members_team_idx"):
        assert index in found
    assert "Seq Scan" not in found
