"""Log lines of every process, on standard error, without what is secret in them."""

from __future__ import annotations

import logging
import os
import re
import sys

_SECRET = re.compile(
    r"(?i)([\w-]*(?:token|password|secret)[\w-]*\s*=\s*|"
    r"authorization\W{0,6}(?:b\W{1,2})?(?:basic|bearer|token)\s+)[^\s&'\",);]+"
)


class RedactingFormatter(logging.Formatter):
    """Lines and tracebacks in which the values of tokens and passwords are taken out."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished text of one record."""
        return _SECRET.sub(r"\1[redacted]", super().format(record))


def set_up() -> None:
    """Send the log of this process, and of those forked from it, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("muniment: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def have_streams() -> None:
    """Open what of standard input, output and error was closed at the start, leading nowhere.

    Else the next file that is opened gets the number 2, and the log is written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))
