"""Drafts in an object's events: told to who may preview, and to nobody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.asking import API, Join, User
from tests.api.inveniordm import making

DRAFTS = {
    "record.draft-saved",
    "record.draft-files-started",
    "record.draft-file-removed",
    "record.draft-reopened",
    "record.draft-discarded",
    "family.version-opened",
}
BESIDE = {"record.created", "record.published", "family.created"}


@pytest.fixture(scope="module")
def worked_on(ada: User) -> str:
    """A public record of Ada's with everything that happens to a draft, by its id."""
    sent: dict[str, Any] = making.body() | {"files": {"enabled": True}}
    draft = making.draft(ada.client, sent)
    pid: str = draft["id"]
    files = f"{making.RECORDS}/{pid}/draft/files"
    assert ada.client.post(files, json=[{"key": "a"}]).status_code == 201
    assert ada.client.delete(f"{files}/a").status_code == 204
    assert ada.client.put(f"{making.RECORDS}/{pid}/draft", json=making.body()).status_code == 200
    making.publish(ada.client, pid)
    assert ada.client.post(f"{making.RECORDS}/{pid}/draft").status_code in (200, 201)
    assert ada.client.delete(f"{making.RECORDS}/{pid}/draft").status_code == 204
    assert ada.client.post(f"{making.RECORDS}/{pid}/versions").status_code in (200, 201)
    return pid


def types(asker: httpx.Client, pid: str) -> set[str]:
    """What is told of an object, page by page."""
    found: set[str] = set()
    answer = asker.get(f"{API}/objects/{pid}/events", params={"limit": 2})
    while True:
        assert answer.status_code == 200, answer.text
        found |= {each["type"] for each in answer.json()}
        if "next" not in answer.links:
            return found
        answer = asker.get(answer.links["next"]["url"])


def test_who_may_preview_is_told_of_drafts(ada: User, worked_on: str) -> None:
    """The owner sees all that happened."""
    assert types(ada.client, worked_on) >= DRAFTS | BESIDE


def test_who_may_only_view_is_told_what_was_published(ada: User, bob: User, worked_on: str) -> None:
    """A grant to view shows the record and its family, and not who works on what is to come."""
    user = bob.client.get(f"{API}/users/me").json()["user_id"]
    path = f"{API}/objects/{worked_on}/permissions/users/{user}"
    assert ada.client.put(path, json="read").status_code == 200

    told = types(bob.client, worked_on)

    assert told >= {"record.created", "record.published"}
    assert told.isdisjoint(DRAFTS)
    ada.client.put(path, json="none")


def test_the_public_is_told_of_versions_alone(join: Join, worked_on: str) -> None:
    """Neither of drafts nor of who works with whom."""
    stranger = join("stranger")

    assert types(stranger.client, worked_on) == {"record.published"}


def test_a_record_that_is_only_a_draft_has_no_history(ada: User, bob: User) -> None:
    """Not for its owner either: nothing of it is an object yet."""
    pid = making.draft(ada.client)["id"]

    for asker in (ada.client, bob.client):
        for path in ("", "/versions", "/events", "/timemap", "/versions/0"):
            assert asker.get(f"{API}/objects/{pid}{path}").status_code == 404
