"""/log: tiles, checkpoints and proofs that another implementation comes to as well."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256

import httpx
import pymerkle
import pytest

from domain.evidence import leaf, merkle, proofs
from domain.evidence.tiles import count
from tests.api import asking
from tests.api.asking import User
from tests.api.evidence import reading
from tests.api.evidence.reading import last, leaves, pieces, raw, sealed


def test_the_leaves_of_a_log_give_the_root_that_was_signed(
    nobody: httpx.Client, ada: User, action: int
) -> None:
    """By pymerkle, from the bundles; and by the tiles, whose hashes are those of the leaves."""
    sealed(ada.client, object=asking.new_object(ada.client, action), version=0)
    checkpoint = last(nobody)
    found = leaves(nobody, checkpoint.size)
    other = pymerkle.InmemoryTree(algorithm="sha256")
    other.append_entries(found)

    assert other.get_root() == checkpoint.root
    for level in range(8):
        hashes = b""
        for each in pieces(count(checkpoint.size, level)):
            answer = nobody.get(f"/log/tile/{level}/{each.path}")
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            hashes += answer.content
        if level == 0:
            assert hashes == b"".join(merkle.leaf_hash(each) for each in found)
        assert len(hashes) == 32 * count(checkpoint.size, level)


def test_a_version_is_shown_to_be_in_the_log(ada: User, action: int) -> None:
    """Its event's header, the path, and the checkpoint in which both end."""
    found = sealed(ada.client, object=asking.new_object(ada.client, action), version=0)
    bytes_ = b64decode(found["leaf"])
    header = leaf.decode(bytes_)

    assert header.topic == found["header"]["topic"] == "record.published"
    assert header.stream.hex == found["header"]["stream"].replace("-", "")
    checkpoint = last(ada.client)
    assert checkpoint.size >= found["size"]
    assert proofs.includes(
        merkle.leaf_hash(bytes_),
        found["index"],
        found["size"],
        b64decode(found["root"]),
        raw(found["path"]),
    )
    by_index = sealed(ada.client, index=found["index"], size=found["size"])
    assert by_index["leaf"] == found["leaf"]
    assert by_index["path"] == found["path"]


def test_headers_of_other_peoples_objects_are_found_by_index_alone(
    nobody: httpx.Client, ada: User, action: int
) -> None:
    """Which leaf an object's version is, only who may see that is told."""
    number = asking.new_object(ada.client, action)
    index = sealed(ada.client, object=number, version=0)["index"]

    refused = nobody.get("/log/proof/inclusion", params={"object": number, "version": 0})
    assert refused.status_code in (401, 403)
    assert sealed(nobody, index=index)["header"]["topic"] == "record.published"


def test_a_log_is_shown_to_go_on_from_any_earlier_size(nobody: httpx.Client) -> None:
    """As pymerkle has it."""
    checkpoint = last(nobody)
    other = pymerkle.InmemoryTree(algorithm="sha256")
    other.append_entries(leaves(nobody, checkpoint.size))

    for old in {1, 2, checkpoint.size // 2, checkpoint.size - 1, checkpoint.size} - {0}:
        params = {"from": old, "to": checkpoint.size}
        path = nobody.get("/log/proof/consistency", params=params).json()["path"]
        roots = other.get_root(old), checkpoint.root
        assert proofs.extends(old, roots[0], checkpoint.size, roots[1], raw(path))


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/x000/000",
        "tile/8/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/0/x999/x999/999",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/entries/x999/999",
        "tile/entries/999.p/1",
        "tile/entries/é",
        "proof/inclusion?index=999999999",
        "proof/inclusion",
        "proof/inclusion?index=0&version=0&object=1",
        "proof/inclusion?index=0&size=999999999",
        "proof/inclusion?index=-1",
        "proof/inclusion?object=zzz&version=0",
        "proof/consistency",
        "proof/consistency?from=0",
        "proof/consistency?from=3&to=2",
        "proof/consistency?from=1&to=999999999",
        "nothing",
    ],
)
def test_what_is_not_there_is_said_as_a_problem(nobody: httpx.Client, path: str) -> None:
    """400 or 404, and nothing is kept of it."""
    answer = nobody.get(f"/log/{path}")

    assert answer.status_code in (400, 404), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_of_a_document_is_in_a_leaf(ada: User, action: int) -> None:
    """Its digest is salted: who guesses the document cannot find out so."""
    number = asking.new_object(ada.client, action)
    found = sealed(ada.client, object=number, version=0)
    version = ada.client.get(f"/api/v1/objects/{number}/versions/0").content

    digest = bytes.fromhex(found["header"]["digest"])
    assert digest != sha256(version).digest()
    assert len(b64decode(found["leaf"])) == 80 + len("record.published")


def test_a_checkpoint_is_asked_for_anew_each_time(nobody: httpx.Client) -> None:
    """It is text, and any page's scripts may read it."""
    answer = nobody.get("/log/checkpoint", headers={"Origin": "https://auditor.example"})

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert reading.last(nobody).origin.startswith("muniment/")
