"""Datestamps and sets: one moves when the sets that everybody sees a record in do, only then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain import inclusions as inclusion
from domain.access import EVERYONE, SIGNED_IN
from domain.commands import communities, inclusions
from domain.commands.communities import Face
from domain.errors import Gone, Invalid
from domain.family import Family
from domain.group import Group, Policies
from domain.log import Log, Session
from domain.record import Record
from domain.values import Body
from projections import listed, listing, sets
from projections.database import Db
from projections.findings import Finding
from projections.wanted import Wanted
from tests.projections.finding import follow, searching
from tests.writing import ADA, actor, create, log_on

POLICIES = (Policies(), Policies(visibility="restricted"))
Stamps = dict[UUID, datetime]


class Place:
    """Two communities and two records, and all that may happen to them."""

    def __init__(self, log: Log, random: Random) -> None:
        self.log, self.random = log, random
        self.slugs = [self._made(), self._made()]
        self.records = [log.run(actor(), create) for _ in range(2)]

    def _made(self) -> UUID:
        policies = self.random.choice(POLICIES)
        slug = f"c-{uuid4().hex}"
        return self.log.run(actor(), communities.create, slug, _face(policies)).id

    def happen(self) -> None:
        """Have something happen that is allowed."""
        at = self.random.randrange(2)
        slug, record = str(self.slugs[at]), self.random.choice(self.records)
        things: list[tuple[Callable[..., Any], Any]] = [
            (inclusions.include, (record.pid, [slug])),
            (inclusions.include, (record.pid, [slug])),
            (_leave, (record, self.slugs[at])),
            (_say, (slug, _face(self.random.choice(POLICIES)))),
            (_say, (slug, _face(self.random.choice(POLICIES)))),
            (communities.rename, (slug, f"c-{uuid4().hex}")),
            (communities.put_member, ()),
            (communities.delete, (slug,)),
        ]
        what, args = self.random.choices(things, (4, 4, 4, 3, 3, 2, 1, 1))[0]
        if what is communities.put_member:
            what, args = _join, (slug,)
        try:
            self.log.run(actor(), what, *args)
        except (Gone, Invalid):  # it was deleted: by now something else may happen to another
            if self.random.random() < 0.5:
                self.slugs[at] = self._made()


def _face(policies: Policies, title: str = "Tin") -> Face:
    return Face(policies, Body(b'{"title":"%b"}' % title.encode()), title)


def _say(session: Session, slug: str, face: Face) -> Group:
    return communities.change(session, communities.led(session, slug), face)


def _join(session: Session, slug: str) -> Group:
    found = communities.called(session, slug)
    event = found.put_member(uuid4(), "reader")
    return found if event is None else session.change(found, event)


def _leave(session: Session, record: Record, community: UUID) -> None:
    """Take a record out of a community, if it is in it."""
    family = session.find(Family, id=record.family)
    assert family is not None
    if community in family.communities:
        inclusions.exclude(session, record.pid, [str(community)])


def wrong(conn: Connection[Any]) -> list[Finding]:
    """What an audit says of the rows by which records are found."""
    follow(conn)
    with conn.transaction():
        return [*listing.findings(conn, damaged=False)]


async def shown(db: Db, place: Place) -> tuple[Stamps, dict[UUID, tuple[str, ...]]]:
    """The datestamps of records and the sets that they are in."""
    inside = await sets.of_families(db, {each.family for each in place.records})
    stamps = await listed.datestamps(db, [each.id for each in place.records])
    return stamps, {each.id: inside.get(each.family, ()) for each in place.records}


async def harvested(db: Db, since: datetime) -> set[UUID]:
    """The records of a harvest of what changed since an instant."""
    wanted = Wanted(
        principals=(ADA, SIGNED_IN, EVERYONE),
        sort="datestamp",
        since=since,
        limit=500,
        all_versions=True,
        facets=False,
    )
    return {*(await listed.find(db, wanted)).records}


@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 1 << 32))
def test_a_datestamp_moves_when_the_sets_of_a_record_do_and_only_then(
    database: str, following: Connection[Any], seed: int
) -> None:
    """Whatever happens to communities that not everybody sees; and harvests find what has moved."""
    random = Random(seed)

    async def live() -> None:
        async with searching(database) as db:
            with log_on(database) as log:
                place = Place(log, random)
                for _ in range(20):
                    stamps, inside = await shown(db, place)
                    begun = datetime.now(UTC)
                    place.happen()
                    ended = datetime.now(UTC)
                    if random.random() < 0.5:
                        follow(following)
                    after, now = await shown(db, place)
                    moved = {each for each in now if now[each] != inside[each]}
                    assert moved == {each for each in now if after[each] != stamps[each]}
                    assert all(begun <= after[each] <= ended for each in moved)
                    assert await harvested(db, begun) == moved

    asyncio.run(live())
    assert wrong(following) == []


@pytest.mark.parametrize("closed", [True, False])
def test_all_of_a_large_community_is_harvested_when_it_is_closed_or_moved(
    database: str, following: Connection[Any], closed: bool
) -> None:
    """Before the follower has come to that, and after it went through them in steps."""
    made: list[UUID] = []

    def fill(session: Session) -> None:
        community = communities.create(session, f"c-{uuid4().hex}", _face(Policies()))
        slugs.append(str(community.id))
        for _ in range(listing.BATCH + 5):
            record = create(session)
            family = session.find(Family, id=record.family)
            assert family is not None
            event = inclusion.include(family, community.id)
            assert event is not None
            session.change(family, event)
            made.append(record.id)

    slugs: list[str] = []

    async def both() -> None:
        async with searching(database) as db:
            assert await harvested(db, since) == {*made}
            follow(following)
            assert await harvested(db, since) == {*made}

    with log_on(database) as log:
        log.run(actor(), fill)
        follow(following)
        since = datetime.now(UTC)
        if closed:
            log.run(actor(), _say, slugs[0], _face(POLICIES[1]))
        else:
            log.run(actor(), communities.rename, slugs[0], f"c-{uuid4().hex}")
    asyncio.run(both())

    assert wrong(following) == []
