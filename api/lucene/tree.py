"""What the tree of a Lucene query amounts to.

Among parts without an operator between them those with `+` must hold and those with `-` or NOT must
not; of the others one must, where none has a `+`. AND binds before OR, and both before that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from luqum import tree

from api.lucene import fields, patterns, terms
from api.lucene.fields import End, Place
from domain.errors import Invalid
from projections.conditions import All, Always, Condition, Either, Not

DEEPEST = 100  # levels
SIMILAR = 10  # words with ~ in a query: each is asked for as hundreds of words


class Unreadable(Exception):
    """It is no query that means anything."""


class Reading:
    """Reads the tree of one query."""

    def __init__(self) -> None:
        self.similar = 0

    def condition(self, node: Any, at: Place | None = None, depth: int = 0) -> Condition | None:
        """Return what a node asks for, in a place; None: nothing. Raises Invalid, Unreadable."""
        if depth > DEEPEST:
            raise Invalid(f"The query has more than {DEEPEST} parts within one another.")
        depth += 1
        match node:
            case tree.UnknownOperation():
                return self.listed(node.operands, at, depth)
            case tree.AndOperation():
                return _of(All, [self.condition(each, at, depth) for each in node.operands])
            case tree.OrOperation():
                return _of(Either, [self.condition(each, at, depth) for each in node.operands])
            case tree.Not() | tree.Prohibit():
                return _not(self.condition(node.a, at, depth))
            case tree.Plus():
                return self.condition(node.a, at, depth)
            case tree.BaseGroup() | tree.Boost():
                return self.condition(node.expr, at, depth)
            case tree.SearchField():
                return self.field(node, at, depth)
        return self.leaf(node, at)

    def listed(self, nodes: Iterable[Any], at: Place | None, depth: int) -> Condition | None:
        """Return what parts ask for that have no operators between them."""
        must: list[Condition | None] = []
        may: list[Condition | None] = []
        for node in nodes:
            part = self.condition(node, at, depth)
            kinds = tree.Plus | tree.Not | tree.Prohibit
            (must if isinstance(node, kinds) else may).append(part)
        # With a part that must hold the others only rank.
        if not any(isinstance(node, tree.Plus) for node in nodes):
            must.append(_of(Either, may))
        return _of(All, must)

    def field(self, node: Any, at: Place | None, depth: int) -> Condition | None:
        """Return what is asked of a field."""
        if isinstance(node.expr, tree.SearchField):
            raise Unreadable
        if node.name == "_exists_":
            if not isinstance(node.expr, tree.Word | tree.Phrase):
                raise Unreadable
            place = fields.place(_value(node.expr))
            return Always(False) if place is None else fields.there(place)
        if node.name in ("*", "\\*"):
            return self.condition(node.expr, None, depth)
        place = fields.place(node.name)
        if place is None:
            return Always(False)
        return self.condition(node.expr, place, depth)

    def leaf(self, node: Any, at: Place | None) -> Condition | None:
        """Return what a term, a phrase, a range or a pattern asks for."""
        match node:
            case tree.Word():
                return terms.word(node.value, at)
            case tree.Phrase():
                return terms.phrase(_value(node), at)
            case tree.Proximity():
                return terms.near(_value(node.term), int(node.degree), at)
            case tree.Fuzzy():
                return self.fuzzy(node, at)
            case tree.Regex():
                return _regular(node.value[1:-1], at)
        if at is None:
            raise Unreadable
        match node:
            case tree.Range():
                low, high = _end(node.low, node.include_low), _end(node.high, node.include_high)
                return fields.between(at, low, high)
            case tree.From():
                return fields.between(at, _end(node.a, node.include), None)
            case tree.To():
                return fields.between(at, None, _end(node.a, node.include))
        raise Unreadable

    def fuzzy(self, node: Any, at: Place | None) -> Condition | None:
        """Return what a word with ~ asks for. Raises Invalid where there are too many."""
        if not node.degree:
            return terms.word(node.term.value, at)
        self.similar += 1
        if self.similar > SIMILAR:
            raise Invalid(f"The query has more than {SIMILAR} words with ~.")
        return terms.similar(node.term.value, at)


def _regular(text: str, at: Place | None) -> Condition:
    if not text:
        raise Unreadable
    try:
        return terms.matching(at, patterns.regular(text))
    except patterns.Malformed:
        raise Unreadable from None


def _of(kind: type[All] | type[Either], parts: Iterable[Condition | None]) -> Condition | None:
    """Return parts as one; those that ask for nothing, or for the same again, are left out."""
    asked = tuple(each for each in dict.fromkeys(parts) if each is not None)
    if len(asked) < 2:
        return asked[0] if asked else None
    return kind(asked)


def _not(part: Condition | None) -> Condition | None:
    return None if part is None else Not(part)


def _end(node: Any, included: bool) -> End | None:
    """Return an end of a range; None: it is open."""
    if isinstance(node, tree.Prohibit):
        return End(f"-{_value(node.a)}", included)
    text = _value(node)
    return None if text == "*" else End(text, included)


def _value(node: Any) -> str:
    """Return what a word or a phrase says."""
    text = node.value[1:-1] if isinstance(node, tree.Phrase) else node.value
    return fields.unescaped(text)
