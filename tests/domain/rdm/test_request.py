"""A draft's parts are read together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.schemas.rdm import request
from domain.values import Access, FileOptions
from tests.domain.rdm.records import SEED, BuiltIn

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def _read(body: dict[str, Any]) -> request.Asked:
    return request.read(body, BuiltIn(), NOW, ("a.txt",))


def _fields(asked: request.Asked) -> list[str]:
    return [".".join(map(str, fault.path)) for fault in asked.errors]


def test_the_seeds_request_asks_for_what_it_says() -> None:
    """Public, with files."""
    files = {"enabled": False, "default_preview": "a.txt"}
    asked = _read(
        {"access": {"record": "public", "files": "public"}, "files": files, "metadata": SEED}
    )

    assert asked.errors == ()
    assert asked.access == Access(record="public", files="public")
    assert asked.files == FileOptions(enabled=False, default_preview="a.txt")
    assert asked.metadata["title"] == "A Romans story"


def test_an_empty_body_asks_for_an_empty_draft() -> None:
    """Public, with files; what is needed to publish is named."""
    asked = _read({})

    assert (asked.metadata, asked.access) == ({}, Access(record="public", files="public"))
    assert asked.files == FileOptions()
    assert _fields(asked) == [
        "metadata.resource_type",
        "metadata.creators",
        "metadata.title",
        "metadata.publication_date",
    ]


def test_the_faults_of_all_parts_are_in_one_list() -> None:
    """What a request brings back that is no part of a draft is read past."""
    body = {
        "metadata": {**SEED, "title": "No"},
        "access": {"record": "public"},
        "files": {"default_preview": "b.txt"},
        "custom_fields": {"x": 1},
        "pids": {"doi": {}},
        "links": {},
        "colour": "red",
    }

    assert _fields(_read(body)) == [
        "metadata.title",
        "access.files",
        "files.default_preview",
        "custom_fields.x",
    ]


def test_parts_of_the_wrong_kind_are_named() -> None:
    """Nothing of them is kept, and access is not opened by them."""
    asked = _read({"metadata": [], "access": "public", "files": 1, "custom_fields": 1})

    assert _fields(asked) == ["metadata", "access", "files", "custom_fields"]
    assert asked.access == Access(record="restricted", files="restricted")
