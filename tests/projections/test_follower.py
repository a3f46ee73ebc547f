"""The follower: every event below the horizon once, in order, by one process at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection, Connection

from domain.account import Account, PasswordSet
from domain.commands import accounts
from domain.event import Entry
from domain.log import Log, Retry, Session
from domain.storage.counters import Counters
from domain.topics import EVENTS
from projections import follower
from projections.database import connect, serving
from projections.follower import Following, lag, run, step, voiding
from projections.voids import voider
from tests.projections.tables import count, owner
from tests.writing import actor, create, log_on, publish


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with log_on(database) as found:
        yield found


@contextmanager
def following(database: str, *followings: Following) -> Iterator[threading.Thread]:
    """A follower on a thread of its own."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(database, followings, stop))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(timeout=2)
        assert not thread.is_alive()


def until(met: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 10
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def collecting(name: str, seen: list[Entry[Any]]) -> Following:
    """Work that keeps every entry."""

    def handle(_conn: Connection[Any], entries: Sequence[Entry[Any]]) -> None:
        seen.extend(entries)

    return Following(name, tuple(EVENTS), handle)


def test_every_event_is_followed_in_order_of_position(database: str, log: Log) -> None:
    """What was there before and what comes while it follows."""
    seen: list[Entry[Any]] = []
    made = log.run(actor(), create)

    with following(database, collecting("all", seen)):
        for _ in range(5):
            log.run(actor(), publish, made.id)
        total = count(database, "es.event")
        until(lambda: len(seen) >= total)

    with owner(database) as conn:
        found = conn.execute("SELECT stream, version FROM es.event ORDER BY position").fetchall()
    assert [(entry.stream, entry.version) for entry in seen] == found


def test_work_that_fails_is_done_again_and_its_writes_with_it(database: str, log: Log) -> None:
    """What a Following writes and how far it has come are one transaction."""
    log.run(actor(), create)
    failing = True

    def handle(conn: Connection[Any], entries: Sequence[Entry[Any]]) -> None:
        conn.execute(
            "INSERT INTO es.follower SELECT 'event ' || gen_random_uuid(), 0"
            " FROM generate_series(1, %s)",
            [len(entries)],
        )
        if failing:
            raise RuntimeError("halfway")

    work = Following("failing", tuple(EVENTS), handle)
    with connect(serving(database, "test")) as conn:
        with pytest.raises(RuntimeError, match="halfway"):
            step(conn, work)
        failing = False
        while step(conn, work):
            pass

    done = count(database, "es.follower WHERE name LIKE 'event %'")
    assert done == count(database, "es.event")
    with owner(database) as tidy:
        tidy.execute("DELETE FROM es.follower WHERE name LIKE 'event %'")


def test_a_damaged_event_does_not_keep_the_others_back(
    database: str, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    """It is passed over, and where it is stands in the log of the service."""
    seen: list[Entry[Any]] = []
    work = collecting("beside damage", seen)
    with connect(serving(database, "test")) as conn, owner(database) as somebody:
        while step(conn, work):
            pass
        before, made = len(seen), log.run(actor(), create)
        log.run(actor(), publish, made.id)
        change = (
            "UPDATE es.event SET state = %s WHERE stream = %s AND version = 2 RETURNING position"
        )
        kept = somebody.execute(
            "SELECT state FROM es.event WHERE stream = %s AND version = 2", [made.id]
        ).fetchone()
        assert kept is not None
        somebody.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        found = somebody.execute(change, [b"\xff", made.id]).fetchone()
        assert found is not None

        assert step(conn, work) == 4

        somebody.execute(change, [kept[0], made.id])
        somebody.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
    assert [each.version for each in seen[before:] if each.stream == made.id] == [1, 3]
    assert f"{found[0]}" in caplog.text


def test_an_open_transaction_holds_the_follower_back(database: str, log: Log) -> None:
    """What a transaction that has begun may still append is never skipped."""
    seen: list[Entry[Any]] = []
    work = collecting("held back", seen)
    with connect(serving(database, "test")) as conn:
        while step(conn, work):
            pass
        with psycopg.connect(database) as foreign:
            foreign.execute("SELECT txid_current()")
            log.run(actor(), create)
            before = len(seen)
            assert step(conn, work) == 0
        assert step(conn, work) == 3
    assert len(seen) == before + 3


def test_a_second_follower_waits_until_the_first_is_gone(database: str, log: Log) -> None:
    """The lock is held by one connection at a time."""
    first: list[Entry[Any]] = []
    second: list[Entry[Any]] = []
    with following(database, collecting("shared", first)):
        until(lambda: len(first) == count(database, "es.event"))
        with following(database, collecting("shared", second)):
            log.run(actor(), create)
            until(lambda: len(first) == count(database, "es.event"))
            assert not second
            with owner(database) as conn:
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND granted AND objid = %s",
                    [follower.LOCK],
                )
            log.run(actor(), create)
            until(lambda: len(first) + len(second) == count(database, "es.event"))


def test_a_broken_connection_is_replaced(database: str, log: Log) -> None:
    """After a restart of the database it goes on where it was, and does nothing twice."""
    seen: list[Entry[Any]] = []
    with following(database, collecting("broken", seen)):
        until(lambda: len(seen) == count(database, "es.event"))
        with owner(database) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'muniment follower'"
            )
        log.run(actor(), create)
        until(lambda: len(seen) == count(database, "es.event"))


def test_counters_are_raised_again_for_what_is_void(
    database: str, log: Log, tmp_path: Path
) -> None:
    """A writer that died between its commit and its raise leaves nothing remembered for long."""
    counters = Counters(tmp_path / "counters")
    made = log.run(actor(), accounts.create, f"ada {uuid4()}", None)

    def set_password(session: Session) -> None:
        account = session.find(Account, id=made.id)
        assert account is not None
        session.change(account, PasswordSet(password="argon2"))

    log.run(actor(), set_password)
    assert counters.read("credentials", made.id) == 0

    with following(database, voiding(voider(counters))):
        until(lambda: counters.read("credentials", made.id) == 1)


def test_expired_answers_are_forgotten(database: str, log: Log) -> None:
    """Those that hold are kept."""
    for key, lasts in (("over", timedelta(seconds=-1)), ("holds", timedelta(hours=1))):
        retry = Retry(
            key=key,
            method="POST",
            path="/",
            digest="",
            answer=lambda _made: (201, None, None),
            remembered=lasts,
        )
        log.run_once(actor(), retry, create)
    assert count(database, "view.answers") == 2

    with following(database):
        until(lambda: count(database, "view.answers") == 1)


def test_the_lag_says_how_far_and_how_long(database: str, log: Log) -> None:
    """Nothing behind is no seconds; otherwise since the first event that was not seen."""

    async def measured() -> dict[str, Any]:
        async with await AsyncConnection.connect(serving(database, "test")) as conn:
            return await lag(conn)

    with owner(database) as conn:
        conn.execute("DELETE FROM es.follower WHERE name <> 'lagging'")
    began = datetime.now(UTC)
    with connect(serving(database, "test")) as conn:
        while step(conn, collecting("lagging", [])):
            pass
        assert asyncio.run(measured())["seconds"] == 0
        log.run(actor(), create)
        time.sleep(0.1)
        behind = asyncio.run(measured())
        taken = (datetime.now(UTC) - began).total_seconds()
        assert 0.1 <= behind["seconds"] <= taken
        while step(conn, collecting("lagging", [])):
            pass
    after = asyncio.run(measured())
    assert after["position"] > behind["position"]
    assert after["seconds"] == 0
