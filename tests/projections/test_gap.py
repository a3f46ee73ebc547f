"""The gap test: whatever writers do, a follower skips nothing and sees every stream in order."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from domain.event import Entry
from domain.topics import EVENTS
from projections.follower import Following, run
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.projections.tables import count, differences, keep, owner
from tests.running import ROOT, environment
from tests.writing import actor, create, log_on

WRITERS = 8
RECORDS = 4  # that all writers race for


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.soak)])
def test_a_follower_skips_nothing_under_eight_writers(database: str, seconds: int) -> None:
    """Versions rise with positions, each key is stored once, views equal the log."""
    with log_on(database) as log:
        records = [log.run(actor(), create).id for _ in range(RECORDS)]
    seen: list[tuple[UUID, int]] = []

    def handle(_conn: Connection[Any], entries: Sequence[Entry[Any]]) -> None:
        seen.extend((entry.stream, entry.version) for entry in entries)

    stop = threading.Event()
    following = [Following(f"gap {seconds}", tuple(EVENTS), handle)]
    follower = threading.Thread(target=run, args=(database, following, stop))
    follower.start()
    try:
        _write(database, seconds, records)
        deadline = time.monotonic() + 10
        while len(seen) < count(database, "es.event") and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        stop.set()
        follower.join()

    with owner(database) as conn:
        log_order = conn.execute("SELECT stream, version FROM es.event ORDER BY position")
        assert seen == log_order.fetchall()
        out_of_order = conn.execute(
            "SELECT count(*) FROM (SELECT version, lag(version, 1, 0) OVER"
            " (PARTITION BY stream ORDER BY position) AS before FROM es.event) AS e"
            " WHERE version <> before + 1"
        )
        assert out_of_order.fetchone() == (0,)
        keys = conn.execute(
            "SELECT count(key), count(DISTINCT key) FROM (SELECT"
            " convert_from(state, 'UTF8')::jsonb -> 'answer' ->> 'key' AS key FROM es.event) AS e"
        ).fetchone()
        assert keys is not None
        assert keys[0] == keys[1] > 0
    keep(database, "inline")
    rebuild(database, list(VIEWS))
    assert differences(database, "inline") == {}


def _write(database: str, seconds: int, records: Sequence[UUID]) -> None:
    writers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.projections.gap_writer"),
                *(database, str(seconds), str(seed), *map(str, records)),
            ],
            cwd=ROOT,
            env=environment(),
        )
        for seed in range(WRITERS)
    ]
    for each in writers:
        assert each.wait(timeout=seconds + 60) == 0
