"""Schemas: what an action may ask of its documents, and what is said when one does not comply."""

from __future__ import annotations

import gzip
import json
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import documents, schemas
from domain.errors import Fault, Invalid, TooLarge
from domain.schemas.drafts import DRAFTS

DATA = Path(__file__).parents[3] / "shared" / "data"
D4, D6, D7, D2019, D2020 = DRAFTS


def compiled(schema: Any, draft: str | None = None) -> schemas.Compiled:
    """Compile a schema given as a Python value."""
    named = {"$schema": draft, **schema} if draft else schema
    return schemas.compile(json.dumps(named).encode())


def refusal_of(schema: Any, draft: str | None = None) -> Invalid:
    """Return why a schema is refused."""
    with pytest.raises(Invalid) as refused:
        compiled(schema, draft)
    return refused.value


def faults_of(schema: Any, document: Any, draft: str | None = None) -> list[Fault]:
    """Return what is wrong with a document."""
    with pytest.raises(Invalid) as refused:
        compiled(schema, draft).validate(document)
    return list(refused.value.faults)


def reference(schema: Any, draft: str) -> Any:
    """Return the validator of the jsonschema library, which has the schema as it was written."""
    return DRAFTS[draft].reference(schema)


# A real schema and its real documents


@pytest.fixture(scope="module")
def real() -> tuple[bytes, list[bytes]]:
    """Return the real schema and the 3,367 lines of its history."""
    if not DATA.is_dir():
        pytest.skip(f"the real records are not there: {DATA}")
    schema = (DATA / "cern-open-data-record.schema.json").read_bytes()
    with gzip.open(DATA / "cern-open-data-history.jsonl.gz") as lines:
        return schema, list(lines)


def test_of_the_real_records_two_are_refused(real: tuple[bytes, list[bytes]]) -> None:
    """The curators' two mistakes are named, and nothing else is refused."""
    schema, lines = real
    under = schemas.compile(schema)
    refused = {}
    for number, line in enumerate(lines, start=1):
        entry = documents.read(line)
        try:
            under.validate(entry["record"])
        except Invalid as refusal:
            refused[number, entry["recid"]] = refusal.faults

    assert len(lines) == 3367
    assert refused == {
        (272, "26051"): (Fault((), 'has properties that are not allowed: "description"'),),
        (3190, "80509"): (Fault((), 'has properties that are not allowed: "collection"'),),
    }


def test_the_reference_agrees_on_real_records(real: tuple[bytes, list[bytes]]) -> None:
    """Every fiftieth record, and the two that are refused, have the reference's verdict."""
    schema, lines = real
    under = schemas.compile(schema)
    library = reference(orjson.loads(schema), D7)

    for line in [*lines[::50], lines[271], lines[3189]]:
        record = orjson.loads(line)["record"]
        assert under.is_valid(record) == library.is_valid(record)


# The verdict

