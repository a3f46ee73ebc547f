"""The id of the request that is being answered, for log lines of what works for it."""

from __future__ import annotations

from contextvars import ContextVar

CURRENT: ContextVar[str | None] = ContextVar("request", default=None)
