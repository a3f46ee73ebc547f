"""Family: its owner, and who may do what with its records."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
import pytest

from domain.access import ADMINISTRATORS, EVERYONE, Level
from domain.errors import Invalid
from domain.event import Entry, evolve
from domain.family import Family, FamilyCreated

OWNER = uuid4()


def _family() -> Family:
    entry = Entry(
        uuid4(), 1, datetime(2026, 1, 1, tzinfo=UTC), OWNER, "test", FamilyCreated(owner=OWNER)
    )
    family: Family = evolve(None, entry)
    return family


def _granted(family: Family, principal: UUID, level: Level) -> Family:
    event = family.grant(principal, level)
    assert event is not None
    entry = Entry(family.id, family.version + 1, family.recorded_at, OWNER, "test", event)
    return evolve(family, entry)


def test_the_owner_manages_a_new_family() -> None:
    """Nobody else holds anything."""
    assert _family().grants == {OWNER: Level.MANAGE}


def test_a_grant_takes_the_place_of_the_one_before() -> None:
    """A principal holds one rung, also a lower one."""
    family = _granted(_granted(_family(), EVERYONE, Level.EDIT), EVERYONE, Level.VIEW)

    assert family.grants[EVERYONE] == Level.VIEW


def test_a_grant_of_nothing_takes_it_away() -> None:
    """NONE leaves no trace among the grants."""
    family = _granted(_granted(_family(), EVERYONE, Level.VIEW), EVERYONE, Level.NONE)

    assert EVERYONE not in family.grants


def test_a_grant_that_changes_nothing_is_no_event() -> None:
    """What already holds is not recorded again."""
    assert _family().grant(OWNER, Level.MANAGE) is None


def test_somebody_keeps_the_right_to_manage() -> None:
    """The last manager can neither leave nor be lowered."""
    with pytest.raises(Invalid, match="keep the permission to manage"):
        _family().grant(OWNER, Level.EDIT)


def test_who_manages_by_office_does_not_count_as_somebody() -> None:
    """The last who was granted it keeps it; once another has it, he may leave."""
    family = _granted(_family(), ADMINISTRATORS, Level.MANAGE)

    for level in (Level.NONE, Level.EDIT):
        with pytest.raises(Invalid, match="keep the permission to manage"):
            family.grant(OWNER, level)
    left = _granted(_granted(family, EVERYONE, Level.MANAGE), OWNER, Level.NONE)

    assert OWNER not in left.grants


def test_what_is_left_to_the_office_may_be_shared() -> None:
    """A family that nobody else manages any more takes every change that takes nobody's rung."""
    family = msgspec.structs.replace(_family(), grants={ADMINISTRATORS: Level.MANAGE})

    for level in (Level.VIEW, Level.MANAGE):
        assert _granted(family, OWNER, level).grants[OWNER] == level
