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
    nobody: httpx.Client, admin: User, ada: User, action: int
) -> None:
    """By pymerkle, from the bundles; and by the tiles, whose hashes are those of the leaves."""
    sealed(ada.client, object=asking.new_object(ada.client, action), version=0)
    checkpoint = last(nobody)
    found = leaves(admin.client, checkpoint.size)
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
    assert by_index["path"] == found["path"]
    assert b64decode(by_index["hash"]) == merkle.leaf_hash(bytes_)


def test_what_an_event_is_about_is_told_to_who_may_see_it_alone(
    nobody: httpx.Client, admin: User, ada: User, action: int
) -> None:
    """Others get hashes, of which nothing follows; administrators, who follow the log, get all."""
    number = asking.new_object(ada.client, action)
    index = sealed(ada.client, object=number, version=0)["index"]

    refused = nobody.get("/log/proof/inclusion", params={"object": number, "version": 0})
    assert refused.status_code in (401, 403)
    for client in (nobody, ada.client):
        assert not {"header", "leaf"} & sealed(client, index=index).keys()
    told = sealed(admin.client, index=index)
    assert told["header"]["topic"] == "record.published"
    assert merkle.leaf_hash(b64decode(told["leaf"])) == b64decode(told["hash"])


def test_leaves_are_for_administrators(
    nobody: httpx.Client, admin: User, ada: User, action: int
) -> None:
    """They say who did something at which moment: of streams whose ids follow from names."""
    sealed(ada.client, object=asking.new_object(ada.client, action), version=0)
    answers = [
        client.get("/log/tile/entries/000.p/1") for client in (nobody, ada.client, admin.client)
    ]

    assert [each.status_code for each in answers] == [401, 403, 200]
    assert answers[2].headers["Cache-Control"] == "private, no-cache"
    assert leaf.decode(leaf.unbundled(answers[2].content)[0]).version == 1


def test_a_log_is_shown_to_go_on_from_any_earlier_size(nobody: httpx.Client, admin: User) -> None:
    """As pymerkle has it."""
    checkpoint = last(nobody)
    other = pymerkle.InmemoryTree(algorithm="sha256")
    other.append_entries(leaves(admin.client, checkpoint.size))

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


@pytest.mark.parametrize("path", ["x999/999", "999.p/1", "é", "000.p/0", "0"])
def test_a_bundle_that_is_not_there_is_said_to_be_none(admin: User, path: str) -> None:
    """As a tile."""
    answer = admin.client.get(f"/log/tile/entries/{path}")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


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
