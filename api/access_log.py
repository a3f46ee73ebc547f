"""The access log: one line of JSON a request, on standard error. No secret ever stands in it.

It has no Authorization, no Referer, and no query but with every token's value taken out.

Lines of requests wait a moment for others, for to write them costs more than all else that is done
for them; a worker that is killed loses what waits.
"""

from __future__ import annotations

import asyncio
import os
import re
import select
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter

import msgspec
import orjson
from falcon.asgi import Request

from api import log_redaction

SECRET = re.compile(r"((?:token|password|secret|code)[^&;=\s]*=)[^&\s]*", re.IGNORECASE)
TOKEN = re.compile(r"(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2}){43,}")  # what our tokens look like
SHORT = 43  # characters; less is no token
ADDRESS = 64  # characters; a proxy may forward anything as one
STDERR = 2
WAIT = 0.01  # seconds that a line waits for others
AT_ONCE = select.PIPE_BUF  # bytes that a pipe takes as one, so that lines of two workers never mix
OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class Line(msgspec.Struct, gc=False):
    """A request: `ms` is how long it took; `account` is its number, None for nobody."""

    at: datetime
    method: str
    path: str
    query: str
    status: int
    ms: float
    account: int | None
    address: str
    id: str


_waiting: list[bytes] = []
_waiting_bytes = 0
_encode = msgspec.json.Encoder().encode  # a line costs a third of what it does as a dict


def redacted(query: str) -> str:
    """Return a path or a query string without the values that could be secrets."""
    if len(query) < SHORT and "=" not in query:
        return query
    return TOKEN.sub("[redacted]", SECRET.sub(r"\1[redacted]", query))


def write(req: Request, status: int, seconds: float) -> None:
    """Write a request's line, soon."""
    global _waiting_bytes
    path, query, address = req.path, req.query_string, req.remote_addr or ""
    actor = getattr(req.context, "actor", None)
    line = _encode(
        Line(
            datetime.now(UTC),
            req.method,
            path if len(path) < SHORT and "=" not in path else redacted(path),
            redacted(query) if query else "",
            status,
            int(seconds * 100_000) / 100,
            None if actor is None else actor.number,
            address if len(address) < SHORT else redacted(address[:ADDRESS]),
            req.context.id,
        )
    )
    if _waiting_bytes + len(line) >= AT_ONCE:
        flush()
    if not _waiting:
        asyncio.get_running_loop().call_later(WAIT, flush)
    _waiting.append(line)
    _waiting_bytes += len(line) + 1


def flush() -> None:
    """Write the lines that wait. A log that cannot be written is no reason to answer nobody."""
    global _waiting_bytes
    if _waiting:
        _waiting.append(b"")
        lines = b"\n".join(_waiting)
        _waiting.clear()
        _waiting_bytes = 0
        with suppress(OSError):
            os.write(STDERR, lines)


def ended(req: Request, why: str, events: int) -> None:
    """Write that a stream ended, whose own line stands where it began: under the same id."""
    ms = round((perf_counter() - req.context.started) * 1000, 2)
    line = {"at": datetime.now(UTC), "id": req.context.id, "ended": why, "events": events}
    _write(line | {"ms": ms})


def failure(req_id: str, text: str) -> None:
    """Write a traceback under the id of the request that met it."""
    line = {"at": datetime.now(UTC), "id": req_id, "error": log_redaction.redacted(text)}
    _write(line)


def _write(line: dict[str, object]) -> None:
    """Write a line, after those that wait: they may be of the same request."""
    flush()
    with suppress(OSError):
        os.write(STDERR, orjson.dumps(line, option=OPTIONS))
