"""Memberships: what groups and projects let anybody do is what the rule says, in each reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain import access
from domain.access import Level
from domain.commands import accounts, groups, objects
from domain.family import Family
from domain.group import RUNGS, Group, Kind, Role
from domain.log import Log, Session
from domain.record import Record
from projections import credentials, grants
from projections.database import Db, reading_pool, serving
from projections.grants import Through
from tests.writing import actor, create, log_on

ROLES: list[Role] = [*RUNGS]
LEVELS = [each for each in Level if each]
NAMES = ("ada", "bea", "carl")
LEADER = replace(actor(), admin=True)


class World(NamedTuple):
    """Accounts by name, two groups and two projects whose members are about to be chosen."""

    log: Log
    accounts: dict[str, UUID]
    numbers: dict[str, int]
    groups: list[UUID]
    projects: list[UUID]
    record: Record


class Drawn(NamedTuple):
    """Who is in what in which role, and what was granted to whom, by place in the world's lists."""

    in_groups: dict[tuple[int, str], Role]
    in_projects: dict[tuple[int, str], Role]
    groups_in_projects: dict[tuple[int, int], Role]
    to_accounts: dict[str, Level]
    to_groups: dict[int, Level]
    to_projects: dict[int, Level]

    def held(self, name: str, *, by_groups: bool = True, by_projects: bool = True) -> Level:
        """The rung of somebody, as SampleDB defines it."""
        mine = {group for group, who in self.in_groups if who == name}
        found = [self.to_accounts.get(name, Level.NONE)]
        if by_groups:
            found += [self.to_groups.get(group, Level.NONE) for group in mine]
        if by_projects:
            for project, granted in self.to_projects.items():
                roles = [self.in_projects.get((project, name))]
                roles += [self.groups_in_projects.get((project, group)) for group in mine]
                found += [min(granted, RUNGS[role]) for role in roles if role is not None]
        return max(found)


PLACES = st.integers(0, 1)
WHO = st.sampled_from(NAMES)
DRAWN = st.builds(
    Drawn,
    st.dictionaries(st.tuples(PLACES, WHO), st.sampled_from(ROLES), max_size=4),
    st.dictionaries(st.tuples(PLACES, WHO), st.sampled_from(ROLES), max_size=4),
    st.dictionaries(st.tuples(PLACES, PLACES), st.sampled_from(ROLES), max_size=3),
    st.dictionaries(WHO, st.sampled_from(LEVELS), max_size=2),
    st.dictionaries(PLACES, st.sampled_from(LEVELS)),
    st.dictionaries(PLACES, st.sampled_from(LEVELS)),
)


@pytest.fixture(scope="module")
def world(database: str) -> Iterator[World]:
    """All of it made, and led by somebody who is in nothing else."""
    with log_on(database) as log:
        made = {name: log.run(actor(), accounts.create, name, None) for name in NAMES}
        yield World(
            log,
            {name: each.id for name, each in made.items()},
            {name: each.number for name, each in made.items()},
            [new(log, "group"), new(log, "group")],
            [new(log, "project"), new(log, "project")],
            log.run(LEADER, create),
        )


def new(log: Log, kind: Kind) -> UUID:
    """Make a group, and return its id."""
    return log.run(LEADER, groups.create, kind, name={"en": "Tin"}, description={}).id


def settle(session: Session, world: World, drawn: Drawn) -> None:
    """Bring memberships and grants to what was drawn, from whatever they are."""
    for place, id_ in enumerate(world.groups):
        roles = {who: role for (at, who), role in drawn.in_groups.items() if at == place}
        members(session, found(session, id_), {world.accounts[who]: roles[who] for who in roles})
    for place, id_ in enumerate(world.projects):
        roles = {who: role for (at, who), role in drawn.in_projects.items() if at == place}
        members(session, found(session, id_), {world.accounts[who]: roles[who] for who in roles})
        inside = {
            world.groups[group]: role
            for (at, group), role in drawn.groups_in_projects.items()
            if at == place
        }
        project = found(session, id_)
        for group in set(project.member_groups) - set(inside):
            project = groups.remove_group(session, project, found(session, group))
        for group, role in inside.items():
            project = groups.put_group(session, project, found(session, group), role)
    for name, id_ in world.accounts.items():
        objects.grant(session, world.record, id_, drawn.to_accounts.get(name, Level.NONE))
    for place, id_ in enumerate(world.groups):
        level = drawn.to_groups.get(place, Level.NONE)
        objects.grant_group(session, world.record, found(session, id_), level)
    for place, id_ in enumerate(world.projects):
        level = drawn.to_projects.get(place, Level.NONE)
        objects.grant_group(session, world.record, found(session, id_), level)


def found(session: Session, id_: UUID) -> Group:
    """A group as it stands."""
    group = session.find(Group, id=id_)
    assert group is not None
    return group


def members(session: Session, group: Group, roles: Mapping[UUID, Role]) -> None:
    """Give a group these members beside the one who leads it."""
    for account in set(group.members) - set(roles) - {LEADER.account}:
        group = groups.remove_member(session, group, account)
    for account, role in roles.items():
        group = groups.put_member(session, group, account, role)


async def shown(db: Db, world: World, through: Through) -> dict[str, Level]:
    """What each holds, as the list of an object's users says it."""
    held = await grants.users(db, world.record.family, through, LEADER.account)
    return {name: held.get(number, Level.NONE) for name, number in world.numbers.items()}


async def principals(db: Db, world: World, family: Family) -> dict[str, tuple[Level, Level]]:
    """What each holds by what he is when he signs in: in SQL, and in the domain."""
    both = {}
    for name in NAMES:
        holder = await credentials.by_name(db, name)
        assert holder is not None
        alone = replace(LEADER, principals=access.principals_of(holder.account))
        asker = access.with_memberships(alone, holder.memberships)
        in_sql = await grants.highest(db, family.id, asker.principals)
        both[name] = (in_sql, access.level(asker, family.grants))
    return both


@settings(max_examples=40, deadline=None)
@given(drawn=DRAWN)
def test_a_permission_is_the_highest_of_ones_own_and_those_of_groups_and_projects(
    database: str, world: World, drawn: Drawn
) -> None:
    """A project's goes as far as the member's in it, by whichever group he is one."""
    world.log.run(LEADER, settle, world, drawn)
    family = world.log.heads.head(Family, id=world.record.family)
    assert family is not None

    async def ask() -> None:
        db = reading_pool(serving(database, "test"), 1)
        await db.open()
        try:
            whole = {name: drawn.held(name) for name in NAMES}
            assert await principals(db, world, family) == {
                name: (level, level) for name, level in whole.items()
            }
            for by_groups in (False, True):
                for by_projects in (False, True):
                    assert await shown(db, world, Through(by_groups, by_projects)) == {
                        name: drawn.held(name, by_groups=by_groups, by_projects=by_projects)
                        for name in NAMES
                    }
        finally:
            await db.close()

    asyncio.run(ask())