FIXTURES: list[tuple[dict[str, Any], list[Any]]] = [
    ({"type": "integer"}, [1, 1.0, 1.5, True, "1", 2**64 - 1, 1e300]),
    ({"type": ["number", "null"]}, [1.5, None, False]),
    ({"enum": [1, [0], {"a": False}, None]}, [1.0, True, [False], [0], {"a": 0}, None]),
    ({"const": 1}, [1, 1.0, True, 2]),
    ({"multipleOf": 3}, [9, 10, 9.0, 2**64 - 1]),
    ({"maximum": 3, "minimum": 1}, [0, 1, 3, 3.5, "4"]),
    ({"maximum": 3, "exclusiveMaximum": True}, [2, 3]),
    ({"exclusiveMaximum": 3, "exclusiveMinimum": 1}, [1, 2, 3]),
    ({"minimum": 9007199254740993}, [9007199254740992, 9007199254740993, 9007199254740992.0]),
    ({"maxLength": 1}, ["é", "😀", "ab", "", 12]),
    ({"minLength": 2, "pattern": "^a.c"}, ["abc", "a", "xabc"]),
    ({"maxItems": 1, "minItems": 1}, [[], [1], [1, 2]]),
    ({"uniqueItems": True}, [[1, 1.0], [1, True], [[0], [False]], [{"a": 1}, {"a": 1}], [0, -0.0]]),
    ({"items": {"type": "string"}}, [["a"], ["a", 1], {}]),
    ({"items": [{"type": "string"}], "additionalItems": False}, [["a"], ["a", 1], [1]]),
    ({"prefixItems": [{"type": "string"}], "items": False}, [["a"], ["a", 1], [1]]),
    ({"contains": {"type": "string"}}, [[], [1], [1, "a"]]),
    ({"contains": {"const": 1}, "minContains": 0, "maxContains": 1}, [[], [1], [1, 1]]),
    ({"properties": {"a": {"type": "string"}}, "required": ["a", "b"]}, [{}, {"a": 1, "b": 1}]),
    ({"properties": {"a": False}}, [{"a": 1}, {}]),
    (
        {"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": False},
        [{"a": 1, "xy": 2}, {"b": 1}],
    ),
    ({"additionalProperties": {"type": "null"}}, [{"a": None}, {"a": 1}]),
    ({"propertyNames": {"maxLength": 1}}, [{"a": 1}, {"ab": 1}]),
    ({"maxProperties": 1, "minProperties": 1}, [{}, {"a": 1}, {"a": 1, "b": 1}]),
    ({"dependencies": {"a": ["b"]}}, [{"a": 1}, {"a": 1, "b": 1}]),
    ({"dependencies": {"a": {"required": ["b"]}}}, [{"a": 1}, {"a": 1, "b": 1}]),
    ({"dependencies": {"a": {"required": ["b"]}, "b": ["c"]}}, [{"a": 1}, {"a": 1, "b": 1}, {}]),
    ({"dependencies": {"b": ["c"], "a": {"required": ["b"]}}}, [{"a": 1}, {"a": 1, "b": 1}, {}]),
    ({"dependentRequired": {"a": ["b"]}}, [{"a": 1}, {"a": 1, "b": 1}]),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{"a": 1}, {"a": 1, "b": 1}]),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [0, 1, 3]),
    ({"anyOf": [{"type": "string"}, {"minimum": 2}]}, ["a", 1, 2]),
    ({"oneOf": [{"minimum": 1}, {"minimum": 2}]}, [0, 1, 2]),
    ({"not": {"type": "string"}}, ["a", 1]),
    ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 1}}, ["a", "ab", 0]),
    ({"unevaluatedProperties": False, "allOf": [{"properties": {"a": {}}}]}, [{"a": 1}, {"b": 1}]),
    ({"unevaluatedItems": False, "contains": {"const": 1}}, [[1, 1], [1, 2]]),
    ({"format": "email"}, ["a@example.org", "no"]),
    ({"contentMediaType": "application/json", "contentEncoding": "base64"}, ["é", "{}"]),
    (
        {"$ref": "#/definitions/a", "type": "null", "definitions": {"a": {"type": "string"}}},
        ["a", None, 1],
    ),
    (
        {"properties": {"a": {"$ref": "#"}}, "additionalProperties": False},
        [{"a": {"a": {}}}, {"a": {"b": {}}}],
    ),
    (
        {"items": {"$ref": "#/$defs/a%25~1b"}, "$defs": {"a%/b": {"type": "string"}}},
        [["a"], [1]],
    ),
    (
        {"$id": "https://example.org/s", "$ref": "t", "$defs": {"x": {"$id": "t", "type": "null"}}},
        [None, 1],
    ),
    (
        {"items": {"$ref": "#x"}, "$defs": {"x": {"$anchor": "x", "type": "null"}}},
        [[None], [1]],
    ),
    (
        {
            "$id": "https://example.org/tree",
            "$dynamicAnchor": "node",
            "properties": {"below": {"items": {"$dynamicRef": "#node"}}, "n": {"type": "integer"}},
            "unevaluatedProperties": False,
        },
        [{"below": [{"n": 1}]}, {"below": [{"m": 1}]}, {"below": [{"n": "1"}]}],
    ),
    (
        {
            "$recursiveAnchor": True,
            "properties": {"below": {"$recursiveRef": "#"}, "n": {"type": "integer"}},
        },
        [{"below": {"n": 1}}, {"below": {"n": "1"}}],
    ),
]


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize(("schema", "cases"), FIXTURES, ids=lambda case: json.dumps(case)[:60])
def test_the_verdict_is_the_references(schema: Any, cases: list[Any], draft: str) -> None:
    """On schema and document alike, in each draft."""
    library = reference(schema, draft)
    try:
        library.check_schema(schema)
        library.is_valid(cases[0])
    except Exception:  # it is not valid in this draft, or leads nowhere in it
        refusal_of(schema, draft)
        return
    under = compiled(schema, draft)
    for document in cases:
        assert under.is_valid(document) == library.is_valid(document), document


