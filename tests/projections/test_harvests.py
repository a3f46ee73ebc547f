"""Harvests: what changed for everybody since an instant, and what was opened since."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg import Connection

from domain.access import EVERYONE, Level
from projections import listed
from projections.listed import Wanted
from tests.projections.finding import (
    CLOSED,
    MANY,
    OPEN,
    find,
    follow,
    searching,
)
from tests.projections.publishing import LONG_AGO, World


@settings(deadline=None, max_examples=6)
@given(seed=st.integers(0, 1 << 32))
def test_harvests_miss_nothing_that_everybody_may_see(
    database: str, world: World, following: Connection[Any], seed: int
) -> None:
    """Each asks for what changed since the one before, with a writer beside both."""
    random = Random(seed)

    async def harvest(since: datetime | None, *, openly: bool) -> list[UUID]:
        shown: list[UUID] = []
        after, last = None, (LONG_AGO, 0)
        async with searching(database) as db:
            while True:
                wanted = Wanted(
                    principals=(EVERYONE,),
                    sort="datestamp",
                    since=since,
                    limit=random.choice([9, 40]),
                    all_versions=True,
                    facets=False,
                    after=after,
                )
                page = await listed.find(db, wanted)
                told = await listed.datestamps(db, page.records)
                made = {each.id: each for each in world.records}
                keys = [(told[each], made[each].number) for each in page.records]
                assert keys == sorted(keys)
                assert all(told[each] == world.datestamp(made[each]) for each in page.records)
                assert keys == [] or keys[0] > last
                shown += page.records
                after, last = page.next, keys[-1] if keys else last
                if after is None:
                    return shown
                for _ in range(random.randrange(3)):
                    await asyncio.to_thread(world.happen, random, openly=openly)
                if random.random() < 0.6:
                    follow(following)

    def there() -> dict[UUID, datetime]:
        return {each.id: each.newest.at for each in world.seen((EVERYONE,), None, every=True)}

    while len(world.records) < MANY:
        world.happen(random)
    begun, before = datetime.now(UTC), there()
    shown = asyncio.run(harvest(None, openly=True))
    assert {*before} <= {*shown}
    for _ in range(random.randrange(6)):
        world.happen(random)
    now = there()
    shown = asyncio.run(harvest(begun, openly=True))
    assert {each for each in now if now[each] != before.get(each)} <= {*shown}


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("granted", [False, True])
def test_what_is_opened_is_harvested_from_then_on(
    database: str, world: World, following: Connection[Any], learned: bool, granted: bool
) -> None:
    """Though it was published long before, whether its access changes or all are granted it."""
    world.begin(Random(7))
    made = world.records[-1]
    world.publish_under(Random(7), made, CLOSED if granted else OPEN)
    world.set_access(made, CLOSED)
    follow(following)
    since = datetime.now(UTC)
    wanted = Wanted(principals=(EVERYONE,), sort="datestamp", since=since, limit=500)
    assert made.id not in find(database, replace(wanted, since=None)).records

    if granted:
        world.give(made.family, EVERYONE, Level.VIEW)
    else:
        world.set_access(made, OPEN)
    if learned:
        follow(following)

    assert made.id in find(database, wanted).records
    assert made.id not in find(database, replace(wanted, since=None, before=since)).records
