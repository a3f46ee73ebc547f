"""What the service's processes log: a JSON object a line, as the access log (api/access_log.py).

Who logs asks the standard library, as libraries do; structlog makes the line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from setproctitle import getproctitle
from structlog.processors import JSONRenderer, format_exc_info
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict

from api import request_id
from scripts.logs import redacted, send


def set_up() -> None:
    """Send the log of this process, and of those forked from now on, to standard error as JSON."""
    send(formatter())


def formatter() -> logging.Formatter:
    """Return what makes a line of a record."""
    return ProcessorFormatter(processors=[format_exc_info, _told, JSONRenderer(_dumped)])


def _told(_logger: object, _method: str, said: EventDict) -> dict[str, Any]:
    """Return when, how grave, in which process, for which request, what: without secrets."""
    record: logging.LogRecord = said["_record"]
    line: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC),
        "level": record.levelname.lower(),
        "process": getproctitle().removeprefix("muniment: "),
        "logger": record.name,
        "message": redacted(said["event"]),
    }
    request = request_id.CURRENT.get()
    if request is not None:
        line["id"] = request
    if "exception" in said:
        line["error"] = redacted(said["exception"])
    return line


def _dumped(line: EventDict, default: Callable[[Any], Any]) -> str:
    return orjson.dumps(line, default).decode()
