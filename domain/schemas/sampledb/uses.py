"""Which objects a document of SampleDB's language refers to, and where.

Read from the document alone: a value says by its `_type` that it is a reference. What refers to
another installation's objects is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from domain.errors import Path

TYPES = frozenset({"sample", "measurement", "object_reference"})

Use = tuple[str, int]  # the `_type` and the number of the object


def added(before: bytes | None, after: bytes) -> list[Use]:
    """Return what `after` refers to, in order, where `before` did not refer to the same object.

    Both are valid documents of SampleDB's language; without `before`, all are new.
    """
    known = {} if before is None else dict(_uses(orjson.loads(before), ()))
    return [
        use
        for path, use in _uses(orjson.loads(after), ())
        if path not in known or known[path][1] != use[1]
    ]


def _uses(value: Any, path: Path) -> Iterator[tuple[Path, Use]]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _uses(item, (*path, place))
    elif isinstance(value, dict):
        kind = value.get("_type")
        if kind is None:
            for name, member in value.items():
                yield from _uses(member, (*path, name))
        elif (
            kind in TYPES and type(value.get("object_id")) is int and "component_uuid" not in value
        ):
            yield path, (kind, value["object_id"])
