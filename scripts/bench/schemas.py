"""Validating under SampleDB's language, against jsonschema with the equivalent JSON Schema.

Thirty properties: texts, choices, truth values, times, tags, quantities with ranges in several
units, properties under conditions. Everything is compiled and warm. jsonschema says of each what
JSON Schema can say; it reduces no units and completes nothing. What is completed lacks the units,
the magnitude in base units and the dimensionality of twelve quantities, and gets them in its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import orjson
from jsonschema import Draft202012Validator

from domain.schemas import sampledb
from scripts.bench.report import Row, median_ratio

ROUNDS = 5
SECONDS = 0.5  # of each side in a round

Json = dict[str, Any]
UNITS = ("m", "mm", "kg", "g", "s", "degC", "kPa", "mol/l", "A", "V", "mPa*s", "W/(m*K)")
DIMENSIONS = (
    *("[length]", "[length]", "[mass]", "[mass]", "[time]", "[temperature]"),
    "[mass] / [length] / [time] ** 2",
    "[substance] / [length] ** 3",
    "[current]",
    "[mass] * [length] ** 2 / [time] ** 3 / [current]",
    "[mass] / [length] / [time]",
    "[mass] * [length] / [time] ** 3 / [temperature]",
)
TIME = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"


class Both:
    """One set of rules in both languages, and documents that satisfy them."""

    def __init__(self) -> None:
        self.ours: Json = {"title": "Thirty", "type": "object", "properties": {}}
        self.ours["required"] = ["name"]
        self.theirs: Json = {"type": "object", "properties": {}, "required": ["name"], "allOf": []}
        self.theirs["additionalProperties"] = False
        self.short: Json = {}  # a document that lacks what can be completed
        lengths: Json = {"minLength": 1, "maxLength": 80}
        rules: Json = {"text": {"type": "string", **lengths}}
        self._add("name", "text", lengths, rules, {"text": "n"})
        for each in range(4):
            rules = {"text": {"type": "string", "pattern": "^[a-z]+[0-9]*"}}
            self._add(f"text{each}", "text", {"pattern": "[a-z]+[0-9]*"}, rules, {"text": "ab12"})
        for each in range(3):
            choices = ["red", "green", "blue"]
            rules = {"text": {"enum": choices}}
            self._add(f"choice{each}", "text", {"choices": choices}, rules, {"text": "green"})
        for each in range(4):
            rules = {"value": {"type": "boolean"}}
            self._add(f"bool{each}", "bool", {}, rules, {"value": True})
        for each in range(2):
            rules = {"utc_datetime": {"type": "string", "pattern": TIME}}
            value = {"utc_datetime": "2024-01-02 03:04:05"}
            self._add(f"time{each}", "datetime", {}, rules, value)
        tags: Json = {"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9_-]*$"}}
        rules = {"tags": {**tags, "uniqueItems": True}}
        self._add("tags", "tags", {}, rules, {"tags": ["one", "two", "three"]})
        for each, (units, dimensionality) in enumerate(zip(UNITS, DIMENSIONS, strict=True)):
            number: Json = {"type": "number"}
            rules = {
                "magnitude": number,
                "magnitude_in_base_units": {**number, "minimum": 0, "maximum": 1e9},
                "units": {"enum": [units]},
                "dimensionality": {"const": dimensionality},
            }
            bounds: Json = {"units": units, "min_magnitude": 0, "max_magnitude": 1e9}
            self._add(f"quantity{each}", "quantity", bounds, rules, {"magnitude": each + 0.5})
        for each in range(3):
            self._depend(f"dependent{each}", f"bool{each}")

    def _add(self, name: str, type_: str, more: Json, rules: Json, value: Json) -> None:
        self.ours["properties"][name] = {"title": name, "type": type_, **more}
        self.theirs["properties"][name] = {
            "type": "object",
            "properties": {"_type": {"const": type_}, **rules},
            "required": ["_type", *rules],
            "additionalProperties": False,
        }
        self.short[name] = {"_type": type_, **value}

    def _depend(self, name: str, on: str) -> None:
        """Add a text that may only be there while a truth value is true."""
        self._add(name, "text", {}, {"text": {"type": "string"}}, {"text": "there"})
        condition = {"type": "bool_equals", "property_name": on, "value": True}
        self.ours["properties"][name]["conditions"] = [condition]
        holds = {"properties": {on: {"properties": {"value": {"const": True}}}}, "required": [on]}
        self.theirs["allOf"].append({"if": holds, "else": {"properties": {name: False}}})


def thirty() -> Json:
    """Return a document of the thirty properties that lacks nothing."""
    both = Both()
    compiled = sampledb.Compiled(orjson.dumps(both.ours), strict=True)
    raw = compiled.accept(both.short, orjson.dumps(both.short)).raw
    assert raw is not None
    whole: Json = orjson.loads(raw)
    return whole


def run() -> Iterator[Row]:
    """Measure validation alone, and with completion."""
    both = Both()
    assert len(both.short) == 30
    ours = sampledb.Compiled(orjson.dumps(both.ours), strict=True)
    theirs = Draft202012Validator(both.theirs)
    short = orjson.dumps(both.short)
    whole = thirty()
    raw = orjson.dumps(whole)
    assert theirs.is_valid(whole)
    assert not ours.accept(whole, raw).findings
    floor: Callable[[], object] = lambda: theirs.is_valid(whole)  # noqa: E731
    yield row("validate 30 properties, SampleDB", lambda: ours.accept(whole, raw), floor, 20)
    yield row("validate and complete them, SampleDB", lambda: ours.accept(both.short, short), floor)


def row(
    name: str, ours: Callable[[], object], floor: Callable[[], object], least: float | None = None
) -> Row:
    """Return how often a second of CPU carries out one function, and another, in rounds."""
    _rate(ours)
    _rate(floor)
    rates = [(_rate(ours), _rate(floor)) for _ in range(ROUNDS)]
    mine, bare = [one for one, _ in rates], [other for _, other in rates]
    ratio = median_ratio(mine, bare)
    return Row(
        name=name,
        unit="1/s",
        ours=sorted(mine)[ROUNDS // 2],
        floor=sorted(bare)[ROUNDS // 2],
        ratio=ratio,
        least=least,
    )


def _rate(function: Callable[[], object]) -> float:
    """Return how often a second of CPU carries a function out."""
    done = 0
    began = process_time()
    while (spent := process_time() - began) < SECONDS:
        for _ in range(20):
            function()
        done += 20
    return done / spent
