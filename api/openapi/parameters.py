"""What a request may say beside its body: in its path, its query and its headers.

A resource has `parts`, `query` and `headers`: name → what it is, or a JSON Schema with that as its
description; `required` is true of those that must be there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api import shown_links
from api.door import Resource
from api.idempotency import KEY_LENGTH

PART = re.compile(r"{(\w+)}")
TEXT = {"type": "string"}
LINK = "The token of an access link, which opens what the link opens."
KEY = {
    **TEXT,
    "pattern": f"^[!-~]{{1,{KEY_LENGTH}}}$",
    "description": "What is sent again with the same key and body is carried out once.",
}
# The headers that ask for what a status says.
ASKING: dict[str, dict[str, str]] = {
    "206": {
        "Range": "One range of bytes.",
        "If-Range": "The ETag or the date without which the range is all.",
        "If-Modified-Since": "The date since when the asker has it.",
        "If-Unmodified-Since": "The date since when it must be as it is.",
    },
    "304": {"If-None-Match": "The ETag of what the asker has."},
    "412": {"If-Match": "The ETag, or the revision, that it must have."},
}


def of_path(path: str, resource: object) -> list[dict[str, Any]]:
    """Return the parameters that all operations of a path have."""
    parts = getattr(resource, "parts", {})
    found = [
        parameter(name, "path", parts.get(name, "")) | {"required": True}
        for name in PART.findall(path)
    ]
    if isinstance(resource, Resource) and resource.takes_links:
        found.append(parameter(shown_links.PARAMETER, "query", LINK))
    return found


def of_operation(
    method: str, resource: object, responses: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the parameters that an operation has of its own."""
    query = getattr(resource, "query", {}).get(method, {})
    found = [parameter(name, "query", about) for name, about in query.items()]
    headers: dict[str, Any] = {}
    for status, asking in ASKING.items():
        if status in responses:
            headers |= asking
    if isinstance(resource, Resource) and resource.takes_keys and method == "POST":
        headers["Idempotency-Key"] = KEY
    headers |= getattr(resource, "headers", {}).get(method, {})
    return found + [parameter(name, "header", about) for name, about in headers.items()]


def parameter(name: str, place: str, about: Any) -> dict[str, Any]:
    """Return one parameter; `about` is text, or a schema with a description."""
    schema = {**TEXT, "description": about} if isinstance(about, str) else {**about}
    said = {"name": name, "in": place, "description": schema.pop("description", "")}
    required = {"required": True} if schema.pop("required", False) else {}
    return {**said, **required, "schema": schema}
