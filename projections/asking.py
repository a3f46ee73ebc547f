"""Conditions in SQL: parameterised, and what of them an index can be asked.

Values are parameters, never part of the text. The functions of the schema `es` are those of the
migration `search`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from msgspec import Struct

from projections import known, listing, sql, texts
from projections.conditions import (
    Alike,
    All,
    Always,
    Condition,
    Either,
    HasFile,
    HasMatch,
    HasText,
    IsBetween,
    IsBool,
    IsDay,
    IsKnown,
    IsMagnitude,
    IsSet,
    IsText,
    IsThere,
    KnownMatch,
    Not,
    Path,
    RefersTo,
    Same,
    Step,
    Tagged,
)

SQL = sql.load("search")

LANGUAGES = ("en", "de")  # of texts; es.texts knows the same
REFERENCES = ("sample", "measurement", "object_reference")
MOST = 50  # alternatives that an index is asked for
TOLERANCE = "1e-7"  # relative, where magnitudes are compared. Source: SampleDB
_LARGEST = 2**31 - 1  # of an index into an array
_OPERATORS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

Wrap = Callable[[str], str]


class Compiled(Struct, frozen=True):
    """A condition as SQL on the rows r of records and s of search; it is never NULL.

    `hint` gives every record that matches, by an index; None: there is none to be asked. `words` is
    a tsquery that the words of every document that matches satisfy; None: nothing is asked of them.
    `families` gives those of all records that match; None: of any.
    """

    text: str
    hint: str | None
    exact: bool  # the hint gives no others, and neither do the words
    params: dict[str, Any]
    words: str | None = None
    families: str | None = None
    settled: bool = False  # words and families give no others


def compiled(condition: Condition) -> Compiled:
    """Return the SQL of a condition, its parameters named apart from those of its surroundings."""
    writer = _Writer()
    text = writer.condition(condition)
    asked = texts.needed(condition, writer.param)
    hint = writer.hint(condition, asked)
    families, others = writer.families(condition)
    settled = not others or texts.decided(All(others))
    return Compiled(text, hint, texts.decided(condition), writer.params, asked, families, settled)


class _Writer:
    """Writes SQL and collects its parameters."""

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self.aliases = 0

    def param(self, value: Any) -> str:
        name = f"q{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def alias(self, kind: str) -> str:
        self.aliases += 1
        return f"{kind}{self.aliases}"

    def condition(self, node: Condition) -> str:
        match node:
            case Always():
                return "true" if node.value else "false"
            case _ if (place := texts.place(node)) is not None:
                return texts.worded(node, *place, self.param)
            case All():
                return "(" + " AND ".join(map(self.condition, _together(node))) + ")"
            case Either():
                return "(" + " OR ".join(map(self.condition, _together(node))) + ")"
            case Not():
                return f"(NOT {self.condition(node.part)})"
            case Alike():
                return f"({self.condition(node.one)} = {self.condition(node.other)})"
            case Same():
                operator = "=" if node.comparison == "==" else "<>"
                return self.at(
                    node.one,
                    lambda one: self.at(node.other, lambda other: f"{one} {operator} {other}"),
                )
            case Tagged():
                asked = self.param(_json({"tags": {"_type": "tags", "tags": [node.tag]}}))
                return f"(s.document @> {asked}::jsonb)"
            case HasFile():
                return self.file(node)
            case IsKnown() | KnownMatch():
                return known.found(node, self.param)
            case HasMatch() | IsThere() | IsBetween():
                return texts.found(node, self.param)
            case IsText() | HasText() | IsMagnitude() | IsDay() | IsBool() | RefersTo() | IsSet():
                return self.at(node.path, lambda value: self.leaf(node, value))
        raise AssertionError(node)

    def leaf(self, node: Any, value: str) -> str:
        """Return what is asked of one value; NULL counts as no."""
        match node:
            case IsText():
                negated = "" if node.comparison == "==" else "NOT "
                return f"{negated}{self.param(node.text)}::text = ANY(es.texts({value}))"
            case HasText():
                part, each = self.param(node.text), self.alias("t")
                return (
                    f"EXISTS (SELECT FROM unnest(es.texts({value})) AS {each}"
                    f" WHERE strpos({each}, {part}::text) > 0)"
                )
            case IsMagnitude():
                return self.magnitude(node, value)
            case IsDay():
                operator = _OPERATORS[node.comparison]
                return f"es.day({value}) {operator} {self.param(node.day)}::integer"
            case IsBool():
                word = "true" if node.value else "false"
                typed = f'{{"_type": "bool", "value": {word}}}'
                return f"({value} = '{word}' OR {value} @> '{typed}')"
            case RefersTo():
                number = self.param(node.number)
                users = f"CASE WHEN {value} ->> '_type' = 'user' THEN {value} -> 'user_id' END"
                if node.comparison == "==":
                    return (
                        f"(es.referred({value}) = {number}::numeric"
                        f" OR {users} = to_jsonb({number}::numeric))"
                    )
                return (
                    f"(es.referred({value}) <> {number}::numeric"
                    f" OR {users} <> to_jsonb({number}::numeric))"
                )
            case IsSet():
                there = f"coalesce({value} <> 'null', false)"
                return there if node.value else f"NOT {there}"
        raise AssertionError(node)

    def magnitude(self, node: IsMagnitude, value: str) -> str:
        dimensionality, wanted = self.param(node.dimensionality), self.param(node.magnitude)
        found = f"es.magnitude({value}, {dimensionality}::text)"
        wanted = f"{wanted}::numeric"
        slack = f"abs({found}) * {TOLERANCE}"
        match node.comparison:
            case "==":
                return f"abs({found} - {wanted}) <= {slack}"
            case "!=":
                quantity = f"({value} ->> '_type' = 'quantity' OR jsonb_typeof({value}) = 'number')"
                return f"{quantity} AND NOT coalesce(abs({found} - {wanted}) <= {slack}, false)"
            case "<=":
                return f"{found} - {slack} <= {wanted}"
            case ">=":
                return f"{found} + {slack} >= {wanted}"
        return f"{found} {node.comparison} {wanted}"

    def at(self, path: Path, asked: Wrap) -> str:
        """Return that something holds of what a path leads to, or of one of several."""
        return self.into("s.document", path.steps, asked)

    def into(self, value: str, steps: Sequence[Step], asked: Wrap) -> str:
        for done, step in enumerate(steps, 1):
            left = steps[done:]
            if step.to is None:
                each = self.alias("e")
                inner = self.into_followed(each, step, left, asked)
                found = f"jsonb_path_query({value}, 'strict $[*]', '{{}}', true)"
                return f"EXISTS (SELECT FROM {found} AS {each} WHERE {inner})"
            if isinstance(step.to, int):
                at = f"jsonb_build_object('at', {self.param(min(step.to, _LARGEST))}::integer)"
                value = f"jsonb_path_query_first({value}, 'strict $[$at]', {at}, true)"
            else:
                value = f"({value} -> {self.param(step.to)}::text)"
            if step.follow:
                return self.into_followed(value, step, left, asked)
        return f"coalesce({asked(value)}, false)"

    def into_followed(self, value: str, step: Step, left: Sequence[Step], asked: Wrap) -> str:
        if not step.follow:
            return self.into(value, left, asked)
        record, document = self.alias("r"), self.alias("s")
        inner = self.into(f"{document}.document", left, asked)
        return (
            f"EXISTS (SELECT FROM records {record} JOIN search {document}"
            f" ON {document}.record = {record}.id"
            f" WHERE {record}.number = es.referred({value})"
            f" AND {visible(record)} AND {inner})"
        )

    def hint(self, node: Condition, asked: str | None) -> str | None:
        """Return what gives every record that matches, by an index. `asked`: of its words."""
        if asked is not None:
            return listing.SQL["having"].replace("{asked}", asked)
        if (held := self.holding(node)) is not None:
            return held
        match node:
            case IsKnown() | KnownMatch():
                return known.records(node, self.param)
            case All() | Either():
                # Of parts that the words of one place decide each may have a hint, if not all.
                parts = _together(node) if texts.place(node) is None else node.parts
                hints = [self.hint(each, texts.needed(each, self.param)) for each in parts]
                there = [each for each in hints if each is not None]
                if isinstance(node, All):
                    return there[0] if there else None
                return " UNION ".join(f"({each})" for each in there) if None not in hints else None
        return None

    def families(self, node: Condition) -> tuple[str | None, tuple[Condition, ...]]:
        """Return what gives the families of all that match, and what else is asked of those."""
        match node:
            case IsKnown() | KnownMatch() if node.known in known.SEVERAL:
                return known.families(node, self.param), ()
            case All():
                found = [self.families(each) for each in node.parts]
                there = [f"({each})" for each, _ in found if each is not None]
                others = tuple(other for _, those in found for other in those)
                return " INTERSECT ".join(there) or None, others
        return None, (node,)

    def holding(self, node: Condition) -> str | None:
        """Return what gives the documents that contain what all that match do."""
        values = contained(node)
        if values is None:
            return None
        alternatives = [f"s.document @> {self.param(_json(each))}::jsonb" for each in values]
        return f"SELECT s.record FROM search s WHERE {' OR '.join(alternatives)} OFFSET 0"

    def file(self, node: HasFile) -> str:
        name, text = "coalesce(f.name, f.url)", f"{self.param(node.text)}::text"
        asked = f"{name} = {text}" if node.whole else f"strpos({name}, {text}) > 0"
        found = SQL["file"].replace("{files_open}", SQL["files_open"])
        return found.replace("{asked}", asked).replace("{granted}", granted("r"))


def _together(node: All | Either) -> tuple[Condition, ...]:
    """Return the parts, of which those that the words of one place decide are one: taken once."""
    parts: dict[Any, list[Condition]] = {}
    for at, part in enumerate(node.parts):
        parts.setdefault(texts.place(part) or at, []).append(part)
    return tuple(each[0] if len(each) == 1 else type(node)(tuple(each)) for each in parts.values())


def visible(record: str) -> str:
    """Return that the newest version of a row of records may be viewed. It may be NULL."""
    return SQL["visible"].replace("{granted}", granted(record)).replace("{r}", record)


def granted(record: str) -> str:
    """Return that somebody of the asker's was granted a row of records."""
    return SQL["granted"].replace("{r}", record)