NAMES = st.sampled_from(["a", "b", "ab", "c"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 4) | st.sampled_from([0.5, 2.0, "", "a", "ab"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
TYPES = st.sampled_from(["string", "integer", "number", "object", "array", "null", "boolean"])
RULES: dict[str, st.SearchStrategy[Any]] = {
    "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
    "enum": st.lists(DOCUMENTS, min_size=1, max_size=3, unique_by=json.dumps),
    "maximum": st.integers(0, 3),
    "multipleOf": st.integers(1, 3),
    "maxLength": st.integers(0, 2),
    "pattern": st.sampled_from(["^a", "b", "^(a|b)+"]),
    "maxItems": st.integers(0, 3),
    "minItems": st.integers(0, 3),
    "uniqueItems": st.booleans(),
    "maxProperties": st.integers(0, 3),
    "required": st.lists(NAMES, min_size=1, max_size=3, unique=True),
}
LATER_RULES = {
    "const": DOCUMENTS,
    "exclusiveMinimum": st.integers(0, 3),
}
LATEST_RULES = {
    "minContains": st.integers(0, 2),
    "maxContains": st.integers(1, 2),
    "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True)),
}


@st.composite
def schemas_of(draw: st.DrawFn, draft: str, levels: int = 3) -> dict[str, Any]:
    """Draw a schema of a draft, which may refer to itself."""
    keywords = dict(RULES)
    keywords |= LATER_RULES if draft != D4 else {}
    keywords |= LATEST_RULES if draft in (D2019, D2020) else {}
    if levels:
        keywords |= _applicators(draft, schemas_of(draft, levels - 1))
    names = draw(st.lists(st.sampled_from(sorted(keywords)), max_size=4, unique=True))
    return {name: draw(keywords[name]) for name in names}


def _applicators(draft: str, inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    some = st.lists(inner, min_size=1, max_size=3)
    by_name = st.dictionaries(NAMES, inner, max_size=3)
    back = st.just({"$ref": "#"})
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "properties": st.dictionaries(NAMES, inner | back, max_size=3),
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), inner, max_size=2),
        "additionalProperties": inner | st.booleans() | back,
        "allOf": some,
        "anyOf": some,
        "oneOf": some,
        "not": inner,
    }
    if draft == D2020:
        keywords |= {"prefixItems": some, "items": inner | st.booleans() | back}
    else:
        keywords |= {"items": inner | some | back, "additionalItems": inner | st.booleans()}
    if draft not in (D2019, D2020):
        listed = st.lists(NAMES, min_size=1, max_size=2, unique=True)
        keywords["dependencies"] = st.dictionaries(NAMES, inner | listed, max_size=3)
    if draft != D4:
        keywords |= {"contains": inner, "propertyNames": inner}
    if draft not in (D4, D6):
        keywords |= {"if": inner, "then": inner, "else": inner}
    if draft in (D2019, D2020):
        keywords["dependentSchemas"] = by_name
        keywords["unevaluatedProperties"] = inner | st.booleans()
        keywords["unevaluatedItems"] = inner | st.booleans()
    if draft == D2019:  # where the reference mistakes their keywords for names of properties
        keywords["additionalProperties"] = keywords["unevaluatedProperties"] = st.booleans()
    return keywords


@pytest.mark.parametrize("draft", DRAFTS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_verdict_is_the_references_on_generated_ones(draft: str, data: st.DataObject) -> None:
    """And whatever is refused is refused for at least one reason, at a place that exists."""
    schema = data.draw(schemas_of(draft))
    under, library = compiled(schema, draft), reference(schema, draft)
    for document in data.draw(st.lists(DOCUMENTS, min_size=1, max_size=5)):
        expected = library.is_valid(document)
        assert under.is_valid(document) == expected
        if not expected:
            for fault in faults_of(schema, document, draft):
                place: Any = document
                for part in fault.path:
                    place = place[part]


@pytest.mark.parametrize("draft", [D6, D7])
def test_formats_and_contents_are_only_notes(draft: str) -> None:
    """In the drafts too where jsonschema-rs would take them for rules."""
    noted = {"format": "ipv4", "contentMediaType": "application/json", "contentEncoding": "base64"}

    assert compiled(noted, draft).is_valid("é")


def test_patterns_are_those_of_the_specification() -> None:
    r"""`\d` is a digit of ASCII, and `$` is the end; Python's `re` is laxer."""
    assert not compiled({"pattern": r"^\d$"}).is_valid("٣")
    assert not compiled({"pattern": "a$"}).is_valid("a\n")


def test_multiples_are_counted_in_decimals() -> None:
    """0.3 is a multiple of 0.1, though not in binary."""
    assert compiled({"multipleOf": 0.1}).is_valid(0.3)


def test_what_additional_properties_accept_is_evaluated() -> None:
    """In 2019-09 as in 2020-12; the reference is wrong here, in 2019-09 alone."""
    schema = {"additionalProperties": {"type": "null"}, "unevaluatedProperties": False}

    assert compiled(schema, D2019).is_valid({"a": None})
    assert not reference(schema, D2019).is_valid({"a": None})
    assert compiled(schema, D2020).is_valid({"a": None})
    assert reference(schema, D2020).is_valid({"a": None})


# The reasons


def test_each_fault_says_where_and_what() -> None:
    """Every fault of a document is told, in the order of their places."""
    schema = {
        "required": ["title"],
        "additionalProperties": False,
        "properties": {
            "title": {"type": "string"},
            "size": {"type": "integer", "minimum": 0},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
            "who": {"anyOf": [{"type": "null"}, {"required": ["name"]}]},
        },
    }
    document = {"size": -1, "tags": ["a", "x", 3], "who": {}, "titel": "Tin"}

    assert faults_of(schema, document) == [
        Fault((), 'has properties that are not allowed: "titel"'),
        Fault((), 'lacks required properties: "title"'),
        Fault(("size",), "is -1, below the minimum 0"),
        Fault(("tags", 1), 'is "x", none of "a", "b"'),
        Fault(("tags", 2), 'is 3, none of "a", "b"'),
        Fault(
            ("who",),
            "satisfies none of the 2 alternatives of anyOf:"
            ' is an object, not null; lacks required properties: "name"',
        ),
    ]


@pytest.mark.parametrize(
    ("schema", "document", "says"),
    [
        ({"type": ["string", "null"]}, 1.5, "is a number, not string or null"),
        ({"const": "a"}, "b", 'is "b", not "a"'),
        ({"maxLength": 1}, "abc", "has 3 characters, more than 1"),
        ({"pattern": "^a"}, "b", 'is "b", not of the pattern "^a"'),
        ({"uniqueItems": True}, [1, 1], "has 2 items, not all different"),
        ({"contains": {"type": "null"}}, [1], "has 0 items that match `contains`; 1 are required"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, 'whose name is not allowed: "ab"'),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, 'lacks "b", required beside "a"'),
        ({"oneOf": [{}, {"minimum": 1}]}, 2, "satisfies 2 alternatives of oneOf; one is allowed"),
        ({"not": {"type": "string"}}, "a", "is what the schema's `not` forbids"),
        ({"properties": {"a": False}}, {"a": 1}, "is not allowed here"),
        ({"unevaluatedProperties": False}, {"a": 1}, 'no part of the schema allows: "a"'),
        ({"unevaluatedItems": False}, [1], "has items that no part of the schema allows"),
    ],
)
def test_a_fault_is_told_in_words(schema: Any, document: Any, says: str) -> None:
    """What the value is, and what it had to be."""
    assert says in faults_of(schema, document)[0].message


@pytest.mark.soak  # by the clock
def test_a_hundred_faults_are_told_at_most() -> None:
    """Of a million wrong items a hundred are named, soon and in order."""
    start = time.process_time()
    faults = faults_of({"items": {"type": "string"}}, [0] * 1_000_000)

    assert len(faults) == 100
    assert faults == sorted(faults, key=lambda fault: fault.path)
    assert time.process_time() - start < 2


def test_a_fault_never_holds_a_large_value() -> None:
    """Not the whole document, not a long text, not a long name."""
    schema = {"allOf": [{"type": "null"}, {"enum": [1]}], "additionalProperties": False}

    for fault in faults_of(schema, {"x" * 10_000: ["x" * 1_000_000] * 10}):
        assert len(fault.message) < 1_000


ENDLESS_CHOICE = {
    "$ref": "#/$defs/n",
    "$defs": {
        "n": {
            "oneOf": [
                {"properties": {"a": {"$ref": "#/$defs/n"}}, "required": ["a"]},
                {"properties": {"a": {"$ref": "#/$defs/n"}}, "minProperties": 2},
                {"items": {"$ref": "#/$defs/n"}, "contains": {"$ref": "#/$defs/n"}},
            ]
        }
    },
}


@pytest.mark.soak  # by the clock
def test_recursive_alternatives_do_not_run_away() -> None:
    """Alternatives within alternatives, 99 levels deep, are decided and explained at once."""
    document: Any = {}
    for _ in range(99):
        document = {"a": document}
    start = time.process_time()

    assert faults_of(ENDLESS_CHOICE, document)
    assert time.process_time() - start < 2


# What a schema may be


@pytest.mark.parametrize("raw", [b"true", b"[]", b'"object"', b"7"])
def test_a_schema_is_an_object(raw: bytes) -> None:
    """Not even a boolean, which the later drafts allow inside."""
    with pytest.raises(Invalid, match="must be a JSON object"):
        schemas.compile(raw)


def test_a_schema_is_read_as_strictly_as_a_document() -> None:
    """A repeated key could hide a rule."""
    with pytest.raises(Invalid, match="is repeated"):
        schemas.compile(b'{"type": "null", "type": "string"}')


def test_a_schema_has_a_size_limit() -> None:
    """A mebibyte, or what the caller says."""
    with pytest.raises(TooLarge, match="1,048,576"):
        schemas.compile(b'{"title": "' + b"x" * (1 << 20) + b'"}')
    with pytest.raises(TooLarge):
        schemas.compile(b'{"type": "object"}', limit=10)


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("ending", ["", "#"])
def test_the_draft_is_read_from_the_schema(draft: str, ending: str) -> None:
    """With or without its empty fragment."""
    assert compiled({"$schema": draft + ending}).draft == draft


def test_without_a_draft_it_is_the_latest() -> None:
    """2020-12 knows prefixItems."""
    assert compiled({}).draft == D2020
    assert not compiled({"prefixItems": [{"type": "null"}]}).is_valid([1])


@pytest.mark.parametrize("name", ["https://example.org/mine", "draft-07", 7, D7 + "#/properties/a"])
def test_an_unknown_draft_is_refused(name: Any) -> None:
    """The refusal names it."""
    refusal = refusal_of({"$schema": name})

    assert str(name) in refusal.message
    assert refusal.faults[0].path == ("$schema",)


@pytest.mark.parametrize("draft", [D4, D6, D7])
def test_dependencies_mix_schemas_and_lists_of_names(draft: str) -> None:
    """In a part that names the draft again too; an identifier in one of them is found."""
    name = "id" if draft == D4 else "$id"
    mixed = {"a": {name: "word", "required": ["b"]}, "b": ["c"]}
    under = compiled(
        {
            name: "https://example.org/s",
            "properties": {
                "part": {"$schema": draft, "dependencies": {**mixed, "a": {"required": ["b"]}}},
                "same": {"$ref": "word"},
            },
            "dependencies": mixed,
        },
        draft,
    )

    assert under.is_valid({"part": {"a": 1, "b": 1, "c": 1}, "same": {"b": 1}})
    assert not under.is_valid({"part": {"b": 1}})
    assert not under.is_valid({"same": {"c": 1}})


def test_a_part_cannot_be_of_another_draft() -> None:
    """A property may be called $schema all the same."""
    part = {"$schema": D4, "$id": "part"}

    assert refusal_of({"$defs": {"a": part}}).faults[0].path == ("$defs", "a", "$schema")
    assert compiled({"properties": {"$schema": {"type": "string"}}}).is_valid({"$schema": "x"})


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "strin"}, ("type",)),
        ({"properties": {"a": {"minLength": -1}}}, ("properties", "a", "minLength")),
        ({"items": {"required": "a"}}, ("items", "required")),
        ({"$defs": {"a": {"enum": 1}}}, ("$defs", "a", "enum")),
    ],
)
def test_a_schema_must_be_valid_by_its_draft(schema: Any, path: Any) -> None:
    """The refusal says where it is not."""
    refusal = refusal_of(schema)

    assert path in [fault.path for fault in refusal.faults]
    assert "/".join(path) in refusal.message


