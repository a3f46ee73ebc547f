"""What a JSON Patch may make of a deposit. Source: RFC 6902, the CAP specification, "Endpoints"."""

from __future__ import annotations

from typing import Any

from tests.api.asking import User
from tests.api.cap.making import DEPOSITS, deposit

MEBIBYTE = 1 << 20


def copies(number: int, source: str = "/a") -> list[dict[str, Any]]:
    """A patch that copies one member so many times."""
    return [{"op": "copy", "from": source, "path": f"/b{at}"} for at in range(number)]


def test_what_is_copied_is_weighed(ada: User) -> None:
    """A long text, or a long name, a few times and no more: 400, and nothing is changed."""
    made = deposit(ada.client, a="x" * MEBIBYTE, b={"y" * MEBIBYTE: 1})
    path = f"{DEPOSITS}/{made['id']}"

    for source in ("/a", "/b"):
        refused = ada.client.patch(path, json=copies(10, source))
        assert refused.status_code == 400, refused.text
        assert "copies too much" in refused.json()["message"]
    assert ada.client.get(path).json()["revision"] == made["revision"]
    assert ada.client.patch(path, json=copies(2)).status_code == 200


def test_a_patch_makes_nothing_larger_than_what_may_be_sent(ada: User) -> None:
    """413, and nothing is changed."""
    made = deposit(ada.client, a="x" * (3 * MEBIBYTE), b="y" * (3 * MEBIBYTE))
    path = f"{DEPOSITS}/{made['id']}"

    patch = [{"op": "add", "path": "/c", "value": "z" * (4 * MEBIBYTE)}]
    refused = ada.client.patch(path, json=patch)

    assert refused.status_code == 413, refused.text
    assert ada.client.get(path).json()["revision"] == made["revision"]
