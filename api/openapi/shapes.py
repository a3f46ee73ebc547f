"""Schemas and responses that stand once in the document, and are referred to."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from api.door import Dialect
from api.openapi import headers
from api.shapes import TEXT, anything, array, told
from domain.errors import Fault, Invalid, TooManyRequests

BY_FIELD = "a field of the body"
WAIT = TooManyRequests("a", 1)
FAULT = Fault((BY_FIELD,), "a")
TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
_PART = anything("as the specification of OpenAPI 3.1 says")
DOCUMENT = told(
    "muniment.OpenApi",
    {
        "openapi": TEXT,
        **dict.fromkeys(("info", "paths", "components"), _PART),
        **dict.fromkeys(("tags", "servers", "security"), array(_PART)),
    },
)
PHRASES = {460: "Checksum Mismatch"}  # of tus


class Shapes:
    """What is referred to, as it was met."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}  # by their title
        self.responses: dict[str, Any] = {}

    def named(self, schema: Any) -> Any:
        """Return a schema in which every one that has a title is a reference."""
        if isinstance(schema, list):
            return [self.named(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        within = {name: self.named(each) for name, each in schema.items()}
        title = schema.get("title")
        if not isinstance(title, str):
            return within
        if self.schemas.setdefault(title, within) != within:
            raise ValueError(f"Two schemas are called {title}.")
        return {"$ref": f"#/components/schemas/{title}"}

    def refusal(self, dialects: Sequence[Dialect], status: int) -> dict[str, Any]:
        """Return a reference to how dialects, of which each may, refuse with a status."""
        name = "-".join([*(each.name for each in dialects), str(status)])
        if name not in self.responses:
            self.responses[name] = {
                "description": PHRASES.get(status) or HTTPStatus(status).phrase,
                "content": {
                    each.media_type: {"schema": wording(each, status)} for each in dialects
                },
            }
            waits = any(each.status(WAIT) == status for each in dialects)
            given = headers.of_refusal(status, waits=waits)
            if given:
                self.responses[name]["headers"] = given
        return {"$ref": f"#/components/responses/{name}"}


def wording(dialect: Dialect, status: int) -> dict[str, Any]:
    """Return the schema of a dialect's refusals: of what it says always, and of faults."""
    if not dialect.media_type.endswith("json"):
        return {"type": "string"}
    plain = dialect.error(Invalid("a"), status)
    faulty = dialect.error(Invalid("a", (FAULT,)), status)
    properties = {name: _like(value) for name, value in (faulty | plain).items()}
    required = [name for name in plain if name in faulty]
    schema = {"type": "object", "required": required, "properties": properties}
    if BY_FIELD in properties:
        schema["additionalProperties"] = properties.pop(BY_FIELD)
    return schema


def _like(value: Any) -> dict[str, Any]:
    """Return the schema of what is like an example."""
    if isinstance(value, dict):
        members = {name: _like(each) for name, each in value.items()}
        return {"type": "object", "required": list(members), "properties": members}
    if isinstance(value, list):
        return {"type": "array", "items": _like(value[0]) if value else {}}
    return {"type": TYPES[type(value)]}
