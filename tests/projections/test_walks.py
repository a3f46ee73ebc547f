"""Walks through what was found, page by page, beside a writer."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg import Connection

from domain.access import EVERYONE, SIGNED_IN
from projections import asking, listed
from projections.conditions import HasWords
from projections.listed import Wanted
from tests.projections.finding import (
    ASKERS,
    CLOSED,
    MANY,
    OPEN,
    SELECTED,
    SORTS,
    condition_of,
    find,
    follow,
    searching,
)
from tests.projections.publishing import World, facets, in_order


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 1 << 32))
def test_a_walk_beside_a_writer_shows_what_there_was_when_it_began_each_once(
    database: str, world: World, following: Connection[Any], seed: int
) -> None:
    """In order, with the total of then, though records are added, changed and superseded.

    What is counted of facets is what there is by now.
    """
    random = Random(seed)
    while len(world.records) < MANY:
        world.happen(random)
    word, condition = condition_of(random)
    sort = random.choice([*SORTS[:-1], "bestmatch"])
    every, limit = random.random() < 0.5, random.choice([4, 15])
    asker = random.choice(ASKERS)

    async def walk() -> list[UUID]:
        compiled = None if condition is None else asking.compiled(condition)
        wanted = Wanted(
            principals=asker, condition=compiled, sort=sort, limit=limit, all_versions=every
        )
        shown: list[UUID] = []
        async with searching(database) as db:
            while True:
                page = await listed.find(db, wanted)
                assert page.total == len(there)
                chosen = random.choice(SELECTED)
                counted = await listed.find(db, replace(wanted, selected=chosen))
                assert {each: dict(values) for each, values in counted.facets.items()} == facets(
                    world.seen(asker, word, every=every), chosen
                )
                shown += page.records
                if page.next is None:
                    return shown
                wanted = replace(wanted, after=page.next)
                for _ in range(random.randrange(4)):
                    await asyncio.to_thread(world.happen, random, openly=True)
                if random.random() < 0.6:
                    follow(following)

    begun = {each.id for each in world.records}
    there = [each.id for each in world.seen(asker, word, every=every)]
    if sort != "bestmatch":
        there = in_order(world.seen(asker, word, every=every), sort)

    shown = asyncio.run(walk())

    assert len(shown) == len({*shown})
    assert {*shown} <= begun  # what was opened meanwhile may be among them
    again = [each for each in shown if each in there]
    assert again == there if sort != "bestmatch" else {*again} == {*there}


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("forged", [False, True])
def test_a_walk_does_not_search_what_was_published_closed(
    database: str, world: World, following: Connection[Any], learned: bool, forged: bool
) -> None:
    """Not even of a record that was changed and opened since; who was granted it finds it."""
    random, word = Random(6), f"secret{uuid4().hex}"
    for access in (OPEN, OPEN, CLOSED):
        world.begin(random)
        world.publish_under(random, world.records[-1], access, title=word)
    *others, secret = world.records[-3:]
    [owner_of] = [each for each, held in world.grants[secret.family].items() if held]
    wanted: dict[str, Any] = {"condition": asking.compiled(HasWords(word)), "sort": "oldest"}
    everybody = Wanted(principals=(EVERYONE,), limit=1, **wanted)
    owners = Wanted(principals=(owner_of, SIGNED_IN, EVERYONE), limit=1, **wanted)
    places = [find(database, each).next for each in (everybody, owners)]
    if forged:  # as if nothing had been shown yet
        places = [each and replace(each, key="2001-01-01 00:00:00+00") for each in places]

    world.publish_under(random, secret, OPEN, title="Nothing")
    if learned:
        follow(following)
    told, known = (
        find(database, replace(each, after=place, limit=9)).records
        for each, place in zip((everybody, owners), places, strict=True)
    )

    rest = [each.id for each in others[0 if forged else 1 :]]
    assert [*told] == rest
    assert [*known] == [*rest, secret.id]
