"""Requests: how many there were and how long they took, by door and route.

A route is its template, never a path: paths are without end, and have names in them.
"""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter

from falcon.asgi import Request, Response
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


class Requests:
    """What one worker counts."""

    def __init__(self) -> None:
        self._known: dict[Labels, tuple[Counter, Histogram]] = {}

    def note(self, req: Request, resp: Response) -> None:
        """Count a request, with the time since it began."""
        dialect = getattr(req.context, "dialect", None)
        labels = (
            NONE if dialect is None else dialect.name,
            req.method if req.method in METHODS else "other",
            req.uri_template or NONE,
            resp.status_code,
        )
        known = self._known.get(labels)
        if known is None:
            with suppress(OSError):  # a full disk: this is not counted until there is space
                self._make(labels)
            known = self._known.get(labels)
        if known is not None:
            known[0].inc()
            known[1].observe(perf_counter() - req.context.started)

    def _make(self, labels: Labels) -> None:
        door, method, route, status = labels
        make_room("counter")
        make_room("histogram")
        self._known[labels] = (
            COUNT.labels(door, method, route, str(status)),
            TIME.labels(door, method, route),
        )