# References


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize(
    "reference",
    [
        "http://127.0.0.1:9/x.json",
        "https://example.org/x.json#/a",
        "file:///etc/hostname",
        "//example.org/x",
        "x.json",
        "urn:example:x",
        "http://json-schema.org/draft-07/schema#",
        "http://[",
    ],
)
def test_a_reference_out_of_the_schema_is_refused(reference: str, draft: str) -> None:
    """It is named with its place, and nothing is fetched."""
    refusal = refusal_of({"properties": {"a": {"$ref": reference}}}, draft)

    assert reference in refusal.message
    assert refusal.faults[0].path == ("properties", "a", "$ref")


def test_a_file_is_never_read(tmp_path: Path) -> None:
    """Not by its address, and not by a name under an identifier that points to its folder."""
    (tmp_path / "x.json").write_text('{"type": "string"}')
    folder = tmp_path.as_uri() + "/"

    refusal_of({"$ref": folder + "x.json"})
    refusal_of({"$id": folder, "$ref": "x.json"})
    refusal_of({"id": folder, "items": {"$ref": "x.json"}}, D4)
    refusal_of({"properties": {"a": {"$id": folder, "items": {"$ref": "x.json"}}}})
    refusal_of({"$id": folder, "$dynamicRef": "x.json#a"})
    refusal_of({"$ref": "#/found", "found": {"$ref": folder + "x.json"}})


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/nothing"},
        {"$ref": "#nothing"},
        {"$ref": "#/title", "title": "text"},
        {"$ref": "#/found", "found": {"type": "strin"}},
        {"$dynamicRef": "#nothing"},
    ],
)
def test_a_reference_must_lead_to_a_schema(schema: Any) -> None:
    """A dangling one would refuse every document."""
    assert "leads to" in refusal_of(schema).message


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"properties": {"x": {"if": {"not": {"$ref": "#/properties/x"}}}}},
    ],
)
def test_a_schema_that_only_leads_to_itself_is_refused(schema: Any) -> None:
    """It would be applied to the same value for ever."""
    assert "without end" in refusal_of(schema).message


