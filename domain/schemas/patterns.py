"""Patterns of users' schemas, on the engine that takes time in proportion to the text.

It has no look-around and no back-references. Python's `re` doubles its time with every letter
on `^(a+)+$`.
"""

from __future__ import annotations

import re

import jsonschema_rs

from domain.errors import Fault, Invalid, Path

ENGINE = jsonschema_rs.RegexOptions(size_limit=1_000_000)
"""Programs up to 1 MB: a pattern takes 5 ms to compile at worst, and 10 kB of text 15 ms."""

_COUNT = re.compile(r"\{(\d{1,6})(?:,(\d{0,6}))?\}")
_WIDE = re.compile(r"\\[pP]")
_BROAD = re.compile(r"\[\^|\\[DSW]|(?<!\\)\.")
_BACKTRACKING = re.compile(r"\(\?<?[=!]|\\[1-9]|\\k<")


def weigh(pattern: str) -> int:
    """Estimate what a pattern costs: about the microseconds that compiling it takes.

    A character counts 1, a class of nearly everything 5, a Unicode property 150; counted
    repetitions multiply. Never too low by more than a few times; often far too high.
    """
    weight = len(pattern) + 5 * len(_BROAD.findall(pattern)) + 150 * len(_WIDE.findall(pattern))
    for least, most in _COUNT.findall(pattern):
        weight = min(weight * max(int(most or least), 1), 1 << 40)
    return weight


def require_linear(pattern: str, path: Path) -> None:
    """Raise Invalid, naming the pattern and its place, when the engine cannot run it."""
    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=ENGINE, offline=True)
    except jsonschema_rs.ValidationError:
        reason = (
            "look-around and back-references are not possible, they can take for ever"
            if _BACKTRACKING.search(pattern)
            else "it is no regular expression, or it is too large"
        )
        message = f"The pattern {pattern[:200]!r} is refused: {reason}."
        raise Invalid(message, (Fault(path, message),)) from None
