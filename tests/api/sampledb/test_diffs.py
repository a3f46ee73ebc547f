"""Differences between versions: shown with one, and sent instead of a document."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from domain.access import EVERYONE, Level
from domain.commands import objects
from domain.log import Session
from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running

TYPED = {
    "title": "Tin",
    "type": "object",
    "properties": {
        "name": {"title": "Name", "type": "text"},
        "mass": {"title": "Mass", "type": "quantity", "units": "g"},
        "rows": {
            "title": "Rows",
            "type": "array",
            "items": {"title": "Row", "type": "text"},
        },
    },
    "required": ["name"],
}


def send(asker: httpx.Client, number: int, diff: str | bytes, **members: Any) -> httpx.Response:
    """Post a difference, byte for byte."""
    raw = diff.encode() if isinstance(diff, str) else diff
    head = json.dumps(members).encode()[:-1] + (b"," if members else b"")
    path = f"{API}/objects/{number}/versions/"
    return asker.post(path, content=head + b'"data_diff":' + raw + b"}")


def shown(asker: httpx.Client, number: int, version: int) -> dict[str, Any]:
    """A version with its difference."""
    path = f"{API}/objects/{number}/versions/{version}"
    answer = asker.get(path, params={"include_diff": "true"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def current(asker: httpx.Client, number: int) -> bytes:
    """The bytes of the present document."""
    return asking.data_of(asker.get(f"{API}/objects/{number}", follow_redirects=True))


@pytest.fixture(scope="module")
def typed(admin: User) -> int:
    """An action with a schema of SampleDB's language."""
    return asking.action(admin.client, TYPED, schema_language="sampledb")


def text(words: str) -> dict[str, str]:
    """A value of the type text."""
    return {"_type": "text", "text": words}


def test_a_version_is_made_from_what_changes(ada: User, action: int) -> None:
    """Members are set, added and removed; 201 says where it is."""
    number = asking.new_object(ada.client, action, '{"a":1,"b":{"c":[1,2]},"gone":0}')
    diff = {
        "a": {"_before": 1, "_after": 2},
        "b": {"c": {"+0": {"_after": 3}}},
        "gone": {"_before": 0},
        "new": {"_after": None},
    }

    made = send(ada.client, number, json.dumps(diff))

    assert made.status_code == 201
    assert made.headers["Location"] == f"{API}/objects/{number}/versions/1"
    assert json.loads(current(ada.client, number)) == {"a": 2, "b": {"c": [1, 2, 3]}, "new": None}


def test_numbers_beside_a_change_keep_their_digits(ada: User, action: int) -> None:
    """Also the one that is sent."""
    number = asking.new_object(ada.client, action, '{"a":3.14159265358979323846264338,"b":1}')

    assert send(ada.client, number, '{"b":{"_before":1.0,"_after":1.10}}').status_code == 201

    assert current(ada.client, number) == b'{"a":3.14159265358979323846264338,"b":1.10}'


@pytest.mark.parametrize(
    ("diff", "named"),
    [
        ('{"a":{"_before":2,"_after":3}}', "(at a)"),
        ('{"a":{"_after":3}}', "(at a)"),
        ('{"b":{"_before":null,"_after":3}}', "(at b)"),
        ('{"rows":{"9":{"_after":3}}}', "(at rows)"),
        ('{"rows":[null,null,null]}', "(at rows -> 2)"),
        ('{"_before":{"a":1,"rows":[1,2]}}', "removed"),
        ("[]", "list"),
        ('"a"', "difference"),
        ("null", "data or data_diff must be set"),
    ],
)
def test_a_difference_that_does_not_fit_is_refused(
    ada: User, action: int, diff: str, named: str
) -> None:
    """400 that says where, and no version is made."""
    number = asking.new_object(ada.client, action, '{"a":1,"rows":[1,2]}')

    refused = send(ada.client, number, diff)

    assert refused.status_code == 400
    assert named in refused.json()["message"]
    assert ada.client.get(f"{API}/objects/{number}/versions/1").status_code == 404


