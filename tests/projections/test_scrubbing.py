"""Scrubbing: what is gone leaves the database's files, and nobody waits for it behind others."""

from __future__ import annotations

from threading import Thread
from time import sleep

import psycopg
import pytest

from domain.commands import erasures
from domain.commands.accounts import OPERATOR
from domain.commands.erasures import Wanted
from domain.errors import Conflict
from projections import owing, rebuild
from projections.scrubbing import scrub
from tests.projections.tables import owner
from tests.writing import actor, create, log_on

WAITS = """
SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
 WHERE a.datname = current_database() AND a.query LIKE 'VACUUM (FULL)%' AND NOT l.granted
"""


def test_who_reads_while_a_scrub_waits_for_a_table_does_not_wait(database: str) -> None:
    """A reader that takes long holds up the scrub, and no other reader."""
    failures: list[BaseException] = []

    def scrubs() -> None:
        try:
            scrub(database, None)
        except BaseException as error:
            failures.append(error)

    scrubbing = Thread(target=scrubs)
    with owner(database) as long, owner(database) as other, owner(database) as watch:
        with long.transaction():
            long.execute("SELECT count(*) FROM es.event")
            scrubbing.start()
            while not watch.execute(WAITS).fetchall()[0][0]:
                assert scrubbing.is_alive(), failures
                sleep(0.002)
            other.execute("SET lock_timeout = '20s'")
            for _ in range(20):
                other.execute("SELECT FROM es.event LIMIT 1")
        scrubbing.join()
    assert failures == []


def test_a_scrub_takes_leftovers_of_rebuilds_and_leaves_nothing_owed(database: str) -> None:
    """What was erased is owed until then, and again with the next erasure."""
    with log_on(database) as log, owner(database) as conn:
        made = [log.run(actor(), create, b'{"n":0}') for _ in range(2)]
        conn.execute("CREATE TABLE rebuild.versions AS TABLE view.versions")
        log.run(OPERATOR, erasures.erase, str(made[0].number), Wanted("law"))
        [(at,)] = conn.execute(
            "SELECT recorded_at FROM es.event WHERE topic = 'record.erased' AND stream = %s",
            [made[0].id],
        ).fetchall()
        before = owing.unscrubbed_since(database)
        assert before is not None
        assert before <= at

        scrub(database, None)

        assert owing.unscrubbed_since(database) is None
        assert conn.execute("SELECT to_regclass('rebuild.versions')").fetchall() == [(None,)]
        log.run(OPERATOR, erasures.erase, str(made[1].number), Wanted("law"))
        assert owing.unscrubbed_since(database) is not None


def test_nothing_is_scrubbed_while_views_are_made_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their tables are beside the live ones, with what was erased meanwhile perhaps."""
    monkeypatch.setattr(rebuild, "LINGERING", 50)
    with psycopg.connect(database) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [rebuild.LOCK])

        with pytest.raises(Conflict, match="rebuild"):
            scrub(database, None)
