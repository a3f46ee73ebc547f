"""/openapi.json leaves no type open but those of what is a user's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.running import Running

METHODS = ("get", "post", "put", "patch", "delete", "options")
ALTERNATIVES = ("anyOf", "oneOf", "allOf")
SAYING = {"type", "enum", "const", "$ref", *ALTERNATIVES}
LIMITS = {"properties", "additionalProperties", "required", "maxProperties"}
# Descriptions of what may be any JSON: nothing else has no type.
ANY = {
    "any JSON",
    "any JSON, of add, replace and test",
    "anything: it is not read",
    "instead of data or beside it: what makes the document of the last version, nested as it is;"
    ' a leaf is {"_before": …, "_after": …}',
    "of a record that another door made: its document",
    "the action's present one",
    "the document; kept byte for byte, completed as its schema says",
    "the object's, or the present one of its action",
    "what this form's own specification says",
}
# Of objects with any members: those are a user's, or another specification's.
OPEN = {
    "a JSON Schema",
    "as it was given",
    "as it was given, its terms as the vocabularies word them",
    "as the specification of OpenAPI 3.1 says",
    "by InvenioRDM's record model",
    "how forms show it",
    "in SampleDB's language, or a JSON Schema",
    "in the language that is said",
    "is not read",
    "metadata, as the schema of the type has it",
    "metadata, with the type as $ana_type or $schema",
    "the configuration, as it was given",
    "what a page shows of it, in a language",
    "what is made from now on satisfies it",
    "that of the type",
    "the event as it is stored, as its topic has it",
    "what of it is told, by its name",
}

# What a module of a dataset's configuration says is its own affair.
MODULE = "PUT /config/{dataset_id} application/json.tasks[].trays[].modules[]"


@pytest.fixture(scope="module")
def document(server: Running) -> dict[str, Any]:
    """The document as the service gives it."""
    found: dict[str, Any] = httpx.get(f"{server.url}/openapi.json").json()
    return found


def schemas(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each schema of a body, a parameter or an answer that stands in the document, and where."""
    for path, operations in document["paths"].items():
        for each in operations.get("parameters", ()):
            yield f"{path} {each['name']}", each["schema"]
        for method in METHODS:
            operation = operations.get(method, {})
            where = f"{method.upper()} {path}"
            for each in operation.get("parameters", ()):
                yield f"{where} {each['name']}", each["schema"]
            for kind, form in operation.get("requestBody", {}).get("content", {}).items():
                yield f"{where} {kind}", form.get("schema", {})
            for status, answer in operation.get("responses", {}).items():
                yield from of_answer(f"{where} {status}", answer)
    for name, schema in document["components"]["schemas"].items():
        yield name, schema
    for name, answer in document["components"]["responses"].items():
        yield from of_answer(name, answer)


def of_answer(where: str, answer: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each schema of an answer: of its headers, and of its JSON."""
    for name, header in answer.get("headers", {}).items():
        yield f"{where} {name}", header["schema"]
    for kind, form in answer.get("content", {}).items():
        if "json" in kind:
            yield f"{where} {kind}", form.get("schema", {})


def within(where: str, schema: Any) -> Iterator[tuple[str, Any]]:
    """A schema, and each that it is made of."""
    yield where, schema
    for name, each in schema.get("properties", {}).items():
        yield from within(f"{where}.{name}", each)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from within(f"{where}[]", schema[name])
    for name in ALTERNATIVES:
        for each in schema.get(name, ()):
            yield from within(where, each)


def is_open(schema: Any) -> bool:
    """Whether a schema says nothing of what is in it, and that is no user's affair."""
    about = schema.get("description")
    if not SAYING & set(schema):
        return about not in ANY
    if schema.get("type") == "object" and not schema.get("properties"):
        return not LIMITS & set(schema) or (
            schema.get("additionalProperties") is True and about not in OPEN
        )
    return schema.get("type") == "array" and "items" not in schema


def test_every_body_parameter_and_answer_has_its_types(document: dict[str, Any]) -> None:
    """Each object its members, each list its items, down to the last; any JSON only where told."""
    found = {
        at: schema
        for where, whole in schemas(document)
        for at, schema in within(where, whole)
        if is_open(schema) and at != MODULE
    }

    assert found == {}


def test_what_may_be_any_json_is_in_the_document(document: dict[str, Any]) -> None:
    """No exception is left from before."""
    told = {
        each.get("description")
        for where, whole in schemas(document)
        for _, each in within(where, whole)
    }

    assert told >= ANY | OPEN
