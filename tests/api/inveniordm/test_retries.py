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


def test_what_had_no_effect_is_answered_twice_too(ada: User) -> None:
    """Else the second would begin an edit or a version that nobody asked for."""
    edit = f"{RECORDS}/{making.record(ada.client)['id']}/draft"
    ada.client.post(edit)
    following = f"{RECORDS}/{making.record(ada.client)['id']}/versions"
    begun = ada.client.post(following).json()["id"]
    keys = [{"Idempotency-Key": fresh("key")} for _ in range(2)]

    first = [
        ada.client.post(each, headers=key)
        for each, key in zip((edit, following), keys, strict=True)
    ]
    ada.client.put(edit, json=making.body(title="Next"))
    ada.client.post(f"{edit}/actions/publish")
    ada.client.put(f"{RECORDS}/{begun}/draft", json=making.body())
    making.publish(ada.client, begun)

    for path, key, said in zip((edit, following), keys, first, strict=True):
        again = ada.client.post(path, headers=key)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.headers["ETag"] == said.headers["ETag"]
        assert again.json()["metadata"] == said.json()["metadata"]
        assert ada.client.get(again.headers["Location"]).status_code == 404


def test_a_commit_sent_twice_is_answered_with_its_file(ada: User) -> None:
    """Also when it was complete already, when others have come since, and when it was imported."""
    pid = filing.begun(ada.client)
    filing.add(ada.client, pid, "a/b c", b"tin")
    filing.add(ada.client, pid, "b", b"lead")
    making.publish(ada.client, pid)
    following = ada.client.post(f"{RECORDS}/{pid}/versions").json()["id"]
    ada.client.post(f"{RECORDS}/{following}/draft/actions/files-import")
    other = filing.begun(ada.client)
    filing.add(ada.client, other, "a/b c", b"tin")
    filing.add(ada.client, other, "b", b"lead")

    for draft in (following, other):
        key = {"Idempotency-Key": fresh("key")}
        path = f"{filing.file(draft, 'a/b c')}/commit"
        first = ada.client.post(path, headers=key)
        filing.add(ada.client, draft, "c")

        assert first.json()["key"] == "a/b c"
        _again(first, ada.client.post(path, headers=key))


def test_a_list_is_given_again_as_it_was(ada: User) -> None:
    """Whatever was received, committed, removed and started since; so what was imported."""
    pid = filing.filed(ada.client, "a", "b", "c")
    following = ada.client.post(f"{RECORDS}/{pid}/versions").json()["id"]
    keys = [{"Idempotency-Key": fresh("key")} for _ in range(2)]
    started = [{"key": "d"}, {"key": "0"}]
    imports = f"{RECORDS}/{following}/draft/actions/files-import"
    first = ada.client.post(imports, headers=keys[0])
    ada.client.delete(filing.file(following, "b"))
    second = ada.client.post(filing.files(following), json=started, headers=keys[1])
    ada.client.delete(filing.file(following, "a"))
    filing.add(ada.client, following, "a", b"another")
    ada.client.put(filing.content(following, "d"), content=b"tin")
    filing.commit(ada.client, following, "d")
    sent = filing.with_files(order=["d"], default_preview="d")
    ada.client.put(f"{RECORDS}/{following}/draft", json=sent)

    assert [each["key"] for each in second.json()["entries"]] == ["0", "a", "c", "d"]
    _again(first, ada.client.post(imports, headers=keys[0]))
    _again(second, ada.client.post(filing.files(following), json=started, headers=keys[1]))
    ada.client.delete(filing.file(following, "0"))
    making.publish(ada.client, following)
    _again(second, ada.client.post(filing.files(following), json=started, headers=keys[1]))


def test_an_upload_is_made_once_for_its_key(ada: User, bob: User) -> None:
    """With where it is, also when the file is complete; not for who may not edit the draft."""
    pid = filing.begun(ada.client, "a")
    key = {"Idempotency-Key": fresh("key"), "Tus-Resumable": "1.0.0"}
    path = filing.content(pid, "a")
    first = ada.client.post(path, headers=key | {"Upload-Length": "3"})
    other = ada.client.post(path, headers=key | {"Upload-Length": "4"})
    sent = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    posted = key | sent | {"X-HTTP-Method-Override": "PATCH", "Idempotency-Key": fresh("key")}
    where = first.headers["Location"]
    pieces = [ada.client.post(where, headers=posted, content=b"tin") for _ in range(2)]
    filing.commit(ada.client, pid, "a")
    again = ada.client.post(path, headers=key | {"Upload-Length": "3"})
    late = ada.client.post(where, headers=posted, content=b"tin")
    theirs = bob.client.post(path, headers=key | {"Upload-Length": "3"})

    assert (first.status_code, other.status_code, theirs.status_code) == (201, 422, 403)
    assert (again.status_code, again.headers["Location"]) == (201, where)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [each.status_code for each in [*pieces, late]] == [204] * 3
    assert [each.headers["Upload-Offset"] for each in [*pieces, late]] == ["3"] * 3
    assert "Idempotent-Replayed" not in pieces[0].headers


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
