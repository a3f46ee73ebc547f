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
