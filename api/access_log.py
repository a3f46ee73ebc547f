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

SECRET = re.compile(r"((?:^|&)[^&=]*(?:token|password|secret|code)[^&=]*=)[^&]*", re.IGNORECASE)
STDERR = 2


def redacted(query: str) -> str:
    """Return a query string without the values that could be secrets."""
    return SECRET.sub(r"\1[redacted]", query) if query else query


def write(req: Request, resp: Response, started: float) -> None:
    """Write a request's line in one system call, so that lines of two workers never mix."""
    actor = getattr(req.context, "actor", None)
    line = {
        "at": datetime.now(UTC),
        "method": req.method,
        "path": req.path,
        "query": redacted(req.query_string),
        "status": resp.status_code,
        "ms": round((perf_counter() - started) * 1000, 2),
        "account": actor.number if actor is not None else None,
        "address": req.remote_addr,
        "id": req.context.id,
    }
    os.write(STDERR, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def failure(req_id: str, text: str) -> None:
    """Write a traceback under the id of the request that met it."""
    line = {"at": datetime.now(UTC), "id": req_id, "error": text}
    os.write(STDERR, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
