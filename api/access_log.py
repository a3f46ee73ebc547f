"""The access log: one line of JSON a request, on standard error. No secret ever stands in it.

It has no Authorization, no Referer, and no query but with every token's value taken out.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter

import orjson
from falcon.asgi import Request, Response

SECRET = re.compile(r"((?:token|password|secret|code)[^&;=\s]*=)[^&\s]*", re.IGNORECASE)
TOKEN = re.compile(r"(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2}){43,}")  # what our tokens look like
SHORT = 43  # characters; less is no token
DETAIL = re.compile(r"DETAIL:.*")  # PostgreSQL quotes whole rows there
ADDRESS = 64  # characters; a proxy may forward anything as one
STDERR = 2


def redacted(query: str) -> str:
    """Return a path or a query string without the values that could be secrets."""
    if len(query) < SHORT and "=" not in query:
        return query
    return TOKEN.sub("[redacted]", SECRET.sub(r"\1[redacted]", query))


def write(req: Request, resp: Response, started: float) -> None:
    """Write a request's line in one system call, so that lines of two workers never mix."""
    actor = getattr(req.context, "actor", None)
    line = {
        "at": datetime.now(UTC),
        "method": req.method,
        "path": redacted(req.path),
        "query": redacted(req.query_string),
        "status": resp.status_code,
        "ms": round((perf_counter() - started) * 1000, 2),
        "account": actor.number if actor is not None else None,
        "address": redacted((req.remote_addr or "")[:ADDRESS]),
        "id": req.context.id,
    }
    _write(line)


def ended(req: Request, why: str, events: int) -> None:
    """Write that a stream ended, whose own line stands where it began: under the same id."""
    ms = round((perf_counter() - req.context.started) * 1000, 2)
    line = {"at": datetime.now(UTC), "id": req.context.id, "ended": why, "events": events}
    _write(line | {"ms": ms})


def failure(req_id: str, text: str) -> None:
    """Write a traceback under the id of the request that met it."""
    line = {"at": datetime.now(UTC), "id": req_id, "error": redacted(DETAIL.sub("", text))}
    _write(line)


def _write(line: dict[str, object]) -> None:
    """Write a line. A log that cannot be written is no reason to answer nobody."""
    with suppress(OSError):
        os.write(STDERR, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
