"""Records in communities: what a family decides, and what its members then hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain import access, inclusions
from domain.access import SIGNED_IN, Level
from domain.errors import Invalid
from domain.event import Change, Entry, Event, evolve
from domain.family import Family, FamilyCreated
from domain.group import RUNGS
from projections import grants
from tests.writing import actor

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OWNER = uuid4()
COMMUNITIES = [uuid4() for _ in range(3)]


def _after(family: Family | None, event: Event) -> tuple[Family, Entry[Any]]:
    version = 1 if family is None else family.version + 1
    stream = uuid4() if family is None else family.id
    entry: Entry[Any] = Entry(stream, version, NOW + timedelta(version), OWNER, "test", event)
    return evolve(family, entry), entry


def _begun() -> tuple[Family, Entry[Any]]:
    return _after(None, FamilyCreated(owner=OWNER))


def test_a_record_is_in_a_community_once() -> None:
    """To put it in again is no event."""
    family, _ = _begun()
    event = inclusions.include(family, COMMUNITIES[0])
    assert event is not None
    family, _ = _after(family, event)

    assert family.communities == (COMMUNITIES[0],)
    assert inclusions.include(family, COMMUNITIES[0]) is None


def test_a_record_leaves_only_what_it_is_in() -> None:
    """And what was granted to the community goes with it."""
    family, _ = _begun()
    event = inclusions.include(family, COMMUNITIES[0])
    assert event is not None
    family, _ = _after(family, event)
    family, _ = _after(family, inclusions.exclude(family, COMMUNITIES[0]))

    assert (family.communities, family.grants) == ((), {OWNER: Level.MANAGE})
    with pytest.raises(Invalid, match="not included"):
        inclusions.exclude(family, COMMUNITIES[0])


def test_a_record_is_in_a_hundred_communities_at_most() -> None:
    """Each is read with it."""
    family, _ = _begun()
    full = replace(family, communities=tuple(uuid4() for _ in range(inclusions.MOST)))

    with pytest.raises(Invalid, match="at most"):
        inclusions.include(full, uuid4())


STEPS = st.tuples(
    st.sampled_from(["in", "out", "grant"]), st.integers(0, 2), st.sampled_from(list(Level))
)


def _decided(family: Family, what: str, which: int, level: Level) -> Change[Family] | None:
    community, project = COMMUNITIES[which], UUID(int=which + 1)
    if what == "in":
        return inclusions.include(family, community)
    if what == "out":
        return inclusions.exclude(family, community) if community in family.communities else None
    return family.grant(project, level, by_role=True)


@given(st.lists(STEPS, max_size=20))
def test_what_searches_ask_of_grants_is_what_the_family_says(
    steps: list[tuple[str, int, Level]],
) -> None:
    """For somebody of each role in each community and project, after whatever happened."""
    family, entry = _begun()
    rows: dict[Any, Any] = {}
    grants.view.fold(rows, entry)
    for step in steps:
        event = _decided(family, *step)
        if event is not None:
            family, entry = _after(family, event)
            grants.view.fold(rows, entry)

    held = {row.principal: Level(row.level) for row in rows.values() if row is not None}
    for team in (*COMMUNITIES, *(UUID(int=each + 1) for each in range(3))):
        for level in RUNGS.values():
            somebody = replace(
                actor(uuid4()),
                principals=(access.rung_of(team, level), SIGNED_IN),
                projects=((team, level),),
            )
            in_sql = max(held.get(each, Level.NONE) for each in somebody.principals)
            assert in_sql == access.level(somebody, family.grants)
    assert held[OWNER] == Level.MANAGE
