"""What others wrote, as text that a person may be shown: it steers and forges nothing around it."""

from __future__ import annotations

import io
import sys


def printable(text: str) -> str:
    """Return a text in one line, with escapes for what moves a cursor, colours, hides or reorders.

    So are line ends of every alphabet, and the marks that turn the direction of what follows.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def escape_the_rest() -> None:
    """Have standard output escape what its encoding has no characters for."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