def test_a_document_beside_a_difference_must_be_the_same(ada: User, action: int) -> None:
    """It is kept byte for byte; another one is refused, and so is neither."""
    number = asking.new_object(ada.client, action, '{"a":1}')
    diff = '{"b":{"_after":2}}'

    assert send(ada.client, number, diff, data={"a": 1, "b": 3}).status_code == 400
    assert send(ada.client, number, "null", data=None).status_code == 400
    path = f"{API}/objects/{number}/versions/"
    body = b'{"data":{"b": 2.0, "a":1},"data_diff":%b}' % diff.encode()
    assert ada.client.post(path, content=body).status_code == 201

    assert current(ada.client, number) == b'{"b": 2.0, "a":1}'


def test_what_a_difference_makes_is_held_to_the_schema(ada: User, typed: int) -> None:
    """And completed as a document is; a refusal names the place in the document."""
    data = {"name": text("tin"), "rows": [text("a")]}
    number = asking.new_object(ada.client, typed, json.dumps(data))
    mass = {"_type": "quantity", "magnitude": 2.5}

    assert send(ada.client, number, json.dumps({"mass": {"_after": mass}})).status_code == 201
    wrong = {"rows": {"0": {"_before": text("a"), "_after": {"_type": "text", "text": 1}}}}
    refused = send(ada.client, number, json.dumps(wrong))

    completed = mass | {
        "units": "g",
        "magnitude_in_base_units": 0.0025,
        "dimensionality": "[mass]",
    }
    assert json.loads(current(ada.client, number))["mass"] == completed
    assert refused.status_code == 400
    assert refused.json()["error_paths"] == [["rows", "0"]]


def test_what_was_may_be_said_as_it_was_sent(ada: User, typed: int) -> None:
    """Before it was completed; another magnitude is still refused."""
    mass = {"_type": "quantity", "magnitude": 2.5}
    data = json.dumps({"name": text("tin"), "mass": mass})
    number = asking.new_object(ada.client, typed, data)

    other = {"mass": {"_before": mass | {"magnitude": 2}, "_after": mass}}
    refused = send(ada.client, number, json.dumps(other))
    made = send(ada.client, number, json.dumps({"mass": {"_before": mass}}))

    assert refused.status_code == 400
    assert "(at mass)" in refused.json()["message"]
    assert made.status_code == 201
    assert json.loads(current(ada.client, number)) == {"name": text("tin")}


def test_an_expectation_goes_before_a_difference(ada: User, action: int) -> None:
    """A stale writer hears that, and not that the difference does not fit."""
    number = asking.new_object(ada.client, action, '{"a":1}')

    refused = send(ada.client, number, '{"a":{"_before":5,"_after":6}}', version_id=4)

    assert refused.status_code == 400
    assert "version" in refused.json()["message"]


def test_writers_who_append_at_once_all_find_their_rows(ada: User, action: int) -> None:
    """Each difference is applied to the version that it really follows."""
    number = asking.new_object(ada.client, action, '{"rows":[]}')

    def append(row: int) -> int:
        with httpx.Client(base_url=ada.client.base_url, headers=ada.client.headers) as client:
            return send(client, number, '{"rows":{"+0":{"_after":%d}}}' % row).status_code  # noqa: UP031

    with ThreadPoolExecutor(8) as writers:
        assert set(writers.map(append, range(24))) == {201}

    assert sorted(json.loads(current(ada.client, number))["rows"]) == list(range(24))


def test_writers_who_replace_a_value_at_once_do_so_once(ada: User, action: int) -> None:
    """What it was is said by each, and true for one of them."""
    number = asking.new_object(ada.client, action, '{"a":0}')

    def replace(to: int) -> int:
        with httpx.Client(base_url=ada.client.base_url, headers=ada.client.headers) as client:
            diff = '{"a":{"_before":0,"_after":%d}}' % to  # noqa: UP031
            return send(client, number, diff).status_code

    with ThreadPoolExecutor(8) as writers:
        answers = sorted(writers.map(replace, range(1, 9)))

    assert answers == [201] + [400] * 7


