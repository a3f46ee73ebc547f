"""Realign: a log restored into a cluster whose transaction ids are smaller than its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from domain.errors import Conflict
from domain.storage.datafolder import DataFolder
from domain.storage.server import Server
from projections.database import connect, scalar, serving
from projections.follower import Following, step
from projections.migrate import migrate
from projections.realign import check, realign
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.projections.tables import count, differences, keep, owner
from tests.writing import actor, create, log_on, publish

AGE = 1_000_000  # transactions of the cluster that the log comes from


@pytest.fixture
def restored(database: str) -> str:
    """A database whose log was written by a cluster that was AGE transactions older."""
    with owner(database) as conn:
        conn.execute(
            "CREATE OR REPLACE FUNCTION es.txid_offset() RETURNS bigint IMMUTABLE"
            f" PARALLEL SAFE LANGUAGE sql RETURN {AGE}"
        )
    with log_on(database) as log:
        made = log.run(actor(), create)
        for _ in range(3):
            log.run(actor(), publish, made.id)
    with owner(database) as conn:
        conn.execute(
            "CREATE OR REPLACE FUNCTION es.txid_offset() RETURNS bigint IMMUTABLE"
            " PARALLEL SAFE LANGUAGE sql RETURN 0"
        )
        conn.execute("SELECT setval('es.record_number', 1)")
    return database


def test_a_log_ahead_of_its_cluster_is_refused(restored: str) -> None:
    """The refusal names the command that mends it."""
    with owner(restored) as conn, pytest.raises(Conflict, match="muniment realign"):
        check(conn)


def test_a_realigned_log_goes_on(restored: str) -> None:
    """New events stand after all old ones, followers see everything, numbers are not used twice."""
    realign(restored)

    with owner(restored) as conn:
        check(conn)
        last = scalar(conn, "SELECT max(position) FROM es.event")
        numbers = scalar(conn, "SELECT max(number) FROM view.records")
    with log_on(restored) as log:
        made = log.run(actor(), create)
        log.run(actor(), publish, made.id)
    assert made.number == numbers + 1
    with owner(restored) as conn:
        first = "SELECT min(position) FROM es.event WHERE stream = %s"
        assert scalar(conn, first, [made.id]) > last
    seen = 0
    with connect(serving(restored, "test")) as follows:
        while moved := step(follows, Following("all", (), lambda _conn, _entries: None)):
            seen += moved
    assert seen == count(restored, "es.event")


def test_views_are_made_again_from_a_realigned_log(restored: str) -> None:
    """Snapshots and positions agree under the offset."""
    realign(restored)
    with log_on(restored) as log:
        log.run(actor(), create)
    keep(restored, "inline")

    rebuild(restored, list(VIEWS))

    assert differences(restored, "inline") == {}


def test_a_log_at_home_is_left_as_it_is(database: str) -> None:
    """Nothing is lifted where nothing is behind."""
    realign(database)

    assert realign(database) == 0


def test_writers_at_work_do_not_make_a_log_look_foreign(database: str) -> None:
    """A transaction that stays open holds the horizon back, not the next transaction id."""
    realign(database)
    with psycopg.connect(database) as foreign, log_on(database) as log, owner(database) as conn:
        foreign.execute("SELECT txid_current()")
        log.run(actor(), create)
        check(conn)


def test_a_log_copied_into_a_fresh_cluster_goes_on(database: str, data: Path) -> None:
    """Only the events are brought: found ahead, realigned, views made from them, appended to."""
    realign(database)
    spend = "DO $$ BEGIN FOR i IN 1..5000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$"
    with owner(database) as old:
        old.execute(spend)  # as any cluster does that has been used for a while
    with log_on(database) as log:
        made = log.run(actor(), create)
    events = count(database, "es.event")
    folder = DataFolder(data)
    folder.open()
    with folder.held("test"):
        server = Server(folder)
        server.start()
        try:
            fresh = server.url()
            migrate(fresh)
            with owner(database) as old, owner(fresh) as new:
                _copy(old, new, "es.event")
                with pytest.raises(Conflict, match="muniment realign"):
                    check(new)

            assert realign(fresh) > 0
            rebuild(fresh, list(VIEWS))

            with log_on(fresh) as log:
                assert log.run(actor(), publish, made.id).versions == 2
                assert log.run(actor(), create).number == made.number + 1
            assert count(fresh, "es.event") == events + 4
        finally:
            server.stop()


def _copy(old: Connection[Any], new: Connection[Any], table: str) -> None:
    with (
        old.cursor().copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as out,
        new.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as into,
    ):
        for block in out:
            into.write(block)
