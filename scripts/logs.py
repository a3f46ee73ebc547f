"""Log lines of every process, on standard error, without what is secret in them."""

from __future__ import annotations

import logging
import re

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
