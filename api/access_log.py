"""The access log: one line of JSON a request, on standard error. No secret ever stands in it.

It has no Authorization, no Referer, and no query but with every token's value taken out.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from time import perf_counter

import orjson
from falcon.asgi import Request, Response

from api import log_redaction

SECRET = re.compile(r"((?:token|password|secret|code)[^&;=\s]*=)[^&\s]*", re.IGNORECASE)
TOKEN = re.compile(r"(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2}){43,}")  # what our tokens look like
SHORT = 43  # characters; less is no token
ADDRESS = 64  # characters; a proxy may forward anything as one
STDERR = 2


def redacted(query: str) -> str:
    """Return a path or a query string without the values that could be secrets."""
    if len(query) < SHORT and "=" not in query:
        return query
    return TOKEN.sub("[redacted]", SECRET.sub(r"\1[redacted]", query))


def write(req: Request, resp: Response, seconds: float) -> None:
    """Write a request's line in one system call, so that lines of two workers never mix."""
    path, query, address = req.path, req.query_string, req.remote_addr or ""
    actor = getattr(req.context, "actor", None)
    line = {
        "at": datetime.now(UTC),
        "method": req.method,
        "path": path if len(path) < SHORT and "=" not in path else redacted(path),
        "query": redacted(query) if query else "",
        "status": resp.status_code,
        "ms": int(seconds * 100_000) / 100,
        "account": None if actor is None else actor.number,
        "address": address if len(address) < SHORT else redacted(address[:ADDRESS]),
        "id": req.context.id,
    }
    try:  # as _write, without the call
        os.write(STDERR, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    except OSError:
        return


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
    """Write a line. A log that cannot be written is no reason to answer nobody."""
    try:  # no block: entering one would cost a tenth of the line
        os.write(STDERR, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    except OSError:
        return
