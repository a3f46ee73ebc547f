"""What the service's processes log: a JSON object a line, as the access log (api/access_log.py).

Who logs asks the standard library, as libraries do; structlog makes the line.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson
from setproctitle import getproctitle
from structlog.processors import JSONRenderer, format_exc_info
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict

from api import request_id
from api.log_redaction import redacted
from scripts.logs import send

log = logging.getLogger(__name__)


def set_up() -> None:
    """Send the log of this process, and of those forked from now on, to standard error as JSON.

    What ends a thread or the process is a line as well, no raw traceback.
    """
    send(formatter())
    logging.captureWarnings(True)
    sys.excepthook = _ended
    threading.excepthook = lambda args: _ended(
        args.exc_type, args.exc_value, args.exc_traceback, args.thread
    )
    sys.unraisablehook = lambda args: log.error(
        "%s", args.err_msg or "An exception was ignored.", exc_info=args.exc_value
    )


def _ended(
    kind: type[BaseException],
    error: BaseException | None,
    where: TracebackType | None,
    thread: threading.Thread | None = None,
) -> None:
    if error is not None and not issubclass(kind, SystemExit):
        what = "The process" if thread is None else f"The thread {thread.name}"
        log.critical("%s ended.", what, exc_info=(kind, error, where))


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
    return orjson.dumps(line, default, orjson.OPT_UTC_Z).decode()