# Patterns


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", r"(a)\1"])
@pytest.mark.parametrize("keyword", ["pattern", "patternProperties"])
def test_a_pattern_that_can_run_away_is_refused(pattern: str, keyword: str) -> None:
    """Look-around and back-references are named, wherever they stand."""
    part: Any = {"pattern": pattern} if keyword == "pattern" else {keyword: {pattern: {}}}
    refusal = refusal_of({"$defs": {"unused": part}})

    assert repr(pattern) in refusal.message
    assert "look-around" in refusal.message
    assert refusal.faults[0].path[:3] == ("$defs", "unused", keyword)


def test_a_pattern_must_be_one() -> None:
    """And small enough once its repetitions are written out."""
    assert "no regular expression" in refusal_of({"pattern": "["}).message
    assert "too large" in refusal_of({"pattern": "((a{100}){100}){100}"}).message
    many = {f"p{i}": {"pattern": rf"^\p{{L}}{{60}}{i}$"} for i in range(2_000)}
    assert "too large" in refusal_of({"properties": many}).message


@pytest.mark.soak  # by the clock
def test_a_pattern_takes_time_in_proportion_to_the_text() -> None:
    """Python's `re` would not come back from this one."""
    under = compiled({"pattern": "^(a+)+$"})
    start = time.process_time()

    assert not under.is_valid("a" * 1_000_000 + "!")
    assert time.process_time() - start < 1