def contained(node: Condition) -> list[Any] | None:
    """Return values of which every document that matches contains one; None: there are none such.

    Source: PostgreSQL 18, "jsonb Containment and Existence".
    """
    match node:
        case All():
            found = [each for each in map(contained, node.parts) if each is not None]
            return min(found, key=len) if found else None
        case Either():
            parts = [contained(each) for each in node.parts]
            together = [value for part in parts if part is not None for value in part]
            return None if None in parts or len(together) > MOST else together
        case Tagged():
            return [{"tags": {"_type": "tags", "tags": [node.tag]}}]
        case IsText(comparison="==") if node.path.is_plain:
            typed = [
                {"_type": "text", "text": text}
                for text in (node.text, *({language: node.text} for language in LANGUAGES))
            ]
            chart = {"_type": "plotly_chart", "plotly": {"layout": {"title": {"text": node.text}}}}
            return [_around(node.path, each) for each in (node.text, *typed, chart)]
        case RefersTo(comparison="==") if node.path.is_plain:
            user = {"_type": "user", "user_id": node.number}
            objects = [{"_type": each, "object_id": node.number} for each in REFERENCES]
            return [_around(node.path, each) for each in (user, *objects)]
    return None


def _around(path: Path, value: Any) -> Any:
    """Return the least document that has a value at a path."""
    for step in reversed(path.steps):
        value = {step.to: value} if isinstance(step.to, str) else [value]
    return value


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
