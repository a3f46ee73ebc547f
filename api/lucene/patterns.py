r"""Wildcards and Lucene's regular expressions → those of PostgreSQL, which take linear time.

A pattern is held against whole words, folded as they are. What is written has no groups that are
remembered, no look-around and no back-references; the engine that JSON Schemas use, which can run
in linear time alone, must take the same text. Source: Lucene, "RegExp"; PostgreSQL, "POSIX Regular
Expressions".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from domain.errors import Invalid
from domain.schemas import patterns
from projections.texts import folded

HEAVIEST = 20_000  # patterns.weigh
DEEPEST = 50  # groups within one another
MOST = 255  # times that something may be repeated. Source: PostgreSQL, as above
_COUNT = re.compile(r"\{([0-9]{1,4})(,([0-9]{1,4})?)?\}")
_OTHERS = frozenset("~@&#<>")  # Lucene's operators that no other engine has
_CLASSES = frozenset("dwsDWS")


class Pattern(NamedTuple):
    """A regular expression, and what all that it matches begins with."""

    text: str
    begins: str


class Malformed(Exception):
    """It is no regular expression."""


def wildcards(text: str, wild: frozenset[int]) -> Pattern:
    """Return the pattern of a folded word with `*` and `?` at the places `wild`."""
    parts = (
        {"*": ".*", "?": "."}[each] if at in wild else _literal(each)
        for at, each in enumerate(text)
    )
    return Pattern("".join(parts), text[: min(wild, default=len(text))])


def regular(text: str) -> Pattern:
    """Return the pattern of a regular expression.

    Raises Malformed, and Invalid for one that can take for ever or is too large.
    """
    found = _Reader(text.removeprefix("^").removesuffix("$")).whole()
    if patterns.weigh(found.text) > HEAVIEST:
        raise Invalid("A regular expression of the query is too large.")
    try:
        patterns.require_linear(found.text, ())
    except Invalid as refused:
        raise Invalid(refused.message) from None
    return found


class _Reader:
    """Reads a regular expression once, from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> Pattern:
        found = self.union(0)
        if self.at < len(self.text):
            raise Malformed
        return found

    def next(self) -> str:
        if self.at == len(self.text):
            raise Malformed
        self.at += 1
        return self.text[self.at - 1]

    def sees(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def union(self, depth: int) -> Pattern:
        if depth > DEEPEST:
            raise Invalid(f"A regular expression has at most {DEEPEST} groups within one another.")
        branches = [self.sequence(depth)]
        while self.sees("|"):
            self.at += 1
            branches.append(self.sequence(depth))
        begins = branches[0].begins if len(branches) == 1 else ""
        return Pattern("|".join(each.text for each in branches), begins)

    def sequence(self, depth: int) -> Pattern:
        parts: list[str] = []
        begins, is_literal = "", True
        while self.at < len(self.text) and not self.sees("|") and not self.sees(")"):
            text, literal = self.atom(depth)
            repeated = self.repeated(text)
            is_literal = is_literal and literal is not None and repeated == text
            begins += literal or "" if is_literal else ""
            parts.append(repeated)
        return Pattern("".join(parts), begins)

    def atom(self, depth: int) -> tuple[str, str | None]:
        """Return what may be repeated, and the text that it is, if it is one."""
        character = self.next()
        match character:
            case "(":
                if self.sees("?"):
                    raise Invalid(
                        "A regular expression has no look-around, and no groups of other kinds"
                        " than ( ): they can take for ever."
                    )
                inside = self.union(depth + 1)
                if self.next() != ")":
                    raise Malformed
                return f"(?:{inside.text})", None
            case "[":
                return self.characters(), None
            case ".":
                return ".", None
            case "*" | "+" | "?" | "{" | "}" | "]":
                raise Malformed
            case '"':
                ends = self.text.find('"', self.at)
                if ends < 0:
                    raise Malformed
                quoted, self.at = folded(self.text[self.at : ends]), ends + 1
                return f"(?:{''.join(map(_literal, quoted))})", quoted
            case "\\":
                character = self.next()
                if character in _CLASSES:
                    return f"\\{character}", None
                _require_no_reference(character)
            case _ if character in _OTHERS:
                raise Invalid(
                    f"A regular expression of the query uses {character}: write \\ before it."
                )
        literal = folded(character)
        text = "".join(map(_literal, literal))
        return text if len(literal) == 1 else f"(?:{text})", literal

    def repeated(self, text: str) -> str:
        times = 0
        while self.at < len(self.text) and self.text[self.at] in "*+?{":
            count = self.text[self.at]
            if count == "{":
                match = _COUNT.match(self.text, self.at)
                if match is None:
                    raise Malformed
                least = int(match[1])
                most = int(match[3] or least)
                if max(least, most) > MOST:
                    raise Invalid(f"A regular expression repeats something at most {MOST} times.")
                if least > most:
                    raise Malformed
                count = match[0]
            self.at += len(count)
            text = f"(?:{text}){count}" if times else f"{text}{count}"
            times += 1
        return text

    def characters(self) -> str:
        """Return a class, of which the opening bracket was read."""
        written = "[^" if self.sees("^") else "["
        self.at += len(written) - 1
        if self.sees("]"):
            raise Malformed
        while not self.sees("]"):
            first = self.character()
            if first[:1] == "\\" and len(first) == 2:
                written += first
                continue
            if not self.sees("-") or self.text.startswith("-]", self.at):
                written += "".join(map(_literal, first))
                continue
            self.at += 1
            last = self.character()
            if len(first) != 1 or len(last) != 1 or first > last:
                raise Malformed
            written += f"{_literal(first)}-{_literal(last)}"
        self.at += 1
        if written in ("[", "[^"):
            raise Malformed
        return f"{written}]"

    def character(self) -> str:
        """Return a folded character of a class, or a class of letters within it."""
        character = self.next()
        if character == "\\":
            character = self.next()
            if character in _CLASSES:
                if character.isupper():
                    raise Invalid(f"A class of a regular expression has no \\{character}.")
                return f"\\{character}"
            _require_no_reference(character)
        return folded(character)


def _require_no_reference(character: str) -> None:
    if character in "123456789":
        raise Invalid("A regular expression has no back-references: they can take for ever.")


def _literal(character: str) -> str:
    """Return a character as both engines write it, within a class and without."""
    if character in "<>":  # a backslash makes them something else
        return character
    return f"\\{character}" if character.isascii() and not character.isalnum() else character
