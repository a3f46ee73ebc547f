"""Requests: how many there were and how long they took, by door and route.

A route is its template, never a path: paths are without end, and have names in them. A request is
counted in this process, which takes less than a microsecond, and told to others every second.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from falcon.asgi import Request
from falcon.constants import COMBINED_METHODS
from prometheus_client import Counter, Histogram

from api.watching.shared import make_room

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
NONE = "none"  # no door, or no route: nothing is there
METHODS = frozenset(COMBINED_METHODS)

COUNT = Counter(
    "muniment_http_requests_total",
    "Requests that were answered.",
    ["door", "method", "route", "status"],
    registry=None,
)
TIME = Histogram(
    "muniment_http_request_seconds",
    "Time from a request's head to its answer; bodies may go on after it.",
    ["door", "method", "route"],
    buckets=SECONDS,
    registry=None,
)

Labels = tuple[str, str, str, int]


@dataclass(slots=True)
class Tally:
    """Requests of one kind that were not told yet, and how many were as quick as each bound."""

    seconds: float = 0.0
    within: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))


class Requests:
    """What one worker counts."""

    def __init__(self) -> None:
        self._tallies: dict[Labels, Tally] = {}

    def note(self, req: Request, status: int, seconds: float) -> None:
        """Count a request, which was answered so and took so long."""
        dialect = getattr(req.context, "dialect", None)
        labels = (
            NONE if dialect is None else dialect.name,
            req.method if req.method in METHODS else "other",
            req.uri_template or NONE,
            status,
        )
        tally = self._tallies.get(labels)
        if tally is None:
            tally = self._tallies[labels] = Tally()
        tally.seconds += seconds
        tally.within[bisect_left(SECONDS, seconds)] += 1

    def tell(self) -> None:
        """Tell others what was counted since the last time. Raises OSError where there is no room.

        What is not told then is told the next time.
        """
        for labels, tally in self._tallies.items():
            if any(tally.within):
                make_room("counter")
                make_room("histogram")
                self._tallies[labels] = Tally()
                _tell(labels, tally)


def _tell(labels: Labels, tally: Tally) -> None:
    door, method, route, status = labels
    COUNT.labels(door, method, route, str(status)).inc(sum(tally.within))
    time = TIME.labels(door, method, route)
    time._sum.inc(tally.seconds)  # the library has no other way to observe many at once
    for bucket, count in zip(time._buckets, tally.within, strict=True):
        if count:
            bucket.inc(count)
