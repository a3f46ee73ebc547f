"""Words, phrases and values of documents, asked for in SQL.

What is asked of all words of a document is one tsquery, which an index of words decides alone. What
is asked of a field is held against the field's own words; the index knows of the document's only.
A text has its words from PostgreSQL alone (es.apart), on both sides.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from projections.conditions import (
    All,
    Bound,
    Condition,
    Either,
    Field,
    HasMatch,
    HasNear,
    HasPhrase,
    HasSimilar,
    HasWords,
    IsBetween,
    IsThere,
    Not,
)

Param = Callable[[Any], str]
Worded = HasWords | HasPhrase | HasNear | HasSimilar

DOCUMENT = "es.words(s.document)"
TITLE = ("metadata", "title")  # another door's document has one, too, by another name: es.titles
NOTHING = "''::tsquery"  # beside others it asks for nothing, alone it is never satisfied
_MARKS = re.compile("[\u0300-\u036f]")


def folded(text: str) -> str:
    """Return a text as words are compared: without accents and case. In SQL: es.folded."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower()


def pieces(text: str) -> list[str]:
    """Return what of a text there may be words in, folded: that is between its signs."""
    letters = (each if unicodedata.category(each)[0] in "LNM" else " " for each in folded(text))
    return "".join(letters).split()


def place(node: Condition) -> tuple[Field | None] | None:
    """Return the one place whose words decide of a condition, nothing else; None: there is none."""
    match node:
        case HasWords():
            return (None,)
        case HasPhrase() | HasNear() | HasSimilar():
            return (node.field,)
        case All() | Either():
            places = {place(each) for each in node.parts}
            return places.pop() if len(places) == 1 else None
        case Not():
            return place(node.part)
    return None


def decided(node: Condition) -> bool:
    """Whether the words of a whole document decide of a condition, and nothing else does."""
    return place(node) == (None,)


def query(node: Condition, param: Param) -> str:
    """Return the tsquery of a condition that the words of one place decide."""
    match node:
        case All():
            return "(" + " && ".join(query(each, param) for each in node.parts) + ")"
        case Either():
            return "(" + " || ".join(query(each, param) for each in node.parts) + ")"
        case Not():
            return f"(!! {query(node.part, param)})"
        case HasWords() | HasPhrase() | HasNear() | HasSimilar():
            return _asked(node, param)
    raise AssertionError(node)


def needed(node: Condition, param: Param) -> str | None:
    """Return a tsquery that the words of every document that matches satisfy, if there is one."""
    if decided(node):
        return query(node, param)
    match node:
        case All():
            asked = [each for part in node.parts if (each := needed(part, param)) is not None]
            return f"({' && '.join(asked)})" if asked else None
        case Either():
            parts = [needed(each, param) for each in node.parts]
            asked = [each for each in parts if each is not None]
            return None if None in parts or not asked else f"({' || '.join(asked)})"
        case HasPhrase():
            return _words_in(node.text, node.field, param, open_end=node.open_end)
        case HasNear():
            return _words_in(node.text, node.field, param)
        case HasMatch():
            return _words_in(node.begins, node.field, param, open_end=True)
        case HasSimilar(field=Field(numbers=False)):
            return _asked(node, param)
    return None


def worded(node: Condition, at: Field | None, param: Param) -> str:
    """Return the SQL of a condition that the words of one place decide; never NULL."""
    return f"coalesce({_words(at, param)} @@ {query(node, param)}, false)"


def found(node: HasMatch | IsThere | IsBetween, param: Param) -> str:
    """Return the SQL of what is asked of the row s of search; never NULL."""
    match node:
        case IsThere():
            there = f"jsonb_path_query(s.document, {_way(node.field, param, '.**')}, '{{}}', true)"
            typed = "jsonb_typeof(value) NOT IN ('null', 'array', 'object')"
            return f"EXISTS (SELECT FROM {there} AS value WHERE {typed})"
        case IsBetween():
            values = f"jsonb_path_query(s.document, {_way(node.field, param, '[*]')}, '{{}}', true)"
            return f"EXISTS (SELECT FROM {values} AS value WHERE {_between(node, param)})"
        case HasMatch():
            asked = f"each.lexeme ~ {param(f'^(?:{node.pattern})$')}::text"
            if node.begins:  # most words are told at once
                asked = f"starts_with(each.lexeme, {param(node.begins)}::text) AND {asked}"
            return f"EXISTS (SELECT FROM unnest({_words(node.field, param)}) AS each WHERE {asked})"
    raise AssertionError(node)


