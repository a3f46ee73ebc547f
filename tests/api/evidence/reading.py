"""Reading a log's evidence over HTTP, as somebody who trusts nothing but the key."""

from __future__ import annotations

import time
from base64 import b64decode
from typing import Any

import httpx

from domain.evidence import checkpoints, leaf, notes
from domain.evidence.checkpoints import Checkpoint
from domain.evidence.tiles import WIDTH, Piece


def last(client: httpx.Client) -> Checkpoint:
    """Return the last checkpoint, checked by the key that is given away."""
    key = notes.public_key(client.get("/log/key").text)
    return checkpoints.check(client.get("/log/checkpoint").text, key)


def pieces(count: int) -> list[Piece]:
    """Return what so many hashes or leaves are in."""
    whole = [Piece(number) for number in range(count // WIDTH)]
    return [*whole, Piece(count // WIDTH, count % WIDTH)] if count % WIDTH else whole


def leaves(client: httpx.Client, size: int) -> list[bytes]:
    """Return the first leaves."""
    found: list[bytes] = []
    for each in pieces(size):
        answer = client.get(f"/log/tile/entries/{each.path}")
        assert answer.status_code == 200, answer.text
        found += leaf.unbundled(answer.content)
    return found


def sealed(client: httpx.Client, **query: Any) -> dict[str, Any]:
    """Return a proof of inclusion, as soon as there is one."""
    until = time.monotonic() + 10
    while (answer := client.get("/log/proof/inclusion", params=query)).status_code == 404:
        assert "not sealed yet" in answer.text or "Nothing is sealed" in answer.text
        assert time.monotonic() < until
        time.sleep(0.05)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def raw(texts: list[str]) -> list[bytes]:
    """Return hashes from base64."""
    return [b64decode(each) for each in texts]
