"""Validating deposits under a draft-04 schema as large as CAP's are, against jsonschema.

Twelve sections of ten entries: what an entry has is written once and referred to, what it may say
hangs on its kind (oneOf) and on its other members (dependencies), and its parts have parts. Both
sides are asked about the same document, of some 90 kB, with everything compiled and warm. Over
HTTP, where the document is read, checked, stored and answered, the floor is one committed INSERT of
the bytes that come, as in drafts.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from typing import Any

import orjson
import psycopg
from jsonschema import Draft4Validator

from domain import schemas
from domain.errors import Invalid
from scripts.bench import floor, http, running
from scripts.bench.drafts import alternate, ask, request
from scripts.bench.report import Row
from scripts.bench.schemas import row

SECTIONS, ENTRIES, PARTS = 12, 10, 3
DEPOSITS = "/api/deposits"
TYPE = "analysis"
BASIC = "application/basic+json"  # as CAP's client asks for what it changes

Json = dict[str, Any]
TEXT: Json = {"type": "string", "minLength": 1, "maxLength": 500}
KINDS: dict[str, Json] = {
    "simulation": {"generator": {"$ref": "#/definitions/text"}, "events": {"type": "integer"}},
    "collision": {"energy": {"type": "number", "minimum": 0}, "run": {"type": "integer"}},
    "calibration": {"constants": {"type": "array", "items": {"type": "number"}}},
    "document": {"url": {"type": "string", "pattern": "^https://[a-z.]+/[A-Za-z0-9/]+$"}},
}
VALUES: dict[str, Json] = {
    "simulation": {"generator": "Pythia 8", "events": 1_000_000},
    "collision": {"energy": 13.6, "run": 355_100},
    "calibration": {"constants": [0.25, 1.5, 2.75, 4.0]},
    "document": {"url": "https://tin.example/notes/2024"},
}


def schema() -> Json:
    """Return the schema."""
    entry: Json = {
        "type": "object",
        "required": ["kind", "title"],
        "properties": {
            "kind": {"enum": list(KINDS)},
            "title": {"$ref": "#/definitions/text"},
            "people": {"type": "array", "items": {"$ref": "#/definitions/person"}, "minItems": 1},
            "parts": {"type": "array", "items": {"$ref": "#/definitions/part"}},
            "reviewed": {"type": "boolean"},
            "reviewer": {"$ref": "#/definitions/person"},
        },
        "dependencies": {"reviewed": ["reviewer"], "parts": ["people"]},
        "oneOf": [
            {"properties": {"kind": {"enum": [kind]}, **members}, "required": list(members)}
            for kind, members in KINDS.items()
        ],
    }
    person: Json = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"$ref": "#/definitions/text"},
            "orcid": {"type": "string", "pattern": r"^(\d{4}-){3}\d{3}[\dX]$"},
        },
        "additionalProperties": False,
    }
    part: Json = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"$ref": "#/definitions/text"},
            "parts": {"type": "array", "items": {"$ref": "#/definitions/part"}},
        },
    }
    section: Json = {"type": "array", "items": {"$ref": "#/definitions/entry"}, "maxItems": 1000}
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "properties": {f"section{number}": section for number in range(SECTIONS)},
        "additionalProperties": False,
        "definitions": {"text": TEXT, "person": person, "part": part, "entry": entry},
    }


def document() -> Json:
    """Return a document that satisfies it."""
    people = [{"name": f"Person {each}", "orcid": "0000-0002-1825-0097"} for each in range(3)]
    parts: list[Json] = []
    for level in range(PARTS):
        parts = [{"name": f"part {level} {each}", "parts": parts} for each in range(2)]
    entries = [
        {
            "kind": kind,
            "title": f"Entry {number}",
            "people": people,
            "parts": parts,
            "reviewed": True,
            "reviewer": people[0],
            **VALUES[kind],
        }
        for number in range(ENTRIES)
        for kind in [list(KINDS)[number % len(KINDS)]]
    ]
    return {f"section{number}": entries for number in range(SECTIONS)}


def run() -> Iterator[Row]:
    """Measure the verdict, a refusal with what is wrong and where, and both as they are served."""
    yield from _validated()
    yield from _served()


def _validated() -> Iterator[Row]:
    raw = orjson.dumps(schema())
    ours, theirs = schemas.compile(raw), Draft4Validator(orjson.loads(raw))
    right, wrong = document(), orjson.loads(orjson.dumps(document()))
    wrong["section7"][4]["parts"][1]["parts"][0]["name"] = 1
    assert theirs.is_valid(right)
    assert [list(each.path) for each in theirs.iter_errors(wrong)] == [
        ["section7", 4, "parts", 1, "parts", 0, "name"]
    ]

    def refuse() -> None:
        with suppress(Invalid):
            ours.validate(wrong)

    yield row(
        "validate a deposit, CAP", lambda: ours.validate(right), lambda: theirs.is_valid(right), 20
    )
    yield row("refuse one with reasons, CAP", refuse, lambda: list(theirs.iter_errors(wrong)))


def _served() -> Iterator[Row]:
    with (
        running.folder() as data,
        running.service(data) as ours,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver,
    ):
        with psycopg.connect(ours.database_url, autocommit=True) as conn:
            conn.execute(floor.TABLES)
        type_ = {"name": TYPE, "version": "1.0.0", "deposit_schema": schema()}
        ask(ours, "POST", "/api/jsonschemas", orjson.dumps(type_))
        right = [{**document(), "section0": [], "section1": [_entry(each)]} for each in range(2)]
        wrong = {**document(), "section0": [{"kind": "document", "title": 1}]}
        begin = [orjson.dumps({"$ana_type": TYPE, **each}) for each in right]
        puts, refused = [], []
        for _ in range(http.CONNECTIONS):
            path = f"{DEPOSITS}/{orjson.loads(ask(ours, 'POST', DEPOSITS, begin[0]))['id']}"
            puts.append(
                [request(ours, "PUT", path, orjson.dumps(each), accept=BASIC) for each in right]
            )
            refused.append([request(ours, "PUT", path, orjson.dumps(wrong), accept=BASIC)])
        with running.floor(ours) as bare:
            posts = [[request(ours, "POST", DEPOSITS, each, accept=BASIC) for each in begin]]
            written = [[request(ours, "POST", "/written", each) for each in begin]]
            loads = (
                http.Load(ours, posts * http.CONNECTIONS, 201),
                http.Load(ours, puts),
                http.Load(ours, refused, 422),
                http.Load(bare, written * http.CONNECTIONS, 201),
            )
            alternate(driver, *loads)
        names = ("POST a deposit", "PUT a deposit", "PUT one that is refused")
        for name, load in zip(names, loads, strict=False):
            yield http.row(f"{name}, of 90 kB under a deep type", load, loads[-1])


def _entry(number: int) -> Json:
    return {"kind": "simulation", "title": f"Entry {number}", **VALUES["simulation"]}