def _asked(node: Worded, param: Param) -> str:
    text = f"{param(node.text)}::text"
    match node:
        case HasWords():
            return f"coalesce(es.asked({text}), {NOTHING})"
        case HasPhrase():
            return f"es.phrase({text}, ' <-> ', {'true' if node.open_end else 'false'})"
        case HasNear():
            return f"es.near({text}, {param(node.places)}::integer)"
    return f"es.similar({text})"


def _words(field: Field | None, param: Param) -> str:
    if field is None:
        return DOCUMENT
    numbers = "true" if field.numbers else "false"
    found = f"es.words_at(s.document, {_way(field, param)}, {numbers})"
    if field.names != TITLE:
        return found
    return f"CASE WHEN s.document ? '{TITLE[0]}' THEN {found} ELSE es.titles(s.document) END"


def _words_in(
    text: str, field: Field | None, param: Param, *, open_end: bool = False
) -> str | None:
    """Return that a document has the words which a text of the field must have.

    A number or a bool has words in a field, and none in the document.
    """
    found = pieces(text)
    sure = [each for each in found if not (field and field.numbers and _may_be_value(each))]
    if not sure:
        return None
    open_end = open_end and sure[-1] is found[-1]
    return f"es.phrase({param(' '.join(sure))}::text, ' & ', {'true' if open_end else 'false'})"


def _may_be_value(piece: str) -> bool:
    """Whether a word may be of a number or a bool, or begin one."""
    return not any(map(str.isalpha, piece)) or "true".startswith(piece) or "false".startswith(piece)


def _way(field: Field, param: Param, further: str = "") -> str:
    """Return the way to a place, as PostgreSQL's `jsonpath`, which goes through arrays."""
    steps = ("*" if name is None else json.dumps(name, ensure_ascii=False) for name in field.names)
    return f"{param('.'.join(('$', *steps)) + further)}::jsonpath"


def _between(node: IsBetween, param: Param) -> str:
    bounds = [each for each in (node.low, node.high) if each is not None]
    text = "(CASE jsonb_typeof(value) WHEN 'string' THEN value #>> '{}' END)"
    ways: list[str] = []
    if all(each.day is not None for each in bounds):
        ends = (f"es.last_day({text})", f"es.first_day({text})")
        days = _within(ends, node, lambda each: f'{param(each.day)}::text COLLATE "C"')
        if node.low is not None and not node.low.included:  # what is after a year is not that year
            days += f" AND {text} <> {param(node.low.text)}::text"
        ways.append(f"WHEN {ends[1]} IS NOT NULL THEN {days}")
    if all(each.number is not None for each in bounds):
        number = _within(
            ("es.number(value)", "es.number(value)"),
            node,
            lambda each: f"{param(each.number)}::numeric",
        )
        ways.append(f"ELSE {number}")
    if not ways:
        folded = f'es.folded({text}) COLLATE "C"'
        return _within((folded, folded), node, lambda each: f"es.folded({param(each.text)}::text)")
    if not ways[0].startswith("WHEN"):
        return ways[0].removeprefix("ELSE ")
    return f"CASE {' '.join(ways)} END"


def _within(ends: tuple[str, str], node: IsBetween, bound: Callable[[Bound], str]) -> str:
    """Return that what ends at the first of two and begins at the second reaches into a range."""
    last, first = ends
    asked: list[str] = []
    if node.low is not None:
        asked.append(f"{last} {'>=' if node.low.included else '>'} {bound(node.low)}")
    if node.high is not None:
        asked.append(f"{first} {'<=' if node.high.included else '<'} {bound(node.high)}")
    return "(" + " AND ".join(asked) + ")"
