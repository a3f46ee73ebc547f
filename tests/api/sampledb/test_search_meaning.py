"""A query means the same in SQL as when it is evaluated here, in plain Python, on the documents."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.sampledb.query import parser
from projections import asking, search
from projections.conditions import (
    Alike,
    All,
    Always,
    Condition,
    Either,
    HasFile,
    HasText,
    HasWords,
    IsBool,
    IsDay,
    IsMagnitude,
    IsSet,
    IsText,
    Not,
    Path,
    RefersTo,
    Same,
    Step,
    Tagged,
)
from projections.objects import Filter
from tests.writing import actor, create, log_on

MISSING: Any = object()
NAMES = ("a", "b", "name", "tags", "file_name")
TEXTS = ("Tin", "tin", "in", "blue tin", "", "a%b", "2020-01-05", 'O\'Neil \\ "x"')
UNITS = {"g": ("[mass]", "0.001"), "kg": ("[mass]", "1"), "mm": ("[length]", "0.001")}
MAGNITUDES = ("0", "1", "-1", "5", "0.005", "1000", "1000.00005", "1e-3")
DAYS = ("2020-01-05", "2020-02-28", "1999-12-31")
REFERENCE = "\x01"  # stands for the number of a document that was made before

texts = st.sampled_from(TEXTS)
numbers = st.sampled_from(MAGNITUDES)


def _quantity(magnitude: str, unit: str) -> dict[str, Any]:
    dimensionality, factor = UNITS[unit]
    base = float(Decimal(magnitude) * Decimal(factor))
    whole = {"_type": "quantity", "units": unit, "magnitude": float(magnitude)}
    return whole | {"magnitude_in_base_units": base, "dimensionality": dimensionality}


leaves = st.one_of(
    texts,
    st.sampled_from([json.loads(each) for each in MAGNITUDES]),
    st.booleans(),
    st.none(),
    texts.map(lambda text: {"_type": "text", "text": text}),
    st.dictionaries(st.sampled_from(("en", "de", "fr")), texts, max_size=2).map(
        lambda text: {"_type": "text", "text": text}
    ),
    st.builds(_quantity, numbers, st.sampled_from(sorted(UNITS))),
    st.booleans().map(lambda value: {"_type": "bool", "value": value}),
    st.sampled_from(DAYS).map(lambda day: {"_type": "datetime", "utc_datetime": f"{day} 12:00:00"}),
    st.lists(st.sampled_from(("tin", "x")), max_size=2).map(
        lambda tags: {"_type": "tags", "tags": tags}
    ),
    st.builds(
        lambda kind, at: {"_type": kind, "object_id": f"{REFERENCE}{at}"},
        st.sampled_from(("sample", "measurement", "object_reference", "other")),
        st.integers(0, 5),
    ),
    st.just({"_type": "user", "user_id": 15}),
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
documents = st.dictionaries(st.sampled_from(NAMES), values, max_size=4)

steps = st.sampled_from((*NAMES, "*a", "*b"))
paths = st.builds(
    lambda first, more: ".".join((first, *more)),
    steps,
    st.lists(steps | st.sampled_from(("0", "1", "?", "*?")), max_size=2),
)
quoted = texts.filter(lambda text: '"' not in text).map(lambda text: f'"{text}"')
quantities = st.builds("{}{}".format, numbers, st.sampled_from(("", " g", "kg", " mm")))
equal = st.sampled_from(("==", "=", "!="))
ordered = st.sampled_from(("==", "!=", "<", "<=", ">", ">="))
comparisons = st.one_of(
    st.builds("{} {} {}".format, paths, equal, quoted),
    st.builds("{} in {}".format, quoted, paths),
    st.builds("{}{}{}".format, paths, ordered, quantities),
    st.builds("{} {} {}".format, quantities, ordered, paths),
    st.builds(
        "{} {} {}".format,
        paths,
        ordered | st.sampled_from(("on", "before", "after")),
        st.sampled_from(DAYS),
    ),
    st.builds(
        "{} {} {}".format,
        paths,
        equal,
        st.sampled_from(("True", "false", "null", "#15", "#1", "#2", "#3")),
    ),
    st.builds("{} {} {}".format, paths, equal, paths),
    st.sampled_from(("#tin", "True", "False", "5g < 1 kg")),
    paths,
)
queries = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("not ({})".format, inner),
        st.builds("!{}".format, inner),
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("({} and True) == ({} or False)".format, inner, inner),
    ),
    max_leaves=5,
)
words = st.lists(st.sampled_from(("tin", "TI", "blue", "o'neil", "x", "2020")), min_size=1).map(
    " ".join
)


class World:
    """Documents by their numbers, as one asker sees them."""

    def __init__(self, documents: dict[int, Any]) -> None:
        self.documents = documents

    def holds(self, node: Condition, document: Any) -> bool:
        """Whether a condition is true of a document."""
        match node:
            case Always():
                return node.value
            case All():
                return all(self.holds(each, document) for each in node.parts)
            case Either():
                return any(self.holds(each, document) for each in node.parts)
            case Not():
                return not self.holds(node.part, document)
            case Alike():
                return self.holds(node.one, document) == self.holds(node.other, document)
            case Tagged():
                found = document.get("tags")
                return _type(found) == "tags" and node.tag in found["tags"]
            case HasFile():
                return False  # no document has any
            case HasWords():
                there = _words(" ".join(_strings(document)))
                asked = _words(node.text)
                return all(any(word.startswith(each) for word in there) for each in asked)
            case Same():
                equal = node.comparison == "=="
                return self.at(
                    node.one,
                    document,
                    lambda one: self.at(
                        node.other,
                        document,
                        lambda other: MISSING not in (one, other) and _same(one, other) == equal,
                    ),
                )
            case IsText() | HasText() | IsMagnitude() | IsDay() | IsBool() | RefersTo() | IsSet():
                return self.at(node.path, document, lambda value: _leaf(node, value))
        raise AssertionError(node)  # of another door's queries

    def at(self, path: Path, document: Any, asked: Callable[[Any], bool]) -> bool:
        """Whether something holds of one of the values that a path leads to."""
        return self._into(document, path.steps, asked)

    def _into(self, value: Any, left: tuple[Step, ...], asked: Callable[[Any], bool]) -> bool:
        if not left:
            return asked(value)
        step, rest = left[0], left[1:]
        if step.to is None:
            return isinstance(value, list) and any(
                self._followed(each, step, rest, asked) for each in value
            )
        if isinstance(step.to, int):
            inside = isinstance(value, list) and step.to < len(value)
        else:
            inside = isinstance(value, dict) and step.to in value
        return self._followed(value[step.to] if inside else MISSING, step, rest, asked)

    def _followed(
        self, value: Any, step: Step, rest: tuple[Step, ...], asked: Callable[[Any], bool]
    ) -> bool:
        if not step.follow:
            return self._into(value, rest, asked)
        number = _referred(value)
        return number in self.documents and self._into(self.documents[number], rest, asked)


def _type(value: Any) -> Any:
    return value.get("_type") if isinstance(value, dict) else None


def _referred(value: Any) -> Any:
    known = ("sample", "measurement", "object_reference")
    return value["object_id"] if _type(value) in known else None


def _same(one: Any, other: Any) -> bool:
    return bool(_exact(one) == _exact(other))


def _exact(value: Any) -> Any:
    """Return a value in which True is not 1."""
    if isinstance(value, dict):
        return {key: _exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    return (type(value) is bool, value)


def _leaf(node: Any, value: Any) -> bool:
    match node:
        case IsText():
            there = _texts(value)
            return bool(there) and (node.text in there) == (node.comparison == "==")
        case HasText():
            return any(node.text in each for each in _texts(value))
        case IsBool():
            plain = value["value"] if _type(value) == "bool" else value
            return plain is node.value
        case IsSet():
            return (value is not MISSING and value is not None) == node.value
        case RefersTo():
            number = value["user_id"] if _type(value) == "user" else _referred(value)
            return number is not None and (number == node.number) == (node.comparison == "==")
        case IsDay():
            day = _day(value)
            return day is not None and _compare(node.comparison, day, node.day)
        case IsMagnitude():
            return _is_magnitude(node, value)
    raise AssertionError(node)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if _type(value) != "text":
        return []
    text = value["text"]
    if isinstance(text, str):
        return [text]
    return [each for language, each in text.items() if language in ("en", "de")]


def _day(value: Any) -> int | None:
    text = value["utc_datetime"] if _type(value) == "datetime" else value
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", text) if isinstance(text, str) else None
    return None if match is None else int("".join(match.groups()))


def _is_magnitude(node: IsMagnitude, value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number and _type(value) != "quantity":
        return False
    dimensionality = "dimensionless" if is_number else value["dimensionality"]
    if dimensionality != node.dimensionality:
        return node.comparison == "!="
    base = Decimal(repr(value if is_number else value["magnitude_in_base_units"]))
    near = abs(base - node.magnitude) <= abs(base) * Decimal("1e-7")
    match node.comparison:
        case "==":
            return near
        case "!=":
            return not near
        case "<=":
            return base - abs(base) * Decimal("1e-7") <= node.magnitude
        case ">=":
            return base + abs(base) * Decimal("1e-7") >= node.magnitude
    return _compare(node.comparison, base, node.magnitude)


def _compare(comparison: str, one: Any, other: Any) -> bool:
    order = (one > other) - (one < other)
    return (
        order
        in {"==": (0,), "!=": (-1, 1), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}[
            comparison
        ]
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def _settled(value: Any, made: list[int]) -> Any:
    """Return a document with the numbers of those before it in the place of REFERENCE."""
    if isinstance(value, dict):
        return {key: _settled(each, made) for key, each in value.items()}
    if isinstance(value, list):
        return [_settled(each, made) for each in value]
    if isinstance(value, str) and value.startswith(REFERENCE):
        at = int(value[1:])
        return made[at] if at < len(made) else 10**9
    return value


@pytest.mark.parametrize("examples", [25, pytest.param(200, marks=pytest.mark.soak)])
@pytest.mark.parametrize("advanced", [True, False])
def test_sql_finds_what_plain_python_finds(database: str, advanced: bool, examples: int) -> None:
    """Whatever the documents and the query; one of them is somebody else's."""
    asked_for = queries if advanced else words

    with log_on(database) as log, asyncio.Runner() as runner:
        db = search.searching_pool(database, 1)
        runner.run(db.open())

        @settings(max_examples=examples, deadline=None)
        @given(
            drawn=st.lists(documents, min_size=1, max_size=5),
            asked=st.lists(asked_for, min_size=1, max_size=6),
        )
        def check(drawn: list[Any], asked: list[str]) -> None:
            ada, bob = actor(uuid4()), actor(uuid4())
            seen: dict[int, Any] = {}
            made: list[int] = []
            for at, each in enumerate(drawn):
                document = _settled(each, made)
                owner = bob if at == 1 else ada
                record = log.run(owner, create, json.dumps(document).encode())
                made.append(record.number)
                if owner is ada:
                    seen[record.number] = document
            world = World(seen)
            for query in asked:
                condition = parser.parse(query) if advanced else parser.words(query)
                wanted = sorted(
                    (number for number in seen if world.holds(condition, seen[number])),
                    reverse=True,
                )
                sql = asking.compiled(condition)
                found = runner.run(search.found(db, ada.principals, Filter(limit=9), sql))
                assert [line.number for line in found.lines] == wanted, query
                counted = runner.run(search.count(db, ada.principals, Filter(), sql))
                assert counted == len(wanted), query

        try:
            check()
        finally:
            runner.run(db.close())
