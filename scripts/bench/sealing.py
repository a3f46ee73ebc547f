"""What sealing costs eight writers: appending with and without a process that seals beside it.

It seals as the follower does, a checkpoint every 0.4 s. What was appended without it is sealed
before the next round with it: a round bears the sealing of its own events.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from threading import Event

import psycopg

from domain.evidence import checkpoints
from domain.storage.checkpoint_file import CheckpointFile
from projections import sealing
from scripts.bench import running
from scripts.bench.append import WRITERS, migrated, writing
from scripts.bench.report import Row, median_ratio

ROUNDS = 8  # of each, in pairs that begin with one and the other in turns
PATIENCE = 60.0  # seconds in which all must be sealed
KEPT = 0.95  # of the rate, at least
SEED = bytes(32)  # of a key that nobody trusts
UNSEALED = "SELECT count(*) FROM es.event, es.seal WHERE event.position > seal.position"


def run() -> Iterator[Row]:
    """Measure both in turns."""
    with running.folder() as data, migrated(data) as url, writing(url) as bench:
        file = data.with_name("checkpoints")

        def sealed() -> float:
            with _sealing(url, file):
                return bench.round("append").rate

        def unsealed() -> float:
            return bench.round("append").rate

        unsealed(), sealed()  # not counted
        ours, floor = [], []
        for turn in range(ROUNDS):
            if turn % 2:
                ours.append(sealed())
                floor.append(unsealed())
            else:
                floor.append(unsealed())
                ours.append(sealed())
        yield Row(
            name=f"append, sealed, {WRITERS} writers",
            unit="1/s",
            ours=median(ours),
            floor=median(floor),
            ratio=median_ratio(ours, floor),
            least=KEPT,
        )


@contextmanager
def _sealing(database_url: str, file: Path) -> Iterator[None]:
    """Seal for a block, which begins when all is sealed."""
    process = get_context("spawn").Process(target=_seal, args=(database_url, file))
    process.start()
    try:
        until = time.monotonic() + PATIENCE
        with psycopg.connect(database_url, autocommit=True) as conn:
            while conn.execute(UNSEALED).fetchall() != [(0,)]:
                assert time.monotonic() < until, "the log is not sealed"
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.join()


def _seal(database_url: str, file: Path) -> None:
    stop = Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set())
    sealing.run(database_url, checkpoints.log_key(SEED), CheckpointFile(file), stop)
