"""References to terms of vocabularies. Only their `id` is read; what they say is shown by reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from domain.schemas.rdm.reading import MISSING, Check, Reader, Reading, record
from domain.schemas.rdm.text import MOST_SHORT, text


def reference(vocabulary: str, *, shown: Collection[str] = ("title",)) -> Reader:
    """Read a reference, as {"id": …}. `shown`: what answers add to it."""
    read_object = record({"id": text(most=MOST_SHORT)}, required=("id",), shown=shown)

    def read(value: Any, reading: Reading) -> Any:
        kept = read_object(value, reading)
        if kept is not MISSING:
            reading.refer((vocabulary, kept["id"]), kept, value)
        return kept

    return read


def reference_or(
    vocabulary: str, fields: Mapping[str, Reader], *, shown: Collection[str] = (), check: Check
) -> Reader:
    """Read a reference, or without an id an object of these fields. The reference wins."""
    term = reference(vocabulary, shown={*fields, *shown})
    free = record(fields, shown={"id", *shown}, check=check)

    def read(value: Any, reading: Reading) -> Any:
        return (term if isinstance(value, dict) and value.get("id") else free)(value, reading)

    return read


def reference_or_text(vocabulary: str, name: str, *, shown: Collection[str] = ()) -> Reader:
    """Read a reference, or a text of one's own under `name`."""

    def check(kept: dict[str, Any], given: dict[str, Any], reading: Reading) -> dict[str, Any]:
        if not kept.get(name):
            if not given.get(name) or name in kept:
                reading.fault(f"An existing id or a free text {name} must be present.")
            return {}
        return kept

    return reference_or(vocabulary, {name: text()}, shown=shown, check=check)
