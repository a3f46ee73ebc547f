"""The bytes of a document with what it lacks put in, and every other byte as it came.

A document is stored as exact bytes. Members are added before the brace that closes their object,
in the form `,"key":value`; a value that takes another's place stands where that stood. White space,
the order of keys, how numbers are written: all that was sent stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from domain.errors import Path
from domain.schemas.sampledb.reading import Added, Edit, Json, Replaced

_spelled = msgspec.json.encode  # orjson takes 4 kB for every small value that is kept
_BEFORE_MEMBER = re.compile(rb'\s*[,{]\s*"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*:\s*')
_BEFORE_ITEM = re.compile(rb"\s*[,\[]\s*")


def completed(raw: bytes, edits: Mapping[Path, Edit]) -> bytes:
    """Return valid JSON with edits made, by their places in it; two never touch the same value."""
    tree: Any = {}
    for path, edit in edits.items():
        _grow(tree, path, edit)
    return b"".join(_spliced(raw, tree))


def _grow(tree: Any, path: Path, edit: Edit) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
    if isinstance(edit, Replaced):
        tree[path[-1]] = edit
    else:
        tree.setdefault(path[-1], {})[Added] = edit


def _spliced(raw: bytes, tree: Any) -> list[bytes]:
    added = tree.pop(Added, None)
    parts: list[bytes] = []
    last = at = 0
    if tree:
        for key, size, before in _members(raw):
            match = before.match(raw, at)
            assert match is not None  # noqa: S101 - the JSON is valid
            start = match.end()
            at = start + size
            edit = tree.get(key)
            if edit is None:
                continue
            parts.append(raw[last:start])
            if isinstance(edit, Replaced):
                parts.append(_spelled(edit.value))
            else:
                parts += _spliced(raw[start:at], edit)
            last = at
    if added is not None:
        end = raw.rindex(b"}")
        while raw[end - 1 : end].isspace():
            end -= 1
        parts += (raw[last:end], _written(added.members))
        last = end
    parts.append(raw[last:])
    return parts


def _members(raw: bytes) -> Any:
    """Give the key of each value directly in an object or array, its size, what stands before."""
    if raw.lstrip()[:1] == b"{":
        for key, value in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items():
            yield key, len(value), _BEFORE_MEMBER
    else:
        for place, value in enumerate(msgspec.json.decode(raw, type=list[msgspec.Raw])):
            yield place, len(value), _BEFORE_ITEM


def _written(members: Json) -> bytes:
    return b"".join(b"," + _spelled(key) + b":" + _spelled(value) for key, value in members.items())
