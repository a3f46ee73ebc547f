"""A JSON Patch as lines that a person reads: what went and what came, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from jsonpatch import JsonPatch
from jsonpointer import resolve_pointer

from domain.patches import Operation, read, written

LONGEST = 2000  # characters of a value that are shown; the state after has it whole


class Change(NamedTuple):
    """`-` what was at a path, `+` what is."""

    sign: Literal["-", "+"]
    path: str
    value: str  # JSON


def changes(document: bytes, patch: list[Operation]) -> Iterator[Change]:
    """Give the changes that a patch makes to a document, in its order."""
    held: Any = read(document)
    for each in patch:
        path = each["path"]
        match each["op"]:
            case "remove" | "replace":
                yield Change("-", path, shown(resolve_pointer(held, path)))
            case "move":
                yield Change("-", each["from"], shown(resolve_pointer(held, each["from"])))
        value = resolve_pointer(held, each["from"]) if each["op"] == "move" else each.get("value")
        if each["op"] != "remove":
            yield Change("+", path, shown(value))
        held = JsonPatch([each]).apply(held, in_place=True)


def shown(value: Any) -> str:
    """Return a value as JSON in one line, cut where it is very long."""
    text = written(value).decode()
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}… ({len(text):,} characters)"
