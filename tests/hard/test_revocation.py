"""What is revoked is void at once: nothing is answered after the revoke has returned."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain import secrets
from domain.access import Actor, Level
from domain.account import Account, PasswordSet
from domain.commands import accounts, objects
from domain.event import Change
from domain.group import Group, GroupCreated, Kind
from domain.identifiers import account_id
from domain.log import Log, Session
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from scripts import wiring
from scripts.settings import Settings
from tests.hard.audience import REFUSED, Audience
from tests.hard.writers import Writers
from tests.running import Running
from tests.writing import actor


class World:
    """A service with four workers, its log as the command line has it, and a reader's object."""

    def __init__(self, running: Running, log: Log) -> None:
        self.log = log
        self.admin: Actor = actor(account_id("admin"))
        self.reader = log.run(accounts.OPERATOR, accounts.create, "reader", "first").id
        self.token = log.run(accounts.OPERATOR, accounts.issue_token, "reader").secret
        self.group = log.run(self.admin, self._group, "group").id
        self.project = log.run(self.admin, self._group, "project").id
        self.number = Writers(running).shared[0]
        path = f"/objects/{self.number}/versions/0"
        self.audience = Audience(running, path, credential=f"Bearer {running.admin_token}")
        self.grant(self.reader, Level.VIEW)

    def grant(self, principal: UUID, level: Level, *, by_role: bool = False) -> None:
        """Give a principal a rung on the object."""

        def command(session: Session) -> None:
            record = objects.find(session, self.number)
            objects.grant(session, record, principal, level, by_role=by_role)

        self.log.run(self.admin, command)

    def _group(self, session: Session, kind: Kind) -> Group:
        number = session.heads.draw(kind)
        return session.begin(uuid4(), GroupCreated(number=number, kind=kind, name={"en": "Tin"}))

    def change_group(self, id_: UUID, decide: Callable[[Group], Change[Group] | None]) -> None:
        """Change the members of the group, or of the project."""

        def command(session: Session) -> None:
            group = session.find(Group, id=id_)
            assert group is not None
            event = decide(group)
            if event is not None:
                session.change(group, event)

        self.log.run(self.admin, command)


def _token(world: World) -> Callable[[], object]:
    issued = world.log.run(accounts.OPERATOR, accounts.issue_token, "reader")
    world.audience.credential = f"Bearer {issued.secret}"
    return lambda: world.log.run(accounts.OPERATOR, accounts.revoke_token, issued.token)


def _password(world: World) -> Callable[[], object]:
    def set_password(session: Session, password: str) -> None:
        account = session.find(Account, id=world.reader)
        assert account is not None
        session.change(account, PasswordSet(password=secrets.hash_password(password)))

    password = uuid4().hex
    world.log.run(accounts.OPERATOR, set_password, password)
    world.audience.credential = f"Basic {b64encode(f'reader:{password}'.encode()).decode()}"
    return lambda: world.log.run(accounts.OPERATOR, set_password, "another")


def _permission(world: World) -> Callable[[], object]:
    world.audience.credential = f"Bearer {world.token}"
    world.grant(world.reader, Level.VIEW)
    return lambda: world.grant(world.reader, Level.NONE)


def _membership(world: World) -> Callable[[], object]:
    world.audience.credential = f"Bearer {world.token}"
    world.grant(world.reader, Level.NONE)
    world.grant(world.group, Level.VIEW)
    world.change_group(world.group, lambda group: group.put_member(world.reader, "reader"))
    return lambda: world.change_group(world.group, lambda group: group.remove_member(world.reader))


def _group_of_a_project(world: World) -> Callable[[], object]:
    world.audience.credential = f"Bearer {world.token}"
    world.grant(world.reader, Level.NONE)
    world.grant(world.group, Level.NONE)
    world.grant(world.project, Level.VIEW, by_role=True)
    world.change_group(world.group, lambda group: group.put_member(world.reader, "reader"))
    world.change_group(world.project, lambda project: project.put_group(world.group, "owner"))
    return lambda: world.change_group(
        world.project, lambda project: project.remove_group(world.group)
    )


REVOKES = (_token, _password, _permission, _membership, _group_of_a_project)


@pytest.fixture
def world(data: Path) -> Iterator[World]:
    """The service and what is read on it."""
    with (
        Running(data, "--workers", "4") as running,
        database(DataFolder(data), "test") as url,
        wiring.log(Settings(data=data).given("embedded", database_url=url)) as log,
    ):
        yield World(running, log)


def test_nothing_is_answered_after_a_revoke_has_returned(world: World) -> None:
    """Tokens, passwords, permissions, memberships of groups and theirs of projects, 20 in all."""
    _revoke(world, 20)


@pytest.mark.soak
def test_nothing_is_answered_after_any_of_two_hundred_revokes(world: World) -> None:
    """The long form."""
    _revoke(world, 200)


def _revoke(world: World, rounds: int) -> None:
    audience = world.audience
    with audience.reading():
        for prepare in islice(cycle(REVOKES), rounds):
            revoke = prepare(world)
            audience.let_in()
            revoke()
            statuses = {status for _path, status in audience.told()}
            assert statuses <= {*REFUSED}, prepare.__name__
            world.grant(world.reader, Level.VIEW)