# Size


def bomb(keyword: str, levels: int) -> dict[str, Any]:
    """Return a small schema that unfolds to ten times its last part at every level."""
    parts: dict[str, Any] = {"d0": {"type": "string"}}
    for level in range(1, levels):
        below = {"$ref": f"#/definitions/d{level - 1}"}
        names = {f"p{number}": below for number in range(10)}
        parts[f"d{level}"] = {keyword: [below] * 10 if keyword == "allOf" else names}
    return {"definitions": parts, **parts[f"d{levels - 1}"]}


@pytest.mark.soak  # by the clock
@pytest.mark.parametrize("keyword", ["allOf", "properties", "dependentSchemas"])
@pytest.mark.parametrize("levels", [6, 300])
def test_a_bomb_is_refused_before_it_goes_off(keyword: str, levels: int) -> None:
    """The size is counted, never made."""
    start = time.process_time()

    assert "100,000" in refusal_of(bomb(keyword, levels)).message
    assert time.process_time() - start < 1


def test_a_bomb_that_ends_in_a_circle_is_refused_too() -> None:
    """A circle is counted once; what it hangs from is not."""
    schema = bomb("properties", 12)
    schema["definitions"]["d0"] = {"items": {"$ref": "#"}}

    assert "100,000" in refusal_of(schema).message


