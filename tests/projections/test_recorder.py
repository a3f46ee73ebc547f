"""The recorder: a save is one transaction, stored once, whatever becomes of its answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import RecordConflictError

from domain.event import Entry
from domain.family import FamilyCreated
from domain.log import Log, Session
from domain.name import NameClaimed, name_id
from projections.database import serving
from tests.projections.proxy import Proxy, proxied
from tests.projections.tables import count, owner
from tests.writing import ADA, actor, create, log_on, publish


@pytest.fixture
def way(database: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the database, and the connection string through it."""
    with TemporaryDirectory(prefix="p-") as folder, proxied(Path(folder), database) as found:
        yield found


def versions(database: str, record: UUID) -> list[int]:
    """The numbers of a record's versions, as the log has them."""
    with owner(database) as conn:
        found = conn.execute("SELECT version FROM es.event WHERE stream = %s ORDER BY 1", [record])
        return [version for (version,) in found]


class Losing:
    """A log whose next save loses its connection; everything happens on one other thread."""

    def __init__(self, log: Log, proxy: Proxy, record: UUID) -> None:
        self.result: list[int] = []
        self._log, self._proxy, self._record = log, proxy, record
        self._prepared, self._go = threading.Event(), threading.Event()
        self._inserting = log.recorder.insert_events
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._prepared.wait(10)  # the server knows the statement: one round trip is all

    def start(self) -> None:
        """Save once more and lose the answer."""
        self._go.set()
        assert self._proxy.sent.wait(10)

    def join(self) -> None:
        """Wait until the command returns."""
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        self._log.run(actor(), publish, self._record)
        self._prepared.set()
        self._go.wait(10)
        self._log.recorder.insert_events = self._insert  # type: ignore[method-assign]
        self.result.append(self._log.run(actor(), publish, self._record).versions)

    def _insert(self, *args: Any, **kwargs: Any) -> Sequence[int] | None:
        self._log.recorder.insert_events = self._inserting  # type: ignore[method-assign]
        self._proxy.lose.set()
        return self._inserting(*args, **kwargs)


def test_a_commit_whose_answer_was_lost_is_stored_once(
    database: str, way: tuple[Proxy, str]
) -> None:
    """The connection breaks after the commit: the save is found and reported as done."""
    proxy, through = way
    with log_on(through) as log:
        made = log.run(actor(), create)
        losing = Losing(log, proxy, made.id)
        losing.start()
        losing.join()

    assert losing.result == [3]
    assert versions(database, made.id) == [1, 2, 3, 4]


def test_a_save_that_the_server_still_works_on_is_stored_once(
    database: str, way: tuple[Proxy, str]
) -> None:
    """The connection breaks before the commit, the server goes on: the second try conflicts."""
    proxy, through = way
    proxy.wait = False
    with log_on(through) as log, owner(database) as other:
        made = log.run(actor(), create)
        losing = Losing(log, proxy, made.id)
        with other.transaction():
            other.execute("SELECT FROM view.records WHERE id = %s FOR UPDATE", [made.id])
            losing.start()
            _wait_for_waiting(database, 2)  # the first for the row, the second for the first
        losing.join()

    assert losing.result == [3]
    assert versions(database, made.id) == [1, 2, 3, 4]


def test_a_server_process_killed_at_work_is_replaced(database: str, way: tuple[Proxy, str]) -> None:
    """Nothing of its save was stored; the save is sent again on a fresh connection."""
    proxy, through = way
    proxy.wait = False
    with log_on(through) as log, owner(database) as other:
        made = log.run(actor(), create)
        losing = Losing(log, proxy, made.id)
        with other.transaction():
            other.execute("SELECT FROM view.records WHERE id = %s FOR UPDATE", [made.id])
            losing.start()
            pids = _wait_for_waiting(database, 2)
            for pid in pids:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
        losing.join()

    assert losing.result == [3]
    assert versions(database, made.id) == [1, 2, 3, 4]


def _wait_for_waiting(database: str, number: int) -> list[int]:
    """The server processes that wait for a lock, once there are that many."""
    with owner(database) as conn:
        for _ in range(1000):
            waiting = conn.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchall()
            if len(waiting) == number:
                return [pid for (pid,) in waiting]
            conn.execute("SELECT pg_sleep(0.01)")
    raise AssertionError(f"{len(waiting)} wait, not {number}")


def test_a_save_of_several_streams_is_all_or_nothing(database: str) -> None:
    """One stream that has begun already refuses the others with it."""

    def claim(session: Session, value: str) -> None:
        session.begin(uuid4(), FamilyCreated(owner=ADA))
        event = NameClaimed(kind="test", value=value, holder=ADA)
        session.begin(name_id("test", value), event)

    with log_on(database) as log:
        log.run(actor(), claim, "tin")
        before = count(database, "es.event"), count(database, "view.families")
        session = Session(log.heads, actor(), log.validator)
        claim(session, "tin")
        with pytest.raises(RecordConflictError):
            log.save(*session.entries, entries=session.entries, heads=session.changed)

    assert (count(database, "es.event"), count(database, "view.families")) == before


def test_a_save_that_skips_a_version_is_refused(database: str) -> None:
    """Versions of a stream follow each other without a gap."""
    with log_on(database) as log:
        made = log.run(actor(), create)
        session = Session(log.heads, actor(), log.validator)
        publish(session, made.id)
        publish(session, made.id)
        second = session.entries[1:]
        with pytest.raises(RecordConflictError):
            log.save(*second, entries=second, heads=session.changed)

    assert versions(database, made.id) == [1, 2]


def test_a_save_tells_before_it_is_acknowledged(database: str) -> None:
    """What must be void at once is told of committed entries."""
    told: list[Entry[Any]] = []

    def tell(entries: Sequence[Entry[Any]]) -> None:
        assert count(database, f"es.event WHERE stream = '{entries[-1].stream}'") == 2
        told.extend(entries)

    with log_on(database, tell) as log:
        log.run(actor(), create)

    assert [entry.event.TOPIC for entry in told] == [
        "family.created",
        "record.created",
        "record.published",
    ]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE es.event SET topic = topic", "DELETE FROM es.event", "TRUNCATE es.event"],
)
def test_nobody_changes_what_was_appended(database: str, statement: str) -> None:
    """The owner of the log is refused by the log; the serving role by its privileges."""
    with owner(database) as conn, pytest.raises(psycopg.errors.RestrictViolation):
        conn.execute(statement)
    with (
        psycopg.connect(serving(database, "test")) as serves,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        serves.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE es.event DISABLE TRIGGER append_only",
        "DROP TABLE view.records",
        "CREATE OR REPLACE FUNCTION es.txid_offset() RETURNS bigint LANGUAGE sql RETURN 1",
        "CREATE TABLE view.tins (id integer)",
        "SET session_replication_role = replica",
    ],
)
def test_the_serving_role_owns_nothing(database: str, statement: str) -> None:
    """It appends, reads and keeps rows of views, and can take away no protection."""
    with (
        psycopg.connect(serving(database, "test")) as serves,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        serves.execute(statement)
