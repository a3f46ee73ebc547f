"""Log lines of every process, on standard error, without what is secret in them.

The service writes a JSON object a line, as the access log does (api/access_log.py); a verb, and a
start until it serves, which somebody reads at a terminal, plain text.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from datetime import UTC, datetime

import orjson
from setproctitle import getproctitle

from api import request_id

_SECRET = re.compile(
    r"(?i)([\w-]*(?:token|password|secret)[\w-]*\s*=\s*|"
    r"authorization\W{0,6}(?:b\W{1,2})?(?:basic|bearer|token)\s+)[^\s&'\",);]+"
)


class RedactingFormatter(logging.Formatter):
    """Lines and tracebacks in which the values of tokens and passwords are taken out."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished text of one record."""
        return _redacted(super().format(record))


class JsonFormatter(logging.Formatter):
    """A record as a JSON object: when, how grave, in which process, for which request, what."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished line of one record, in which secrets are taken out too."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "process": getproctitle().removeprefix("muniment: "),
            "logger": record.name,
            "message": _redacted(record.getMessage()),
        }
        request = request_id.CURRENT.get()
        if request is not None:
            line["id"] = request
        if record.exc_info:
            line["error"] = _redacted(self.formatException(record.exc_info))
        return orjson.dumps(line).decode()


def set_up() -> None:
    """Send the log of this process, a verb's or one that starts, to standard error."""
    _send(RedactingFormatter("muniment: %(message)s"))


def set_up_service() -> None:
    """Send the log of this process, and of those forked from now on, to standard error as JSON."""
    _send(JsonFormatter())


def _send(formatter: logging.Formatter) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def have_streams() -> None:
    """Open what of standard input, output and error was closed at the start, leading nowhere.

    Else the next file that is opened gets the number 2, and the log is written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


def _redacted(text: str) -> str:
    return _SECRET.sub(r"\1[redacted]", text)
