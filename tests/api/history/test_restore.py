"""Restoring: an earlier version is published again as the next, byte for byte, and says so."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, Join, User
from tests.api.history import making
from tests.running import Running

FIRST = '{ "n" : 1.0,\t"b":[1E4] , "a": "\\u00e9" }'


@pytest.fixture
def three(ada: User, action: int) -> int:
    """An object of Ada's with three versions."""
    number = asking.new_object(ada.client, action, FIRST)
    asking.new_version(ada.client, number, '{"n":1}')
    asking.new_version(ada.client, number, '{"n":2}')
    return number


def restore(client: httpx.Client, path: str, version: object, **headers: str) -> httpx.Response:
    """Ask for a version again."""
    return client.post(f"{path}/restore", json={"version": version}, headers=headers)


def test_the_restored_version_has_the_bytes_of_the_earlier_one(
    server: Running, ada: User, three: int
) -> None:
    """It is the next version, found where the answer says, through each door and by each name."""
    ids = (three, asking.pid_of(server, three))
    paths = [f"{prefix}/objects/{id_}" for prefix in (API, "") for id_ in ids]
    for version, path in enumerate(paths, 3):
        answer = restore(ada.client, path, 0)

        assert answer.status_code == 201
        assert answer.json() == {"object_id": three, "version_id": version}
        location = answer.headers["Location"]
        assert location == f"{path.rpartition('/')[0]}/{three}/versions/{version}"
        shown = ada.client.get(location)
        assert asking.data_of(shown).decode() == FIRST
        assert shown.headers["ETag"] == answer.headers["ETag"]


def test_the_list_says_what_was_restored_from_where(ada: User, three: int) -> None:
    """A version that was published otherwise says nothing of it."""
    restore(ada.client, f"/objects/{three}", 1)
    asking.new_version(ada.client, three, "{}")

    lines = making.versions(ada.client, three)

    assert [each["restored_from"] for each in lines] == [None, None, None, 1, None]
    assert lines[3]["bytes"] == lines[1]["bytes"]
    assert lines[3]["valid_from"] == lines[3]["recorded_at"] > lines[2]["recorded_at"]


def test_the_event_says_what_was_restored(server: Running, ada: User, three: int) -> None:
    """And through which door."""
    restore(ada.client, f"/objects/{three}", 1)

    [(state,)] = asking.query(
        server,
        "SELECT convert_from(e.state, 'UTF8') FROM es.event e JOIN view.records r"
        " ON r.id = e.stream AND r.version = e.version WHERE r.number = %s",
        three,
    )
    said: dict[str, Any] = json.loads(state)
    assert said["event"]["restored_from"] == 1
    assert said["via"].startswith("muniment")


def test_a_version_is_restored_under_the_schema_that_it_satisfied(
    server: Running, admin: User
) -> None:
    """The action's present schema may refuse it, and is not asked."""
    under = asking.action(admin.client, {"title": "old"})
    number = asking.new_object(admin.client, under, '{"old":1}')
    making.revise(server, admin, under, b'{"required":["new"]}')
    changed = asking.post(
        admin.client, f"{API}/objects/{number}/versions/", '{"new":1}', schema={"required": ["new"]}
    )
    assert changed.status_code == 201

    restored = restore(admin.client, f"/objects/{number}", 0)

    assert restored.status_code == 201
    shown = admin.client.get(f"/objects/{number}/versions/2").json()
    assert (shown["data"], shown["schema"]) == ({"old": 1}, {"title": "old"})
    lines = making.versions(admin.client, number)
    assert [each["schema_version"] for each in lines] == [1, 2, 1]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("{}", "version must be"),
        ('{"version":null}', "version must be"),
        ('{"version":true}', "version must be"),
        ('{"version":"0"}', "version must be"),
        ('{"version":0.0}', "version must be"),
        ('{"version":0,"expected":2}', "expected"),
        ("[0]", "object"),
        ("0", "object"),
        ("", "empty"),
        ("{", "not valid"),
    ],
)
def test_a_body_that_names_no_version_is_refused(
    ada: User, three: int, body: str, named: str
) -> None:
    """400, and nothing is stored."""
    answer = ada.client.post(f"/objects/{three}/restore", content=body)

    assert named in making.problem(answer, 400)
    assert len(making.versions(ada.client, three)) == 3


@pytest.mark.parametrize("version", [-1, 3, 2**31, 2**63, 10**18])
def test_a_version_that_is_not_there_cannot_be_restored(
    ada: User, three: int, version: int
) -> None:
    """404, and nothing is stored."""
    said = making.problem(restore(ada.client, f"/objects/{three}", version), 404)

    assert str(version) in said
    assert len(making.versions(ada.client, three)) == 3


def test_only_who_may_change_the_object_restores(
    server: Running, ada: User, bob: User, nobody: httpx.Client, join: Join, three: int
) -> None:
    """To view it is not enough, nor is a token that only reads."""
    path = f"/objects/{three}"
    me = bob.client.get(f"{API}/users/me").json()["user_id"]
    reader = asking.token(server, ada.name, "read")
    with asking.client(server, reader) as reading:
        making.problem(restore(reading, path, 0), 403)
    making.problem(restore(nobody, path, 0), 401)
    making.problem(restore(bob.client, path, 0), 403)
    ada.client.put(f"{API}{path}/permissions/users/{me}", json="read")
    making.problem(restore(bob.client, path, 0), 403)
    making.problem(restore(bob.client, "/objects/999999999", 0), 404)
    assert len(making.versions(ada.client, three)) == 3

    ada.client.put(f"{API}{path}/permissions/users/{me}", json="write")
    assert restore(bob.client, path, 0).status_code == 201


def test_a_version_of_a_closed_object_is_not_restored(
    server: Running, ada: User, bob: User, action: int
) -> None:
    """Neither a restricted nor a public one, by who was granted nothing."""
    number = making.half_open(server, ada, action)
    for version in range(4):
        making.problem(restore(bob.client, f"/objects/{number}", version), 403)


def test_a_restore_sent_again_with_its_key_is_done_once(ada: User, three: int) -> None:
    """The first answer comes again; another body under the same key is refused."""
    path = f"/objects/{three}"
    headers = {"Idempotency-Key": asking.fresh("restore")}
    first = restore(ada.client, path, 0, **headers)
    again = restore(ada.client, path, 0, **headers)

    assert again.headers["Idempotent-Replayed"] == "true"
    for each in ("Location", "ETag"):
        assert again.headers[each] == first.headers[each]
    assert (again.status_code, again.json()) == (201, first.json())
    making.problem(restore(ada.client, path, 1, **headers), 422)
    assert len(making.versions(ada.client, three)) == 4
