"""Writes sent twice: with an Idempotency-Key each gives its first answer again."""

from __future__ import annotations

import httpx

from domain.access import Level
from domain.family import Family
from domain.identifiers import account_id, record_id
from domain.log import Session
from domain.record import Record
from tests.api import asking
from tests.api.asking import Join, User, fresh
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import RECORDS
from tests.running import Running


def _again(first: httpx.Response, second: httpx.Response) -> None:
    assert second.headers.get("Idempotent-Replayed") == "true"
    for name in ("Location", "ETag", "Content-Type"):
        assert first.headers.get(name) == second.headers.get(name), name
    assert (first.status_code, first.json()) == (second.status_code, second.json())


def test_a_draft_is_made_once_and_shown_as_it_was_then(ada: User) -> None:
    """Whatever became of it meanwhile."""
    key = {"Idempotency-Key": fresh("key")}
    first = ada.client.post(RECORDS, json=making.body(), headers=key)
    path = first.headers["Location"]
    ada.client.put(path, json=making.body(title="Changed"))

    _again(first, ada.client.post(RECORDS, json=making.body(), headers=key))
    making.publish(ada.client, first.json()["id"])
    again = ada.client.post(RECORDS, json=making.body(), headers=key)

    assert again.json()["metadata"] == first.json()["metadata"]
    assert again.json()["is_published"] is False


def test_a_publish_sent_twice_is_answered_twice(ada: User) -> None:
    """With the record as that publish made it."""
    key = {"Idempotency-Key": fresh("key")}
    path = f"{RECORDS}/{making.draft(ada.client)['id']}/draft"
    first = ada.client.post(f"{path}/actions/publish", headers=key)

    _again(first, ada.client.post(f"{path}/actions/publish", headers=key))
    ada.client.post(path)
    ada.client.put(path, json=making.body(title="Next"))
    ada.client.post(f"{path}/actions/publish")

    _again(first, ada.client.post(f"{path}/actions/publish", headers=key))


def test_an_edit_sent_twice_is_answered_twice(ada: User) -> None:
    """With the draft as it was opened."""
    key = {"Idempotency-Key": fresh("key")}
    path = f"{RECORDS}/{making.record(ada.client)['id']}/draft"
    first = ada.client.post(path, headers=key)
    ada.client.put(path, json=making.body(title="Next"))

    _again(first, ada.client.post(path, headers=key))


def test_a_key_is_good_for_one_request(join: Join) -> None:
    """422 for another body, and another account's key is another."""
    eve, mallory = join("eve"), join("mallory")
    key = {"Idempotency-Key": fresh("key")}
    first = eve.client.post(RECORDS, json=making.body(), headers=key)

    other = eve.client.post(RECORDS, json=making.body(title="Another"), headers=key)
    theirs = mallory.client.post(RECORDS, json=making.body(), headers=key)

    assert (other.status_code, theirs.status_code) == (422, 201)
    assert other.json()["status"] == 422
    assert theirs.json()["id"] != first.json()["id"]


def test_a_first_answer_is_closed_to_who_lost_the_permission(
    server: Running, ada: User, bob: User
) -> None:
    """403, whatever the key stands for; with the permission again it is the first answer."""
    pid = making.record(ada.client)["id"]
    _permit(server, ada, bob, pid, Level.EDIT)
    sent = [
        (f"{RECORDS}/{pid}/draft", None),
        (f"{RECORDS}/{pid}/versions", None),
        (f"{RECORDS}/{filing.begun(ada.client)}/draft/files", [{"key": "a"}]),
    ]
    _permit(server, ada, bob, sent[2][0].split("/")[3], Level.EDIT)
    keys = [{"Idempotency-Key": fresh("key")} for _ in sent]

    def all_sent() -> list[httpx.Response]:
        return [
            bob.client.post(path, json=body, headers=key)
            for (path, body), key in zip(sent, keys, strict=True)
        ]

    first = all_sent()
    for path, _ in sent[1:]:
        _permit(server, ada, bob, path.split("/")[3], Level.NONE)
    refused = all_sent()
    for path, _ in sent[1:]:
        _permit(server, ada, bob, path.split("/")[3], Level.EDIT)

    assert [each.is_success for each in first] == [True] * 3
    assert [each.status_code for each in refused] == [403] * 3
    assert all(each.json()["message"] == "Permission denied." for each in refused)
    assert [each.headers.get("Idempotent-Replayed") for each in all_sent()] == ["true"] * 3


def _permit(server: Running, manager: User, to: User, pid: str, level: Level) -> None:
    def command(session: Session) -> None:
        record = session.find(Record, id=record_id(pid))
        assert record is not None
        family = session.find(Family, id=record.family)
        assert family is not None
        event = family.grant(account_id(to.name), level)
        assert event is not None
        session.change(family, event)

    asking.decide(server, manager.name, command)
