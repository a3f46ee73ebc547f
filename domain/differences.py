"""What makes one document of another, as bytes. Source: RFC 6902; RFC 7396 (Merge Patch)."""

from __future__ import annotations

from typing import Any

from domain.errors import NotAcceptable
from domain.patches import patch, read, same, written


def json_patch(before: bytes, after: bytes) -> bytes:
    """Return the operations that make `after` of `before`, both valid JSON."""
    return written(patch(before, after))


def merge_patch(before: bytes, after: bytes) -> bytes:
    """Return what is to be merged into `before` to make `after`, both valid JSON.

    Raises NotAcceptable where a member would have to become null: merged, that removes it.
    """
    return written(_merged(read(before), read(after)))


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
