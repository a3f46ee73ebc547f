"""What of an answer is found to be in no schema: else no answer could fail the document."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.documented.unsaid import Unsaid

KNOWN = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "of": {"$ref": "#/components/schemas/Lines"}},
}
LINE = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
LINES = {"type": "array", "items": LINE}


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        (KNOWN, {"id": "a"}, []),
        (KNOWN, {"id": "a", "more": 1}, [".more"]),
        ({"$ref": "#/components/schemas/Lines"}, [{"a": 1, "b": 2}], ["[].b"]),
        ({"type": "object"}, {"a": 1}, [".a"]),
        ({"type": "object", "additionalProperties": True}, {"a": 1}, []),
        ({"type": "object", "additionalProperties": KNOWN}, {"a": {"b": 1}}, [".*.b"]),
        ({"anyOf": [LINE, KNOWN, {"type": "null"}]}, {"a": 1, "id": 2}, [".id"]),
        ({"anyOf": [LINE, {"type": "null"}]}, None, []),
        ({"description": "any JSON"}, {"a": 1}, []),
    ],
)
def test_members_that_no_schema_names_are_found(
    schema: dict[str, Any], value: object, found: list[str]
) -> None:
    """Deep ones too, and beside alternatives those that the one which fits does not name."""
    document = {"components": {"schemas": {"Lines": LINES}}}

    assert list(Unsaid(document).members(schema, value)) == found