def test_size_is_counted_with_references_written_out() -> None:
    """A reference counts as what it leads to, a way back as one."""
    assert compiled({"type": "string"}).nodes == 2
    assert compiled({"items": {"$ref": "#"}}).nodes == 4
    once = compiled({"$defs": {"a": {"enum": [1, 2, 3]}}, "items": {"$ref": "#/$defs/a"}}).nodes
    twice = compiled(
        {
            "$defs": {"a": {"enum": [1, 2, 3]}},
            "items": {"$ref": "#/$defs/a"},
            "contains": {"$ref": "#/$defs/a"},
        }
    ).nodes
    assert twice - once == 7  # contains' object, its $ref, and the five values of a


def chain(length: int) -> dict[str, Any]:
    """Return a schema whose references lead to the next one, so many times."""
    parts: dict[str, Any] = {f"d{at}": {"$ref": f"#/$defs/d{at + 1}"} for at in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": parts | {f"d{length}": {"type": "string"}}}


def test_a_chain_of_references_is_followed_to_its_end() -> None:
    """Its last part says what is wrong."""
    assert faults_of(chain(400), 1) == [Fault((), "is an integer, not string")]


@pytest.mark.soak  # by the clock
def test_a_chain_of_references_has_an_end() -> None:
    """Compiling takes time with the square of its length."""
    start = time.process_time()

    assert "lead into one another" in refusal_of(chain(600)).message
    assert "lead into one another" in refusal_of(chain(20_000)).message
    assert time.process_time() - start < 2


@pytest.mark.soak  # by the clock
def test_an_explanation_has_a_budget() -> None:
    """Where every part is large, a refusal says less, not late."""
    schema = chain(450)
    schema["$defs"]["d450"] = {"properties": {f"p{at}": {"type": "null"} for at in range(10_000)}}
    start = time.process_time()

    assert faults_of(schema, {"p1": 1})
    assert time.process_time() - start < 5


# Kept


def test_equal_bytes_are_compiled_once() -> None:
    """And a schema that was refused is not kept."""
    raw = b'{"type": "object", "title": "once"}'

    assert schemas.compile(raw) is schemas.compile(bytes(bytearray(raw)))


def test_a_compiled_schema_serves_several_threads() -> None:
    """Verdicts and reasons are the same from each."""
    under = compiled({"items": {"anyOf": [{"type": "string"}, {"minimum": 3}]}})

    def ask(number: int) -> tuple[Any, ...]:
        try:
            under.validate(["a", number, 3])
        except Invalid as refusal:
            return tuple(fault.path for fault in refusal.faults)
        return ()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, [number % 5 for number in range(2_000)]))
    assert answers == [((1,),) if number % 5 < 3 else () for number in range(2_000)]


def test_a_compiled_schema_can_be_sent_to_another_process() -> None:
    """It travels as its bytes."""
    under = compiled({"type": "null"})

    assert pickle.loads(pickle.dumps(under)).is_valid(None)  # noqa: S301
