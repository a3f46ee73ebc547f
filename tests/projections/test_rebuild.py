"""Rebuild: views made again beside the live ones, exactly, whatever else goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Conflict, NotFound
from domain.log import Log
from domain.storage.cluster import OWNER
from projections import folding, history
from projections import rebuild as rebuilding
from projections.database import serving
from projections.migrate import migrate
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.projections.tables import count, differences, keep, owner
from tests.running import ROOT, environment
from tests.writing import actor, create, live, log_on, publish


def write(log: Log, random: Random, saves: int) -> None:
    """Save some of everything."""
    made: dict[str, list[UUID]] = {}
    for _ in range(saves):
        log.run(actor(), live, random, made)


def assert_folded_as_inline(database: str, seed: int, rows: int) -> None:
    """Write a history, and make the views again with few of their rows in memory."""
    with log_on(database) as log:
        write(log, Random(seed), 30)
    keep(database, "inline")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "ROWS", rows)
        patch.setattr(history, "BATCH", 7)
        rebuild(database, list(VIEWS))

    assert differences(database, "inline") == {}


@pytest.mark.parametrize("rows", [3, 200_000])
@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_folded_rows_equal_those_written_inline(database: str, seed: int, rows: int) -> None:
    """Any history gives the same tables, also when memory holds only a few rows of them."""
    assert_folded_as_inline(database, seed, rows)


@pytest.mark.soak
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.sampled_from([3, 20, 200_000]))
def test_many_folded_histories_equal_those_written_inline(
    database: str, seed: int, rows: int
) -> None:
    """The same of more of them."""
    assert_folded_as_inline(database, seed, rows)


def test_large_documents_are_made_again_exactly(database: str) -> None:
    """A document too large for a batch is fetched on its own."""
    body = b'{"tin": "' + b"x" * 2 * history.LARGE + b'"}'
    with log_on(database) as log:
        made = log.run(actor(), create, body)

    rebuild(database, ["versions"])

    with owner(database) as conn:
        found = conn.execute("SELECT body FROM view.versions WHERE record = %s", [made.id])
        assert found.fetchall() == [(body,)]


@pytest.mark.parametrize(
    ("harm", "harmed"),
    [
        ("UPDATE es.event SET state = NULL, salt = NULL WHERE stream = %s AND version = 1", 1),
        ("DELETE FROM es.event WHERE stream = %s AND version = 1", 2),
    ],
)
def test_a_stream_whose_beginning_is_gone_is_named(database: str, harm: str, harmed: int) -> None:
    """Its first event that cannot be folded, with its position; the view stays as it was."""
    with log_on(database) as log:
        made = log.run(actor(), create)
    before = count(database, "view.records")
    with owner(database) as conn:
        conn.execute("CREATE TABLE public.whole AS TABLE es.event")
        find = "SELECT position FROM es.event WHERE stream = %s AND version = %s"
        row = conn.execute(find, [made.id, harmed]).fetchone()
        assert row is not None
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute(harm, [made.id])

        with pytest.raises(Conflict) as refused:
            rebuild(database, ["records"])

        conn.execute("TRUNCATE es.event; INSERT INTO es.event TABLE public.whole")
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
        conn.execute("DROP TABLE public.whole")
    assert f"Event {harmed} of the stream {made.id}, at position {row[0]}" in str(refused.value)
    assert count(database, "view.records") == before


def test_the_serving_role_writes_to_a_view_made_again(database: str) -> None:
    """The new table has the privileges and the indexes of the old."""
    with owner(database) as conn:
        indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'view' ORDER BY 1"
        before = conn.execute(indexes).fetchall()

        rebuild(database, list(VIEWS))

        assert conn.execute(indexes).fetchall() == before
    with log_on(database) as log:
        made = log.run(actor(), create)
        assert log.run(actor(), publish, made.id).versions == 2


def test_the_serving_role_writes_to_a_view_that_another_role_made_again(database: str) -> None:
    """The privileges come with the table, not from the role that runs the rebuild."""
    rebuild(database.replace(OWNER, "postgres"), list(VIEWS))

    with log_on(database) as log:
        made = log.run(actor(), create)
        assert log.run(actor(), publish, made.id).versions == 2
    rebuild(database, list(VIEWS))


def test_numbers_go_on_above_those_in_use(database: str) -> None:
    """A sequence that fell behind, as after a restore, is lifted; one in use is left alone."""
    with log_on(database) as log:
        last = log.run(actor(), create).number
        with owner(database) as conn:
            conn.execute("SELECT setval('es.record_number', 1)")

        rebuild(database, ["records"])

        assert log.run(actor(), create).number == last + 1


def test_a_view_that_is_new_is_filled_before_the_service_starts(database: str) -> None:
    """A migration makes its table and its rows from the log."""
    with log_on(database) as log:
        write(log, Random(3), 30)
    keep(database, "inline")
    with owner(database) as conn:
        conn.execute("DROP TABLE view.members")

    migrate(database)

    assert count(database, "view.members") > 0
    assert differences(database, "inline") == {}


def test_a_view_that_a_killed_migration_left_unfilled_is_filled_at_the_next_start(
    database: str,
) -> None:
    """Its table is there and empty: that it must be filled was written down with it."""
    with log_on(database) as log:
        write(log, Random(4), 30)
    keep(database, "inline")
    script = "import sys; from projections.migrate import migrate; migrate(sys.argv[1])"
    with owner(database) as conn:
        conn.execute("DROP TABLE view.members")
        conn.execute(
            "SELECT pg_advisory_lock(%s)", [rebuilding.LOCK]
        )  # so that it comes no farther
        killed = subprocess.Popen(
            [sys.executable, "-c", script, database], cwd=ROOT, env=environment()
        )
        until = time.monotonic() + 20
        while conn.execute("SELECT to_regclass('view.members')").fetchone() == (None,):
            assert time.monotonic() < until
            time.sleep(0.01)
        killed.kill()
        killed.wait()
    assert count(database, "view.members") == 0

    migrate(database)

    assert count(database, "view.members") > 0
    assert differences(database, "inline") == {}
    assert count(database, "muniment.unfilled") == 0


def test_a_view_that_does_not_exist_is_refused(database: str) -> None:
    """The refusal names those that do."""
    with pytest.raises(NotFound, match="There is no view tins; there are accounts, "):
        rebuild(database, ["tins"])


def test_two_rebuilds_at_once_are_refused(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second says that another runs."""
    monkeypatch.setattr(rebuilding, "LINGERING", 50)
    with owner(database) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", [rebuilding.LOCK])

        with pytest.raises(Conflict, match="Another rebuild is running"):
            rebuild(database, ["names"])


