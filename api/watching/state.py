"""What the database and the data folder say of a service, as metrics.

It is the same whichever worker tells it, and on whichever machine: nothing is added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg import AsyncConnection

from domain.storage.looks import Look
from projections import owing, seals, watching
from projections.fixity import Fixity
from projections.follower import lag
from projections.owing import Owed
from projections.watching import Untold, Watched


class Log(Struct, frozen=True):
    """The state of the log and of all who follow it."""

    watched: Watched
    untold: Untold
    follower: dict[str, Any]
    sealed: dict[str, Any]
    owed: Owed


async def log(conn: AsyncConnection[Any]) -> Log:
    """Read the state of the log."""
    return Log(
        await watching.watched(conn),
        await watching.untold(conn),
        await lag(conn),
        await seals.state(conn),
        await owing.owed(conn),
    )


class State(Collector):
    """One reading; `log` is None where the database did not answer."""

    def __init__(self, log: Log | None, look: Look, fixity: Fixity, free: int | None) -> None:
        self._log = log
        self._look = look
        self._fixity = fixity
        self._free = free

    def collect(self) -> Iterator[Metric]:
        """Give every metric."""
        up = self._log is not None
        yield _gauge("database_up", "Whether the database answers reads.", up)
        if self._log is not None:
            yield from _of_log(self._log)
            yield from _of_webhooks(self._log.untold)
        yield from _of_files(self._look, self._fixity)
        if self._free is not None:
            yield _gauge("disk_free_bytes", "Free space where the data lies.", self._free)


def _of_log(log: Log) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "muniment_events", "Events that were appended to the log.", log.watched.events
    )
    yield _gauge(
        "horizon_age_seconds",
        "Age of the oldest event that an open transaction keeps from followers.",
        log.watched.horizon_seconds,
    )
    yield _gauge(
        "follower_lag_seconds",
        "Age of the oldest event that the follower has not seen.",
        log.follower["seconds"],
    )
    yield _gauge("sealed_events", "Events that are sealed.", log.sealed["size"])
    yield _gauge(
        "seal_lag_seconds", "Age of the oldest event that is not sealed.", log.sealed["seconds"]
    )
    yield _gauge(
        "seal_problem", "Whether checkpoints cannot be signed.", log.sealed["problem"] is not None
    )
    yield _gauge("seal_unpushed", "Whether checkpoints cannot be pushed.", log.sealed["unpushed"])
    yield _gauge(
        "erasure_lag_seconds",
        "Age of the oldest erasure whose files may still be there.",
        log.owed.seconds,
    )


def _of_webhooks(untold: Untold) -> Iterator[Metric]:
    yield _gauge("webhook_waiting", "Messages to webhooks that wait to be heard.", untold.waiting)
    yield _gauge("webhook_dead", "Messages to webhooks that were given up.", untold.dead)
    yield _gauge(
        "webhook_lag_seconds",
        "Age of the oldest event that a webhook may still have to be told.",
        untold.seconds,
    )


def _of_files(look: Look, fixity: Fixity) -> Iterator[Metric]:
    last, now = fixity.last, fixity.now
    yield _gauge("blobs", "Blobs at the last look of the clean-up.", look.kept_blobs)
    yield _gauge("blob_bytes", "Their bytes.", look.kept_size)
    yield _gauge("fixity_damaged_blobs", "Blobs that are damaged.", len(fixity.damaged))
    yield _gauge(
        "fixity_finished_timestamp_seconds",
        "When all files had last been read over; 0 for never.",
        last.finished_at.timestamp() if last and last.finished_at else 0,
    )
    yield _gauge(
        "fixity_pass_ratio",
        "Share of the blobs that the pass under way has read; 1 between passes.",
        min(1.0, now.blobs / now.of) if now and now.of else 1,
    )


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"muniment_{name}", about, value)
