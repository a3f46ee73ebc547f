"""A query's text → a condition on records.

luqum reads Lucene's syntax. It takes 15 ms for the longest query that is accepted: not for an event
loop. What it cannot read is searched as words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from luqum.exceptions import ParseError
from luqum.parser import PHRASE_RE, REGEX_RE, TERM_RE
from luqum.thread import parse

from api.lucene.terms import phrase
from api.lucene.tree import Reading, Unreadable
from domain.errors import Invalid
from projections.conditions import Always, Condition, Either

LONGEST = 2_000  # characters: what luqum takes grows with their square
_OPERATORS = {"&&": "AND", "||": "OR"}
_TOKEN = re.compile(rf"{PHRASE_RE}|{REGEX_RE}|{TERM_RE}|[<>]=?\s*-", re.VERBOSE | re.DOTALL)
_RESERVED = frozenset({"AND", "OR", "NOT", "TO"})


def parsed(text: str) -> Condition | None:
    """Return what a query asks for; None: nothing. Raises Invalid for one that is too much."""
    if len(text) > LONGEST:
        raise Invalid(f"The query has {len(text):,} characters; {LONGEST:,} are the most.")
    text = "".join(" " if unicodedata.category(each) in ("Cc", "Cs") else each for each in text)
    if not text.strip():
        return None
    try:
        tree: Any = parse(_TOKEN.sub(_named, text))
        found = Reading().condition(tree)
    except (ParseError, Unreadable, ValueError, ArithmeticError):
        found = _words(text)
    return Always(False) if found is None else found


def _named(token: re.Match[str]) -> str:
    """Return a token as luqum knows it: it has no names for some operators but words."""
    written = token[0]
    if written in _OPERATORS:
        return _OPERATORS[written]
    if written[0] in "<>":
        return f"{written[:-1]}\\-"  # a number below zero
    negations = len(written) - len(written.lstrip("!"))
    return "NOT " * negations + written[negations:]


def _words(text: str) -> Condition | None:
    """Return that a record has one of the words of a text that is no query."""
    words = [each for each in dict.fromkeys(text.split()) if each not in _RESERVED]
    parts = tuple(each for each in map(phrase, words) if each is not None)
    return Either(parts) if parts else None
