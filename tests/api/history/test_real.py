"""The real history through both times, compared version by version, and restored."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import jsonpatch
import orjson
import pytest

from tests import real
from tests.api import asking
from tests.api.asking import User
from tests.api.history import making

TICK = timedelta(microseconds=1)
RESTORED = 40  # records: the largest, and others from all over the history


@pytest.fixture(scope="module")
def client(loaded: real.Loaded) -> Iterator[httpx.Client]:
    """Who loaded the history."""
    with asking.client(loaded.running, loaded.running.admin_token) as client:
        yield client


@pytest.fixture(scope="module")
def numbers(client: httpx.Client) -> dict[str, int]:
    """The number of the object of each recid."""
    return real.by_recid(client)


def committed() -> dict[str, list[str]]:
    """When each accepted line of each recid was committed."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in real.lines():
        if line.number not in real.REFUSED:
            found[line.recid].append(orjson.loads(line.raw)["committed"])
    return found


def location(client: httpx.Client, number: int, **instants: str) -> str:
    """Where a question about time leads."""
    answer = client.get(f"/objects/{number}", params=instants)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def test_valid_at_the_instant_of_a_line_is_the_last_accepted_line_of_that_instant(
    client: httpx.Client, numbers: dict[str, int]
) -> None:
    """For every line of the history."""
    for recid, instants in committed().items():
        number = numbers[recid]
        for instant in instants:
            last = max(at for at, each in enumerate(instants) if each == instant)
            found = location(client, number, valid_at=instant)
            assert found == f"/objects/{number}/versions/{last}"


def test_as_of_the_moment_before_each_step_of_the_load_is_the_state_before_it(
    client: httpx.Client, numbers: dict[str, int]
) -> None:
    """And as of the step itself, the state after it."""
    for number in numbers.values():
        for line in making.versions(client, number):
            at = datetime.fromisoformat(line["recorded_at"])
            version, before = line["version"], (at - TICK).isoformat()
            found = location(client, number, as_of=at.isoformat())
            assert found == f"/objects/{number}/versions/{version}"
            if version > 0:
                found = location(client, number, as_of=before)
                assert found == f"/objects/{number}/versions/{version - 1}"
            else:
                unborn = client.get(f"/objects/{number}", params={"as_of": before})
                assert "unborn" in making.problem(unborn, 404)


def test_the_same_question_asked_twice_gives_the_same_bytes(
    client: httpx.Client, loaded: real.Loaded, numbers: dict[str, int]
) -> None:
    """On other connections, so by any worker; headers too."""
    number = max(numbers.values(), key=lambda each: len(making.versions(client, each)))
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


def exact(raw: bytes) -> Any:
    """A document in which every number is a text that says how it is spelled."""
    return json.loads(raw, parse_float=" {}".format, parse_int=" {}".format)


def test_the_diff_of_consecutive_versions_gives_the_newer(
    client: httpx.Client, numbers: dict[str, int]
) -> None:
    """For every pair of the history, applied with the jsonpatch library; the largest has 703 kB."""
    compared = 0
    for recid, records in real.accepted().items():
        path = f"/objects/{numbers[recid]}/versions"
        documents = [
            exact(asking.data_of(client.get(f"{path}/{version}")))
            for version in range(len(records))
        ]
        for version, (before, after) in enumerate(pairwise(documents)):
            answer = client.get(f"{path}/{version}/diff/{version + 1}")
            assert answer.status_code == 200, answer.text
            assert jsonpatch.apply_patch(before, exact(answer.content)) == after
            compared += 1
    assert compared == 1913


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