def test_what_a_killed_rebuild_left_is_dropped(database: str) -> None:
    """Killed in its middle, it leaves the live view as it was; the next one goes through."""
    with log_on(database) as log:
        write(log, Random(2), 30)
    keep(database, "inline")
    script = (
        "import sys, time; from projections import rebuild, history;"
        "history.LONG = 0;"
        "rebuild.Beside.finish = lambda self: (print('now', flush=True), time.sleep(60));"
        "rebuild.rebuild(sys.argv[1], ['records'])"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", script, database],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
    )
    assert killed.stdout is not None
    with killed, killed.stdout:
        killed.stdout.readline()
        killed.kill()
    assert count(database, "pg_tables WHERE schemaname = 'rebuild'") == 1

    rebuild(database, ["records"])

    assert count(database, "pg_tables WHERE schemaname = 'rebuild'") == 0
    assert differences(database, "inline") == {}


@contextmanager
def writers(database: str, number: int) -> Iterator[list[int]]:
    """Processes that create and publish without pause; in the end, how many saves each made."""
    script = (
        "import sys; from tests.projections.test_rebuild import write_on; write_on(sys.argv[1])"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, database],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(number)
    ]
    saves: list[int] = []
    try:
        for each in started:
            assert each.stdout is not None
            assert each.stdout.readline() == "writing\n"
        yield saves
    finally:
        for each in started:
            each.send_signal(signal.SIGTERM)
        for each in started:
            out, _ = each.communicate(timeout=30)
            assert each.returncode == 0
            saves.append(int(out))


def write_on(database: str) -> None:
    """Create and publish until SIGTERM, failing on the first error; print the number of saves."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set())
    saves = 0
    random = Random(os.getpid())
    made: dict[str, list[UUID]] = {}
    with log_on(database) as log:
        record = log.run(actor(), create)
        print("writing", flush=True)  # noqa: T201 - to the test
        while not stop.is_set():
            log.run(actor(), publish, record.id)
            log.run(actor(), live, random, made)
            if random.random() < 0.2:
                record = log.run(actor(), create)
            saves += 2
    print(saves, flush=True)  # noqa: T201


@pytest.mark.parametrize(("number", "times"), [(3, 1), pytest.param(8, 2, marks=pytest.mark.soak)])
def test_nothing_is_lost_beside_writers_and_an_open_foreign_transaction(
    database: str, number: int, times: int
) -> None:
    """No writer fails, and every view equals the one that is made again when all is quiet."""
    with psycopg.connect(database) as foreign:
        foreign.execute("SELECT txid_current()")  # holds the horizon back to the end
        with writers(database, number) as saves:
            for _ in range(times):
                rebuild(database, list(VIEWS))
        assert min(saves) > 0
        keep(database, "inline")

        rebuild(database, list(VIEWS))

        assert differences(database, "inline") == {}
    with owner(database) as conn:
        events = conn.execute(
            "SELECT count(*), sum(versions) FROM view.records"
            " UNION ALL SELECT count(*) FILTER (WHERE topic = 'record.created'),"
            " count(*) FILTER (WHERE topic = 'record.published') FROM es.event"
        ).fetchall()
    assert events[0] == events[1]


def test_a_reader_of_the_view_delays_the_swap_but_is_not_disturbed(database: str) -> None:
    """The lock is tried for a moment at a time; readers meanwhile go on."""
    done = threading.Event()

    def again() -> None:
        rebuild(database, ["names"])
        done.set()

    with psycopg.connect(serving(database, "reader")) as reader:
        reader.execute("SELECT count(*) FROM names")  # its lock lasts until the transaction ends
        thread = threading.Thread(target=again)
        thread.start()
        time.sleep(0.5)
        assert not done.is_set()
        with psycopg.connect(serving(database, "reader")) as other:
            other.execute("SELECT count(*) FROM names")
            assert not done.is_set()
    thread.join(timeout=10)
    assert done.is_set()
