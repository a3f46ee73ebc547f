"""The doors side by side: made through each, and read, listed, changed and refused through each.

Source: DESIGN.md "Dialects side by side".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import making
from tests.api.inveniordm.making import RECORDS
from tests.running import Running

Make = Callable[..., str]


@pytest.fixture
def by_inveniordm() -> Make:
    """Makes a record through InvenioRDM's door, closed to others, and returns its public id."""

    def make(asker: User, title: str) -> str:
        body = making.body(access=making.CLOSED, title=title)
        return str(making.record(asker.client, body)["id"])

    return make


@pytest.fixture
def by_sampledb(server: Running, action: int) -> Make:
    """Makes an object through SampleDB's door and returns its public id."""

    def make(asker: User, title: str) -> str:
        data = f'{{"name":{{"_type":"text","text":"{title}"}}}}'
        return asking.pid_of(server, asking.new_object(asker.client, action, data))

    return make


@pytest.fixture(params=["by_inveniordm", "by_sampledb"])
def make(request: pytest.FixtureRequest) -> Make:
    """Each of the two ways."""
    made: Make = request.getfixturevalue(request.param)
    return made


def test_it_is_read_through_both(ada: User, make: Make) -> None:
    """Under one public id, with its title."""
    pid = make(ada, "Bronze")

    record = ada.client.get(f"{RECORDS}/{pid}")
    version = ada.client.get(f"/objects/{pid}/versions/0")

    assert record.json()["metadata"]["title"] == "Bronze"
    assert b"Bronze" in asking.data_of(version)


def test_it_is_listed_by_its_title(ada: User, make: Make) -> None:
    """In SampleDB's list, the whole and the names alone."""
    pid = make(ada, "Brass")
    number = ada.client.get(f"/objects/{pid}/versions/0").json()["object_id"]

    for query in ("?limit=1", "?limit=1&name_only=1"):
        [line] = ada.client.get(f"/objects/{query}").json()
        assert line["object_id"] == number
        assert line["data"]["name"]["text"] == "Brass"


@pytest.mark.parametrize("path", [f"{RECORDS}/{{}}", "/objects/{}", "/objects/{}/versions/0"])
def test_it_is_refused_through_both(
    bob: User, nobody: httpx.Client, ada: User, make: Make, path: str
) -> None:
    """To who was granted nothing and to who shows nothing, as each door words it."""
    asked = path.format(make(ada, "Secret"))

    for asker, objects in ((bob.client, 403), (nobody, 401)):
        answer = asker.get(asked)
        assert answer.status_code == (403 if path.startswith(RECORDS) else objects)
        assert "Secret" not in answer.text


def test_a_grant_of_one_door_opens_it_in_both(ada: User, bob: User, make: Make) -> None:
    """And to take it away closes it in both."""
    pid = make(ada, "Shared")
    me = bob.client.get("/api/v1/users/me").json()["user_id"]
    paths = [f"{RECORDS}/{pid}", f"/objects/{pid}/versions/0"]

    def statuses(level: str) -> list[int]:
        granted = ada.client.put(f"/objects/{pid}/permissions/users/{me}", json=level)
        assert granted.status_code == 200, granted.text
        return [bob.client.get(path).status_code for path in paths]

    assert statuses("read") == [200, 200]
    assert statuses("none") == [403, 403]


def test_a_record_is_changed_through_the_other_door(ada: User, by_inveniordm: Make) -> None:
    """By a document that satisfies the record model, and no other; its version is the next."""
    pid = by_inveniordm(ada, "First")
    data: dict[str, Any] = ada.client.get(f"/objects/{pid}/versions/0").json()["data"]
    data["metadata"]["title"] = "Second"

    wrong = ada.client.post(f"/objects/{pid}/versions/", json={"data": {"metadata": {}}})
    right = ada.client.post(f"/objects/{pid}/versions/", json={"data": data})

    assert wrong.status_code == 400
    assert ["metadata", "title"] in wrong.json()["error_paths"]
    assert right.status_code == 201
    assert ada.client.get(f"{RECORDS}/{pid}").json()["metadata"]["title"] == "Second"


def test_an_object_has_no_drafts_in_the_other_door(ada: User, by_sampledb: Make) -> None:
    """409: its action publishes at once."""
    pid = by_sampledb(ada, "At once")

    refused = ada.client.post(f"{RECORDS}/{pid}/draft")

    assert (refused.status_code, refused.json()["status"]) == (409, 409)
    assert ada.client.get(f"{RECORDS}/{pid}/draft").status_code == 404


def test_an_open_draft_holds_back_what_is_published_at_once(ada: User, by_inveniordm: Make) -> None:
    """A new version and a restore are conflicts that name the draft."""
    pid = by_inveniordm(ada, "Edited")
    data = ada.client.get(f"/objects/{pid}/versions/0").json()["data"]
    ada.client.post(f"{RECORDS}/{pid}/draft")

    for path, body in (("versions/", {"data": data}), ("restore", {"version": 0})):
        refused = ada.client.post(f"/objects/{pid}/{path}", json=body)
        assert refused.status_code == 409
        assert pid in refused.json()["message"]


def test_every_publish_is_a_version_with_a_history(ada: User, by_inveniordm: Make) -> None:
    """Listed, compared, found by its instant, told as events, and restored."""
    pid = by_inveniordm(ada, "Old")
    ada.client.post(f"{RECORDS}/{pid}/draft")
    ada.client.put(f"{RECORDS}/{pid}/draft", json=making.body(access=making.CLOSED, title="New"))
    making.publish(ada.client, pid)

    versions = ada.client.get(f"/objects/{pid}/versions").json()
    diff = ada.client.get(f"/objects/{pid}/versions/0/diff/1").json()
    first = ada.client.get(f"/objects/{pid}", params={"as_of": versions[0]["recorded_at"]})
    told = [each["type"] for each in ada.client.get(f"/objects/{pid}/events").json()]
    restored = ada.client.post(f"/objects/{pid}/restore", json={"version": 0})

    assert [each["version"] for each in versions] == [0, 1]
    assert diff == [{"op": "replace", "path": "/metadata/title", "value": "New"}]
    assert first.headers["Location"].endswith("/versions/0")
    assert told.count("record.published") == 2
    assert "record.draft-reopened" in told
    assert restored.status_code == 201
    assert ada.client.get(f"{RECORDS}/{pid}").json()["metadata"]["title"] == "Old"


def test_a_draft_is_nothing_in_the_other_door(ada: User, bob: User) -> None:
    """Not before it is published: 404 to its owner as to strangers."""
    pid = making.draft(ada.client)["id"]

    for asker in (ada, bob):
        for path in ("", "/versions/0", "/versions", "/events", "/timemap", "/permissions/users/"):
            assert asker.client.get(f"/objects/{pid}{path}").status_code == 404, path
