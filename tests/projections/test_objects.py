"""Lists of objects: what each asker may view, by whichever way it is found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from domain.access import EVERYONE, SIGNED_IN, Level
from domain.family import Family
from domain.log import Session
from domain.record import Record
from projections import objects
from projections.database import reading_pool, serving
from projections.objects import Filter
from tests.writing import ADA, actor, change_access, create, log_on, publish

BEA = uuid4()  # was granted a few of the oldest
CARL = uuid4()  # sees nothing


@pytest.fixture(scope="module")
def made(database: str) -> list[Record]:
    """Forty objects of Ada's; Bea may view the first three, everybody signed in the tenth."""

    def grant(session: Session, record: Record, to: tuple[object, Level]) -> None:
        family = session.find(Family, id=record.family)
        assert family is not None
        event = family.grant(*to)  # type: ignore[arg-type]
        assert event is not None
        session.change(family, event)

    with log_on(database) as log:
        records = [log.run(actor(), create) for _ in range(40)]
        for record in records[:3]:
            log.run(actor(), grant, record, (BEA, Level.VIEW))
        log.run(actor(), grant, records[9], (SIGNED_IN, Level.VIEW))
    return records


def listed(database: str, *principals: object, **wanted: object) -> list[int]:
    """The numbers of a list, in its order."""

    async def ask() -> list[int]:
        db = reading_pool(serving(database, "test"), 1)
        await db.open()
        try:
            left: Filter | None = Filter(**wanted)  # type: ignore[arg-type]
            found = []
            while left is not None:
                page = await objects.listed(db, principals, left)  # type: ignore[arg-type]
                found += [each.number for each in page.lines]
                left = page.rest
            return found
        finally:
            await db.close()

    return asyncio.run(ask())


def newest_first(*records: Record) -> list[int]:
    """What a list of these has."""
    return sorted((record.number for record in records), reverse=True)


def test_who_may_see_few_old_objects_finds_them(database: str, made: list[Record]) -> None:
    """They lie further back than a list of two looks one by one."""
    assert listed(database, BEA, limit=2) == newest_first(made[1], made[2])
    assert listed(database, BEA) == newest_first(*made[:3])


def test_who_may_see_all_gets_them_newest_first(database: str, made: list[Record]) -> None:
    """A page of some, and the list of all."""
    assert listed(database, ADA, limit=3) == newest_first(*made[-3:])
    assert listed(database, ADA) == newest_first(*made)


def test_an_object_granted_twice_is_listed_once(database: str, made: list[Record]) -> None:
    """To the asker and to everybody signed in."""
    assert listed(database, ADA, SIGNED_IN) == newest_first(*made)
    assert listed(database, BEA, SIGNED_IN) == newest_first(*made[:3], made[9])


def test_nothing_is_listed_for_who_may_see_nothing(database: str, made: list[Record]) -> None:
    """Not even that there is something."""
    assert listed(database, CARL) == []
    assert listed(database, CARL, limit=1, offset=1) == []


def test_pages_by_offset_make_up_the_list(database: str, made: list[Record]) -> None:
    """Whichever way each page is found."""
    for asker in ((ADA,), (BEA, SIGNED_IN)):
        pages = [listed(database, *asker, limit=2, offset=at) for at in range(0, 42, 2)]
        assert [number for page in pages for number in page] == listed(database, *asker)


def test_a_filter_by_action_leaves_only_its_objects(database: str, made: list[Record]) -> None:
    """For who sees them all, and for who sees few."""
    assert listed(database, BEA, action=made[0].action) == newest_first(made[0])
    assert listed(database, BEA, action=made[5].action) == []
    assert listed(database, ADA, type="sample") == []


@pytest.fixture(scope="module")
def opened(database: str, made: list[Record]) -> Iterator[list[Record]]:
    """Three of the objects opened; one published nothing since, one more was closed again."""
    with log_on(database) as log:
        for record in (made[0], made[20], made[30], made[31]):
            log.run(actor(), change_access, record.id, "public")
        for record in (made[0], made[20], made[31]):
            log.run(actor(), publish, record.id)
        log.run(actor(), change_access, made[31].id, "restricted")
        yield [made[0], made[20]]
        for record in (made[0], made[20], made[30]):
            log.run(actor(), change_access, record.id, "restricted")


def test_what_was_published_open_is_listed_to_all(
    database: str, made: list[Record], opened: list[Record]
) -> None:
    """Once each, and neither what was closed since nor what was published closed."""
    assert listed(database, EVERYONE) == newest_first(*opened)
    assert listed(database, EVERYONE, limit=1, offset=1) == newest_first(opened[0])
    assert listed(database, EVERYONE, action=made[20].action) == newest_first(made[20])
    assert listed(database, BEA, EVERYONE) == newest_first(*made[:3], made[20])
    assert listed(database, BEA, EVERYONE, limit=2) == newest_first(made[2], made[20])
    assert listed(database, ADA, EVERYONE) == newest_first(*made)
