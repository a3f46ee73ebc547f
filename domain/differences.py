"""What makes one document of another, as bytes and exact to the last digit.

A number is its spelling: 1, 1.0, 1.00 and 1e0 differ here, as the bytes that are kept do, and so
do numbers that no double tells apart. Source: RFC 6902 (JSON Patch), RFC 7396 (Merge Patch).
"""

from __future__ import annotations

import json
from typing import Any

from domain.errors import NotAcceptable
from domain.patches import Number, patch, same, written

INTEGER = 18  # digits that an integer has at most where it is read as one


def json_patch(before: bytes, after: bytes) -> bytes:
    """Return the operations that make `after` of `before`, both valid JSON."""
    return written(patch(before, after, read=read))


def merge_patch(before: bytes, after: bytes) -> bytes:
    """Return what is to be merged into `before` to make `after`, both valid JSON.

    Raises NotAcceptable where a member would have to become null: merged, that removes it.
    """
    return written(_merged(read(before), read(after)))


def read(raw: bytes) -> Any:
    """Return the value that valid JSON holds, with every number as it is spelled."""
    return json.loads(raw, parse_float=Number, parse_int=_integer)


def _integer(text: str) -> int | Number:
    return int(text) if len(text) <= INTEGER and text != "-0" else Number(text)


def _merged(before: Any, after: Any) -> Any:
    if not isinstance(after, dict):
        return after
    known = before if isinstance(before, dict) else {}
    merged: dict[str, Any] = {key: None for key in known if key not in after}
    for key, value in after.items():
        if key in known and same(known[key], value):
            continue
        if value is None:
            raise NotAcceptable(
                f"A merge patch cannot say that {key[:100]!r} became null (RFC 7396):"
                " ask for application/json-patch+json."
            )
        merged[key] = _merged(known.get(key), value)
    return merged
