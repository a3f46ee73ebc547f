"""Published records are found, counted and faceted: at once, and only as the asker may see them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from time import sleep
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg import Connection

from domain.access import EVERYONE, SIGNED_IN
from domain.values import Access, Embargo
from projections import asking, listed
from projections.audit import audit
from projections.listed import Wanted
from projections.rebuild import rebuild
from tests.projections.finding import (
    ASKERS,
    NEVER,
    SELECTED,
    SORTS,
    condition_of,
    find,
    follow,
    searching,
)
from tests.projections.publishing import LONG_AGO, PEOPLE, World, chosen, facets, in_order
from tests.projections.tables import count, owner


def wanted_by_chance(random: Random, world: World) -> tuple[Wanted, str | None]:
    """A page that somebody wants, and the word that is asked for."""
    word, condition = condition_of(random)
    instants = [None, None, *(world.datestamp(each) for each in world.records)]
    wanted = Wanted(
        principals=random.choice(ASKERS),
        condition=None if condition is None else asking.compiled(condition),
        sort=random.choice(SORTS),
        limit=random.choice([1, 3, 500]),
        offset=random.choice([0, 0, 2]),
        since=random.choice(instants) if random.random() < 0.3 else None,
        before=random.choice(instants) if random.random() < 0.3 else None,
        all_versions=random.random() < 0.5,
        selected=random.choice(SELECTED),
    )
    return wanted, word


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1 << 32))
def test_what_is_found_is_what_the_asker_may_see_of_what_matches(
    database: str, world: World, following: Connection[Any], seed: int
) -> None:
    """Page, order, total and facets are those of a filter over all, wherever the follower is."""
    random = Random(seed)
    for _ in range(4):
        world.happen(random)
        if random.random() < 0.4:
            follow(following)

    async def compare() -> None:
        async with searching(database) as db:
            for _ in range(8):
                wanted, word = wanted_by_chance(random, world)
                found = await listed.find(db, wanted)
                seen = [
                    each
                    for each in world.seen(wanted.principals, word, every=wanted.all_versions)
                    if (wanted.since or LONG_AGO) <= each.datestamp < (wanted.before or NEVER)
                ]
                within = chosen(seen, wanted.selected)
                ids = in_order(within, wanted.sort)
                assert found.total == len(ids)
                assert [*found.records] == ids[wanted.offset : wanted.offset + wanted.limit]
                assert {each: dict(values) for each, values in found.facets.items()} == facets(
                    seen, wanted.selected
                )
                assert (found.next is None) == (wanted.offset + wanted.limit >= len(ids))

    asyncio.run(compare())


def test_what_rows_amount_to_is_kept_with_them(
    database: str, world: World, following: Connection[Any]
) -> None:
    """An audit counts them; nothing is left of what counts nothing."""
    random = Random(1)
    for _ in range(30):
        world.happen(random)
        follow(following)

    assert list(audit(database)) == []
    assert count(database, "view.tallies WHERE every = 0") == 0
    assert count(database, "view.audiences WHERE every = 0") == 0


def test_an_audit_names_tallies_that_are_wrong(
    database: str, world: World, following: Connection[Any]
) -> None:
    """A rebuild of the search mends them."""
    world.begin(Random(2))
    follow(following)
    with owner(database) as conn:
        one = "(SELECT min(id) FROM view.{})"
        conn.execute(
            f"UPDATE view.tallies SET every = every + 1 WHERE id = {one.format('tallies')}"
        )
        conn.execute("UPDATE view.margins SET latest = 7 WHERE facet = 'languages'")
        conn.execute(f"DELETE FROM view.audiences WHERE id = {one.format('audiences')}")

    wrong = {each.view for each in audit(database)}
    assert {"tallies", "margins", "audiences"} <= wrong
    rebuild(database, ["search"])
    assert list(audit(database)) == []


def test_tables_made_anew_are_those_there_were(
    database: str, world: World, following: Connection[Any]
) -> None:
    """With what was written meanwhile: the follower goes on where it was."""
    random = Random(3)
    for _ in range(5):
        world.happen(random)
    follow(following)
    world.begin(random)

    rebuild(database, ["search"])

    follow(following)
    assert list(audit(database)) == []
    principals = (PEOPLE[0], SIGNED_IN, EVERYONE)
    seen = world.seen(principals, None, every=False)
    assert find(database, Wanted(principals=principals)).total == len(seen)


def test_an_embargo_that_has_ended_opens_a_record_to_searches(
    database: str, world: World, following: Connection[Any]
) -> None:
    """At its end, though nothing is written then."""
    world.begin(Random(4))
    made = world.records[-1]
    until = datetime.now(UTC) + timedelta(seconds=0.7)
    access = Access(embargo=Embargo(until=until))
    world.publish_under(Random(5), made, access)
    follow(following)
    wanted = Wanted(principals=(EVERYONE,), limit=500)

    before = find(database, wanted)
    sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()) + 0.05)
    after = find(database, wanted)

    assert made.id not in before.records
    assert made.id in after.records
    assert after.total == before.total + 1
    since = Wanted(principals=(EVERYONE,), sort="datestamp", since=until)
    assert find(database, since).records[:1] == (made.id,)
    assert made.id not in find(database, replace(since, since=None, before=until)).records