def test_a_large_document_is_changed_by_a_small_difference(ada: User, action: int) -> None:
    """Beside the other work of the service; it never becomes larger than a body may be."""
    filled = '{"a":1,"b":"%s"}' % ("x" * (6 << 20))
    number = asking.new_object(ada.client, action, filled)
    larger = '{"c":{"_after":"%s"}}' % ("y" * (6 << 20))

    made = send(ada.client, number, '{"a":{"_before":1,"_after":2}}')
    refused = send(ada.client, number, larger)

    assert made.status_code == 201
    assert current(ada.client, number) == filled.replace('"a":1', '"a":2').encode()
    assert refused.status_code == 413


def test_a_version_comes_with_its_difference(ada: User, action: int) -> None:
    """From version 1 on, when it is asked for; null where nothing differs."""
    number = asking.new_object(ada.client, action, '{"a":1.0,"b":[1]}')
    asking.new_version(ada.client, number, '{"a":1.00,"b":[1,2]}')
    asking.new_version(ada.client, number, '{"b":[1,2],"a":1.00}')
    path = f"{API}/objects/{number}/versions"

    assert "data_diff" not in shown(ada.client, number, 0)
    answer = ada.client.get(f"{path}/1", params={"include_diff": "true"})
    assert b'"data_diff":{"a":{"_before":1.0,"_after":1.00},"b":[null,{"_after":2}]}' in (
        answer.content
    )
    assert shown(ada.client, number, 2)["data_diff"] is None
    for other in ("false", ""):
        plain = ada.client.get(f"{path}/1", params={"include_diff": other})
        assert plain.content == ada.client.get(f"{path}/1").content
    both = ada.client.get(f"{path}/1", params={"include_diff": "true", "embed_user": "1"})
    assert {"data_diff", "user"} <= both.json().keys()


def test_a_difference_that_is_shown_is_taken(ada: User, typed: int) -> None:
    """Sent to an object like the first, it makes the second of it."""
    first = {"name": text("tin"), "rows": [text("a"), text("b")]}
    second = {
        "name": text("lead"),
        "rows": [text("b")],
        "mass": {"_type": "quantity", "magnitude": 1},
    }
    number = asking.new_object(ada.client, typed, json.dumps(first))
    asking.new_version(ada.client, number, json.dumps(second))
    other = asking.new_object(ada.client, typed, json.dumps(first))
    told = shown(ada.client, number, 1)

    assert send(ada.client, other, json.dumps(told["data_diff"])).status_code == 201

    assert json.loads(current(ada.client, other)) == told["data"]


@pytest.fixture
def half_open(server: Running, ada: User, action: int) -> int:
    """An object whose version 0 was closed and whose version 1 everybody sees."""
    number = asking.new_object(ada.client, action, '{"a":"secret"}')
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, '{"a":"open"}')
    return number


def test_a_difference_from_a_version_that_is_closed_is_not_shown(
    server: Running, ada: User, bob: User, half_open: int
) -> None:
    """Who was granted something sees both, and so the difference."""
    assert "data_diff" not in shown(bob.client, half_open, 1)
    assert shown(ada.client, half_open, 1)["data_diff"]["a"]["_before"] == "secret"

    def share(session: Session) -> None:
        objects.grant(session, objects.find(session, str(half_open)), EVERYONE, Level.VIEW)

    asking.decide(server, ada.name, share)
    assert "data_diff" in shown(bob.client, half_open, 1)


def test_versions_too_large_to_be_compared_are_refused_by_their_size(
    ada: User, action: int
) -> None:
    """Without the difference they are shown."""
    filled = '{"b":"%s"}' % ("x" * (5 << 20))
    number = asking.new_object(ada.client, action, filled)
    asking.new_version(ada.client, number, filled)
    path = f"{API}/objects/{number}/versions/1"

    assert ada.client.get(path, params={"include_diff": "true"}).status_code == 413
    assert ada.client.get(path).status_code == 200
