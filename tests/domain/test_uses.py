"""Uses: what a document of SampleDB's language refers to that the one before did not."""

from __future__ import annotations

from typing import Any

import orjson

from domain.schemas.sampledb.uses import added


def of(number: int, kind: str = "sample", **more: Any) -> dict[str, Any]:
    """A reference."""
    return {"_type": kind, "object_id": number, **more}


def new(before: Any, after: Any) -> list[tuple[str, int]]:
    """What is new."""
    return added(None if before is None else orjson.dumps(before), orjson.dumps(after))


def test_references_are_found_wherever_they_stand() -> None:
    """In objects and in lists, of three types; nothing else is taken for one."""
    document = {
        "a": of(1),
        "b": [{"c": of(2, "measurement")}, of(3, "object_reference")],
        "d": {"_type": "text", "text": '"_type":"sample","object_id":9'},
        "e": {"_type": "user", "user_id": 4},
        "f": {"object_id": 5},
        "g": of(6, component_uuid="28b8d3ca-fb5f-59d9-8090-bfdbd6d07a71"),
        "h": {"_type": "sample", "object_id": None},
    }

    assert new(None, document) == [("sample", 1), ("measurement", 2), ("object_reference", 3)]


def test_what_was_referred_to_in_the_same_place_is_not_new() -> None:
    """A change of the object is, and so is the same object in another place."""
    before = {"a": of(1), "b": [of(2)], "c": of(3)}

    assert new(before, {"a": of(1), "b": [of(4), of(2)], "c": of(3, "object_reference")}) == [
        ("sample", 4),
        ("sample", 2),
    ]
    assert new(before, {"d": of(1)}) == [("sample", 1)]
    assert new(before, before) == []
