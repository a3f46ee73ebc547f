"""What a save relies on holds until it is durable: no write lands after its grant was revoked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
from msgspec import Raw
from msgspec.structs import replace

from domain import access
from domain.access import Actor, Level
from domain.commands import groups, objects
from domain.errors import Forbidden
from domain.group import Group, Kind, Role
from domain.log import Log, Session
from domain.record import Record
from tests.projections.tables import count, owner
from tests.writing import actor, create, log_on

BOB = uuid4()
WAITING = "pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def _nothing() -> None:
    """Do nothing between a decision and its save."""


def write(session: Session, number: int, meanwhile: Callable[[], None] = _nothing) -> Record:
    """Publish a version; something happens after the right to do so was found."""
    record = objects.writable(session, str(number))
    meanwhile()
    return session.change(record, record.publish(Raw(b"{}"), schema_version=1))


def grant(log: Log, number: int, principal: UUID, level: Level) -> None:
    """Give a principal a rung on an object, as its owner."""

    def command(session: Session) -> None:
        objects.grant(session, objects.find(session, str(number)), principal, level)

    log.run(actor(), command)


def shared(log: Log) -> Record:
    """Make an object that BOB may edit."""
    made = log.run(actor(), create)
    grant(log, made.number, BOB, Level.EDIT)
    return made


def test_a_write_whose_grant_was_revoked_while_it_was_decided_is_refused(database: str) -> None:
    """It is decided again, on what is by then; nothing is stored."""
    with log_on(database) as log, log_on(database) as other:
        made = shared(log)

        def revoke() -> None:
            grant(other, made.number, BOB, Level.NONE)

        with pytest.raises(Forbidden):
            log.run(actor(BOB), write, made.number, revoke)

    assert count(database, f"es.event WHERE stream = '{made.id}'") == 2


def test_a_write_whose_object_was_granted_to_another_meanwhile_is_stored(database: str) -> None:
    """Decided again, it is as right as before."""
    with log_on(database) as log, log_on(database) as other:
        made = shared(log)
        others = [uuid4(), uuid4()]

        def share() -> None:
            if others:
                grant(other, made.number, others.pop(), Level.VIEW)

        after = log.run(actor(BOB), write, made.number, share)

    assert (after.versions, others) == (2, [])


def test_a_revoke_is_acknowledged_after_the_writes_that_came_before_it(database: str) -> None:
    """A save that is under way ends first, however long it takes."""
    with (
        log_on(database) as log,
        log_on(database) as other,
        owner(database) as holding,
        ThreadPoolExecutor(2) as pool,
    ):
        made = shared(log)
        with holding.transaction():
            holding.execute("SELECT FROM view.records WHERE id = %s FOR UPDATE", [made.id])
            writing = pool.submit(log.run, actor(BOB), write, made.number)
            _wait_for_waiting(database, 1)
            revoking = pool.submit(grant, other, made.number, BOB, Level.NONE)
            _wait_for_waiting(database, 2)
            assert not revoking.done()
        assert writing.result(30).versions == 2
        revoking.result(30)

        with pytest.raises(Forbidden):
            log.run(actor(BOB), write, made.number)


def test_a_save_that_the_server_ends_for_a_deadlock_is_decided_again(database: str) -> None:
    """It is stored once nobody stands in its way."""
    with (
        log_on(database) as log,
        psycopg.connect(database, user="postgres") as crossing,
        ThreadPoolExecutor(1) as pool,
    ):
        made = shared(log)
        crossing.execute("SET deadlock_timeout = '1min'")  # so that the other one is ended
        crossing.execute("SELECT FROM view.records WHERE id = %s FOR UPDATE", [made.id])
        writing = pool.submit(log.run, actor(BOB), write, made.number)
        _wait_for_waiting(database, 1)
        crossing.execute("SELECT FROM view.families WHERE id = %s FOR UPDATE", [made.family])
        crossing.commit()

        assert writing.result(30).versions == 2


def in_a_group(log: Log, kind: Kind, through: Kind | None = None) -> tuple[Record, Group, Group]:
    """Make an object that the members of a group may edit: BOB is in it, or in one that is."""
    made = log.run(actor(), create)
    admin = replace(actor(), admin=True)
    holder = inner = log.run(admin, groups.create, kind, name={"en": "Tin"}, description={})
    if through is not None:
        inner = log.run(admin, groups.create, through, name={"en": "Lead"}, description={})
    inner = log.run(actor(), groups.put_member, inner, BOB, "member")

    def share(session: Session) -> Group:
        group = _group(session, holder)
        objects.grant_group(session, objects.find(session, str(made.number)), group, Level.EDIT)
        return group if through is None else groups.put_group(session, group, inner, "member")

    return made, log.run(actor(), share), inner


def _group(session: Session, known: Group) -> Group:
    """A group as it stands."""
    found = session.find(Group, id=known.id)
    assert found is not None
    return found


def leave(session: Session, known: Group) -> None:
    """Take BOB out of a group, if he is in it."""
    group = _group(session, known)
    if BOB in group.members:
        groups.remove_member(session, group, BOB)


def demote(session: Session, project: Group, inner: Group, role: Role | None) -> None:
    """Give a group another role in a project, or take it out."""
    now = _group(session, project)
    if role is not None:
        groups.put_group(session, now, inner, role)
    elif now.member_groups:
        groups.remove_group(session, now, inner)


def bob(log: Log) -> Actor:
    """BOB, as a credential has shown him."""
    return access.with_memberships(actor(BOB), log.heads.memberships(BOB))


GROUPS: list[tuple[Kind, Kind | None]] = [("group", None), ("project", None), ("project", "group")]


@pytest.mark.parametrize(("kind", "through"), GROUPS)
def test_a_write_by_a_member_who_was_taken_out_while_it_was_decided_is_refused(
    database: str, kind: Kind, through: Kind | None
) -> None:
    """However the group gave the right to it; nothing is stored."""
    with log_on(database) as log, log_on(database) as other:
        made, _, inner = in_a_group(log, kind, through)

        with pytest.raises(Forbidden):
            log.run(bob(log), write, made.number, lambda: other.run(actor(), leave, inner))

        assert bob(log).memberships == ()
    assert count(database, f"es.event WHERE stream = '{made.id}'") == 2


@pytest.mark.parametrize("role", [None, "reader"])
def test_a_write_whose_group_lost_its_role_in_the_project_meanwhile_is_refused(
    database: str, role: Role | None
) -> None:
    """Whether it was taken out or may only read by now."""
    with log_on(database) as log, log_on(database) as other:
        made, project, inner = in_a_group(log, "project", "group")

        def change() -> None:
            other.run(actor(), demote, project, inner, role)

        log.run(bob(log), write, made.number)
        with pytest.raises(Forbidden):
            log.run(bob(log), write, made.number, change)


def test_a_write_by_a_member_stands_whoever_else_comes_and_goes(database: str) -> None:
    """It is decided once: what it relies on is the one membership, and not the group."""
    decided = []
    with log_on(database) as log, log_on(database) as other:
        made, project, _ = in_a_group(log, "project")

        def join() -> None:
            decided.append(other.run(actor(), groups.put_member, project, uuid4(), "reader"))

        after = log.run(bob(log), write, made.number, join)

    assert (after.versions, len(decided)) == (2, 1)


def test_a_member_is_taken_out_after_the_writes_that_came_before_it(database: str) -> None:
    """A save that is under way ends first, however long it takes."""
    with (
        log_on(database) as log,
        log_on(database) as other,
        owner(database) as holding,
        ThreadPoolExecutor(2) as pool,
    ):
        made, team, _ = in_a_group(log, "group")
        member = bob(log)
        with holding.transaction():
            holding.execute("SELECT FROM view.records WHERE id = %s FOR UPDATE", [made.id])
            writing = pool.submit(log.run, member, write, made.number)
            _wait_for_waiting(database, 1)
            leaving = pool.submit(other.run, actor(), leave, team)
            _wait_for_waiting(database, 2)
            assert not leaving.done()
        assert writing.result(30).versions == 2
        leaving.result(30)

        with pytest.raises(Forbidden):
            log.run(bob(log), write, made.number)


def _wait_for_waiting(database: str, number: int) -> None:
    """Wait until that many server processes wait for a lock."""
    with owner(database) as conn:
        for _ in range(1000):
            if count(database, WAITING) == number:
                return
            conn.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("There are not so many that wait.")
