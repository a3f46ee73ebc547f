"""What the CAP specification says of answers in so many words: members, statuses, headers."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.api.asking import Join, User
from tests.api.cap.making import (
    BASIC,
    DEPOSITS,
    change,
    deposit,
    new_type,
    published,
    put,
)

ACTIONS = ("publish", "edit", "discard", "clone", "permissions", "upload", "disconnect_webhook")
FILE = {
    *("key", "size", "checksum", "version_id", "bucket", "mimetype"),
    *("created", "updated", "links"),
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")


def test_a_deposit_shows_what_is_specified(ada: User) -> None:
    """Its links, its files, its people and its times; the revision is its ETag."""
    depid = deposit(ada.client, title="Tin")["id"]
    put(ada.client, ada.client.get(f"{DEPOSITS}/{depid}").json(), "a.txt", b"tin")

    answer = ada.client.get(f"{DEPOSITS}/{depid}")

    shown: dict[str, Any] = answer.json()
    here = str(ada.client.base_url.join(f"{DEPOSITS}/{depid}"))
    assert shown["links"].keys() == {"self", "files", "bucket", "html", *ACTIONS}
    assert shown["links"]["self"] == here
    assert shown["links"]["files"] == f"{here}/files"
    assert {each: shown["links"][each] for each in ACTIONS} == {
        each: f"{here}/actions/{each}" for each in ACTIONS
    }
    assert (shown["experiment"], shown["labels"]) == (None, [])
    [file] = shown["files"]
    assert file.keys() == FILE
    for times in (shown, file):
        assert TIME.fullmatch(times["created"])
        assert TIME.fullmatch(times["updated"])
    assert shown["created_by"].keys() == {"email", "profile"}
    for held in shown["access"].values():
        assert held.keys() == {"users", "roles"}
        assert [each.keys() for each in held["users"]] == [{"email", "profile"}]
    assert answer.headers["ETag"] == f'"{shown["revision"]}"'


def test_each_action_is_answered_with_its_status_and_where_the_deposit_is(
    ada: User, bob: User
) -> None:
    """201, for publishing 202; Location, the revision, and what became of the status."""
    depid = deposit(ada.client)["id"]
    asked: list[tuple[str, int, str, Any]] = [
        ("upload", 201, "draft", None),
        ("disconnect_webhook", 201, "draft", None),
        ("permissions", 201, "draft", [change(bob.name, "read")]),
        ("publish", 202, "published", None),
        ("edit", 201, "draft", None),
        ("discard", 201, "published", None),
    ]

    for action, status, became, body in asked:
        done = ada.client.post(f"{DEPOSITS}/{depid}/actions/{action}", json=body)
        shown = done.json()
        assert (done.status_code, shown["status"]) == (status, became)
        assert done.headers["Location"] == f"{DEPOSITS}/{depid}"
        assert done.headers["ETag"] == f'"{shown["revision"]}"'
        assert shown == ada.client.get(f"{DEPOSITS}/{depid}").json()


def test_what_is_published_has_its_public_id_in_each_shape(ada: User) -> None:
    """The deposit, and its record, which names the deposit as well."""
    made = published(ada.client, title="Tin")
    recid = made["recid"]

    for path, pid in ((f"{DEPOSITS}/{made['id']}", made["id"]), (f"/api/records/{recid}", recid)):
        basic = ada.client.get(path, headers=BASIC).json()
        assert basic.keys() == {"pid", "recid", "metadata", "created", "updated"}
        assert (basic["pid"], basic["recid"]) == (pid, recid)
        whole = ada.client.get(path).json()
        assert (whole["id"], whole["recid"]) == (pid, recid)
    assert whole["draft_id"] == made["id"]
    assert whole["links"]["bucket"] == made["links"]["bucket"]


def test_a_page_has_ten_deposits_unless_more_are_asked_for(join: Join) -> None:
    """The first, in an envelope of its own; after the last there is no other."""
    eve = join("eve")
    made = [deposit(eve.client)["id"] for _ in range(11)]

    def listed(query: str) -> tuple[list[str], dict[str, Any]]:
        answer: dict[str, Any] = eve.client.get(f"{DEPOSITS}{query}").json()
        assert answer["aggregations"] == {}
        assert answer["hits"].keys() == {"hits", "total"}
        assert answer["hits"]["total"] == 11
        return [each["id"] for each in answer["hits"]["hits"]], answer["links"]

    first, links = listed("")
    assert first == made[:0:-1]
    assert links.keys() == {"self", "next"}
    second, links = listed("?page=2")
    assert second == made[:1]
    assert links.keys() == {"self", "prev"}
    assert listed("?page=3")[0] == []
    assert listed("?size=11")[0] == made[::-1]


def test_administrators_list_deposits_of_all(admin: User, ada: User, join: Join) -> None:
    """Others, of the same type, those of their own."""
    kind, eve = new_type(admin.client), join("eve")
    made = [deposit(each.client, kind)["id"] for each in (eve, ada)]

    def ids(asker: User, **more: Any) -> list[str]:
        answer = asker.client.get(DEPOSITS, params={"type": kind, **more})
        return [each["id"] for each in answer.json()["hits"]["hits"]]

    assert ids(admin) == made[::-1]
    assert ids(admin, by_me=True) == []
    assert ids(eve) == made[:1]


@pytest.mark.parametrize("accept", ["text/html", "application/vnd.inveniordm.v1+json"])
def test_in_a_shape_that_there_is_not_nothing_is_done(join: Join, accept: str) -> None:
    """406 in this door's words, before anything is made, changed or published."""
    eve, headers = join("eve"), {"Accept": accept}
    made = deposit(eve.client)
    path = f"{DEPOSITS}/{made['id']}"

    refused: list[httpx.Response] = [
        eve.client.get(DEPOSITS, headers=headers),
        eve.client.post(DEPOSITS, json={"$ana_type": "generic"}, headers=headers),
        eve.client.put(path, json={"a": 1}, headers=headers),
        eve.client.patch(path, json=[], headers=headers),
        *(eve.client.post(f"{path}/actions/{each}", headers=headers) for each in ACTIONS),
    ]

    assert {each.status_code for each in refused} == {406}
    assert {each.json()["status"] for each in refused} == {406}
    assert eve.client.get(path).json() == made
    assert eve.client.get(DEPOSITS).json()["hits"]["total"] == 1


def test_a_body_of_publish_is_not_read(ada: User) -> None:
    """Whatever it is, and whatever it is called."""
    for body in (b"", b"{}", b"tin", b'{"a": '):
        depid = deposit(ada.client)["id"]
        headers = {"Content-Type": "application/json"}
        done = ada.client.post(f"{DEPOSITS}/{depid}/actions/publish", content=body, headers=headers)
        assert done.status_code == 202
