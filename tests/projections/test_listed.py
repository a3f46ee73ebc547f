"""Published records are found, counted and faceted: at once, and only as the asker may see them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg import Connection

from domain.access import EVERYONE, SIGNED_IN, Level
from domain.values import Access, Embargo
from projections import asking, follower, listed, listing, search
from projections.audit import audit
from projections.conditions import All, Condition, Either, HasText, HasWords, Path, Step
from projections.database import Db, connect, serving
from projections.listed import Found, Wanted
from projections.rebuild import rebuild
from projections.wanted import Order
from tests.projections.publishing import (
    LONG_AGO,
    PEOPLE,
    WORDS,
    World,
    chosen,
    facets,
    in_order,
)
from tests.projections.tables import count, owner
from tests.writing import log_on

ASKERS = [
    (EVERYONE,),
    (uuid4(), SIGNED_IN, EVERYONE),
    *((person, SIGNED_IN, EVERYONE) for person in PEOPLE),
]
MANY = 40  # records, enough for walks of some pages
NEVER = datetime.max.replace(tzinfo=UTC)
OPEN, CLOSED = Access(record="public", files="public"), Access()
SORTS: list[Order] = ["newest", "oldest", "updated-desc", "updated-asc", "version", "datestamp"]
TEXTS = ("title", "description")
SELECTED: list[dict[listed.Facet, tuple[str, ...]]] = [
    {},
    {},
    {"languages": ("eng",), "access_status": ("open", "embargoed")},
    {"resource_type": ("dataset",), "file_type": ("csv", "gz")},
    {"publication_date": ("2021",)},
]


@pytest.fixture(scope="module")
def world(database: str) -> Iterator[World]:
    """What the tests of this module make."""
    with log_on(database) as log:
        yield World(log)


@pytest.fixture(scope="module")
def following(database: str) -> Iterator[Connection[Any]]:
    """A connection that the follower's work is done on."""
    with connect(serving(database, "follower")) as conn:
        yield conn


def follow(conn: Connection[Any]) -> None:
    """Let the follower come to the end of the log."""
    while follower.step(conn, listing.following()):
        pass


@asynccontextmanager
async def searching(database: str) -> AsyncIterator[Db]:
    """A pool for searches."""
    db = search.searching_pool(database, 1)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


def find(database: str, wanted: Wanted) -> Found:
    """Find something."""

    async def ask() -> Found:
        async with searching(database) as db:
            return await listed.find(db, wanted)

    return asyncio.run(ask())


def condition_of(random: Random) -> tuple[str | None, Condition | None]:
    """A word, and one of the conditions that ask for it; or nothing.

    One asks the index of words alone, one it and the documents, one these alone.
    """
    word = random.choice(WORDS)
    said = Either(tuple(HasText(Path((Step("metadata"), Step(name))), word) for name in TEXTS))
    return random.choice(
        [(None, None), (word, HasWords(word)), (word, All((HasWords(word), said))), (word, said)]
    )


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
