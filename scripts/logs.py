"""Log lines of every process, on standard error, without what is secret in them.

A verb, and a start until it serves, which somebody reads at a terminal, write plain text; the
service that runs, JSON (scripts/service_logs.py).
"""

from __future__ import annotations

import logging
import os
import sys

from api.log_redaction import redacted


class RedactingFormatter(logging.Formatter):
    """Lines and tracebacks without what is secret in them."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished text of one record."""
        return redacted(super().format(record))


def set_up() -> None:
    """Send the log of this process, a verb's or one that starts, to standard error."""
    send(RedactingFormatter("muniment: %(message)s"))


def send(formatter: logging.Formatter) -> None:
    """Send the log of this process to standard error, made into lines by a formatter."""
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
