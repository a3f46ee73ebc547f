"""The real history through both times, compared version by version, and restored."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from email import message_from_string
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import httpx
import jsonpatch
import orjson
import pytest

from tests import real
from tests.api import asking
from tests.api.asking import API, User
from tests.api.history import making
from tests.api.matrix import wire
from tests.api.matrix.wire import Answer, Request

TICK = timedelta(microseconds=1)
# Every fourth record; in the long form, each.
EACH = pytest.mark.parametrize("each", [4, pytest.param(1, marks=pytest.mark.soak)])
Ask = Callable[[Iterable[str]], Iterator[Answer]]
RESTORED = 40  # records: the largest, and others from all over the history


@pytest.fixture(scope="module")
def client(loaded: real.Loaded) -> Iterator[httpx.Client]:
    """Who loaded the history."""
    with asking.client(loaded.running, loaded.running.admin_token) as client:
        yield client


@pytest.fixture(scope="module")
def ask(loaded: real.Loaded) -> Ask:
    """A way for them to ask for many paths, on kept connections."""
    shown = {"Authorization": f"Bearer {loaded.running.admin_token}"}

    def answers(paths: Iterable[str]) -> Iterator[Answer]:
        requests = (Request("GET", path, shown) for path in paths)
        return (answer for _, answer in wire.answers(loaded.running.url, requests))

    return answers


@pytest.fixture(scope="module")
def numbers(client: httpx.Client) -> dict[str, int]:
    """The number of the object of each recid."""
    return real.by_recid(client)


def leads(answer: Answer) -> str:
    """Where the answer to a question about time leads."""
    assert answer.status == 302, answer.body
    return message_from_string(answer.headers)["Location"]


def committed() -> dict[str, list[str]]:
    """When each accepted line of each recid was committed."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in real.lines():
        if line.number not in real.REFUSED:
            found[line.recid].append(orjson.loads(line.raw)["committed"])
    return found


def test_valid_at_the_instant_of_a_line_is_the_last_accepted_line_of_that_instant(
    ask: Ask, numbers: dict[str, int]
) -> None:
    """For every line of the history."""
    expected = [
        (f"/objects/{numbers[recid]}", {"valid_at": instant}, last)
        for recid, instants in committed().items()
        for instant in instants
        for last in [max(at for at, each in enumerate(instants) if each == instant)]
    ]
    found = ask(f"{path}?{urlencode(question)}" for path, question, _ in expected)
    for (path, _, last), answer in zip(expected, found, strict=True):
        assert leads(answer) == f"{path}/versions/{last}"


@EACH
def test_as_of_the_moment_before_each_step_of_the_load_is_the_state_before_it(
    ask: Ask, numbers: dict[str, int], each: int
) -> None:
    """And as of the step itself, the state after it."""
    paths = [f"/objects/{number}" for number in numbers.values()][::each]
    expected = []
    for path, answer in zip(
        paths, ask(f"{API}{path}/versions?limit=1000" for path in paths), strict=True
    ):
        assert answer.status == 200, answer.body
        for line in orjson.loads(answer.body):
            at, version = datetime.fromisoformat(line["recorded_at"]), line["version"]
            expected += [(path, at, version), (path, at - TICK, version - 1)]
    found = ask(f"{path}?{urlencode({'as_of': at.isoformat()})}" for path, at, _ in expected)
    for (path, _, version), answer in zip(expected, found, strict=True):
        if version < 0:
            assert (answer.status, "unborn" in answer.body) == (404, True)
        else:
            assert leads(answer) == f"{path}/versions/{version}"


def test_the_same_question_asked_twice_gives_the_same_bytes(
    client: httpx.Client, loaded: real.Loaded, numbers: dict[str, int]
) -> None:
    """On other connections, so by any worker; headers too."""
    number = numbers[max(real.accepted(), key=lambda recid: len(real.accepted()[recid]))]
    path = f"/objects/{number}"
    at = making.versions(client, number)[2]["recorded_at"]
    asked = (f"?as_of={at}", f"?valid_at={at}", "/versions", "/timemap", "/versions/0/diff/3")
    for rest in (*asked, "/versions/2"):
        said = set()
        for _ in range(8):
            with asking.client(loaded.running, loaded.running.admin_token) as fresh:
                answer = fresh.get(path + rest)
            headers = {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id")}
            said.add((answer.status_code, answer.content, tuple(sorted(headers.items()))))
        assert len(said) == 1


def exact(text: str) -> Any:
    """A document in which every number is a text that says how it is spelled."""
    return json.loads(text, parse_float=" {}".format, parse_int=" {}".format)


@EACH
def test_the_diff_of_consecutive_versions_gives_the_newer(
    ask: Ask, numbers: dict[str, int], each: int
) -> None:
    """For every pair of a record's history, applied with the jsonpatch library."""
    compared = 0
    lives = [
        (f"/objects/{numbers[recid]}/versions", len(life))
        for recid, life in [*real.accepted().items()][::each]
    ]
    documents = ask(f"{path}/{version}" for path, many in lives for version in range(many))
    patches = ask(
        f"{path}/{version}/diff/{version + 1}"
        for path, many in lives
        for version in range(many - 1)
    )
    for _, many in lives:
        for before, after in pairwise(exact(next(documents).body)["data"] for _ in range(many)):
            patch = next(patches)
            assert patch.status == 200, patch.body
            assert jsonpatch.apply_patch(before, exact(patch.body)) == after
            compared += 1
    assert compared == sum(many - 1 for _, many in lives) > 300


def test_restored_records_have_equal_bytes(admin: User, ada: User) -> None:
    """Some of each kind and size, after another version was published."""
    real.require()
    under = asking.action(admin.client)
    raws = [
        line.raw[line.raw.index(b'"record":') + 9 : -2]
        for line in real.lines()
        if line.number not in real.REFUSED
    ]
    sample = [max(raws, key=len), *raws[:: len(raws) // RESTORED]]
    for raw in sample:
        number = asking.new_object(ada.client, under, raw)
        asking.new_version(ada.client, number, '{"changed":true}')

        restored = ada.client.post(f"/objects/{number}/restore", json={"version": 0})

        assert restored.headers["Location"] == f"/objects/{number}/versions/2"
        assert asking.data_of(ada.client.get(restored.headers["Location"])) == raw
