"""What OpenAPI says of bodies and queries. What a draft's parts may be is never a refusal."""

from __future__ import annotations

from typing import Any

PART: dict[str, Any] = {"type": "object"}
DRAFT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "access": PART,
        "files": PART,
        "metadata": PART,
    },
}
READ = {
    "prettyprint": "1: the JSON is indented",
    "ln": "the language of `ui`, before Accept-Language",
}
PRETTY = {"prettyprint": READ["prettyprint"]}
NEW_FILES: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["key"],
        "properties": {"key": {"type": "string", "minLength": 1, "maxLength": 255}},
    },
}
LIST = READ | {
    "page": "which page, from 1",
    "size": "hits of a page: 25 where nothing is said",
    "sort": "version, newest, oldest, updated-desc, updated-asc",
}
