"""What is done with deposits: published, edited, discarded, cloned. Source: the specification."""

from __future__ import annotations

import pytest

from tests.api.asking import Join, User
from tests.api.cap.making import (
    BASIC,
    DEPOSITS,
    YEARS,
    act,
    deposit,
    new_type,
    published,
    put,
    share,
)

RECORDS = "/api/records"


def test_a_deposit_is_published_with_an_empty_body_that_is_called_json(ada: User) -> None:
    """202 with the record's id, which no deposit could have; the rights are the record's now."""
    made = deposit(ada.client, title="Tin")
    headers = {"Content-Type": "application/json"} | BASIC

    done = ada.client.post(f"{DEPOSITS}/{made['id']}/actions/publish", headers=headers)

    recid = done.json()["recid"]
    record = ada.client.get(f"{RECORDS}/{recid}").json()
    assert done.status_code == 202
    assert len(recid) != len(made["id"])
    assert (record["id"], record["draft_id"], record["type"]) == (recid, made["id"], "record")
    assert record["metadata"] == {"title": "Tin"}
    assert set(record["access"]) == {"record-read", "record-update", "record-admin"}
    assert set(record["links"]) == {"self", "files", "html", "bucket"}
    deposit_now = ada.client.get(f"{DEPOSITS}/{made['id']}").json()
    assert (deposit_now["status"], deposit_now["recid"]) == ("published", recid)


def test_what_is_published_changes_in_no_way(ada: User) -> None:
    """403 for publish, PUT, PATCH, DELETE, files; discard and edit of what is not so either."""
    done = published(ada.client)
    path = f"{DEPOSITS}/{done['id']}"
    patch = [{"op": "add", "path": "/a", "value": 1}]

    refused = [
        ada.client.post(f"{path}/actions/publish"),
        ada.client.put(path, json={"a": 1}),
        ada.client.patch(path, json=patch),
        ada.client.delete(path),
        ada.client.post(f"{path}/actions/discard"),
        ada.client.put(f"{done['links']['bucket']}/a", content=b"tin"),
        ada.client.delete(f"{done['links']['bucket']}/a"),
        ada.client.post(f"{DEPOSITS}/{deposit(ada.client)['id']}/actions/edit"),
        ada.client.post(f"{DEPOSITS}/{deposit(ada.client)['id']}/actions/discard"),
    ]

    for each in refused:
        assert each.status_code == 403, each.text
        assert "Invalid action" in each.json()["message"]


def test_publishing_asks_the_schema_of_records(admin: User, ada: User) -> None:
    """422 for what it requires, by field; the deposit stays as it is."""
    kind = new_type(admin.client, record_schema={**YEARS, "required": ["title"]})
    made = deposit(ada.client, kind)

    refused = ada.client.post(f"{DEPOSITS}/{made['id']}/actions/publish")
    ada.client.put(f"{DEPOSITS}/{made['id']}", json={"title": "Tin"})

    assert refused.status_code == 422
    assert "title" in refused.json()["errors"][0]["message"]
    assert act(ada.client, made["id"], "publish")["recid"]


def test_edited_and_published_again_it_is_the_next_version_of_the_same_record(ada: User) -> None:
    """Which keeps its id, and its versions; files may change meanwhile."""
    made = deposit(ada.client, title="Tin")
    put(ada.client, made, "a", b"one")
    put(ada.client, made, "b", b"two")
    first = act(ada.client, made["id"], "publish")

    edited = act(ada.client, made["id"], "edit")
    ada.client.put(f"{DEPOSITS}/{made['id']}", json={"title": "Lead"})
    put(ada.client, made, "a", b"three")
    ada.client.delete(f"{made['links']['bucket']}/b")
    meanwhile = ada.client.get(f"{RECORDS}/{first['recid']}").json()
    second = act(ada.client, made["id"], "publish")

    assert (edited["status"], edited["metadata"]) == ("draft", {"title": "Tin"})
    assert len(edited["files"]) == 2
    assert meanwhile["metadata"] == {"title": "Tin"}
    assert len(meanwhile["files"]) == 2
    assert second["recid"] == first["recid"]
    assert second["metadata"] == {"title": "Lead"}
    assert [each["size"] for each in second["files"]] == [5]
    for name in (first["recid"], made["id"]):
        versions = ada.client.get(f"/objects/{name}/versions").json()
        assert [each["version"] for each in versions] == [0, 1]
        for number, title in enumerate(("Tin", "Lead")):
            version = ada.client.get(f"/objects/{name}/versions/{number}").json()
            assert version["data"] == {"title": title}


def test_what_is_discarded_is_as_it_was_published(ada: User) -> None:
    """Its metadata, and its files."""
    made = deposit(ada.client, title="Tin")
    put(ada.client, made, "a", b"one")
    act(ada.client, made["id"], "publish")
    act(ada.client, made["id"], "edit")
    ada.client.put(f"{DEPOSITS}/{made['id']}", json={"title": "Lead"})
    put(ada.client, made, "a", b"three")
    ada.client.delete(f"{DEPOSITS}/{made['id']}")  # not what was published once

    done = act(ada.client, made["id"], "discard")

    assert (done["status"], done["metadata"]) == ("published", {"title": "Tin"})
    assert [each["size"] for each in done["files"]] == [3]


@pytest.mark.parametrize("is_published", [False, True])
def test_a_clone_is_a_deposit_of_its_own(ada: User, bob: User, is_published: bool) -> None:
    """Its own id, links and Location; the same metadata and files, owned by who cloned."""
    made = deposit(ada.client, title="Tin")
    put(ada.client, made, "a/b", b"one")
    share(ada.client, made["id"], bob.name, "read")
    if is_published:
        act(ada.client, made["id"], "publish")

    done = bob.client.post(f"{DEPOSITS}/{made['id']}/actions/clone")

    clone = done.json()
    assert done.status_code == 201
    assert clone["id"] != made["id"]
    assert done.headers["Location"] == f"{DEPOSITS}/{clone['id']}"
    assert clone["links"]["self"].endswith(clone["id"])
    assert (clone["status"], clone["metadata"]) == ("draft", {"title": "Tin"})
    assert clone["is_owner"]
    assert bob.client.get(f"{clone['links']['bucket']}/a/b").content == b"one"
    put(bob.client, clone, "a/b", b"two")
    assert ada.client.get(f"{made['links']['bucket']}/a/b").content == b"one"
    assert ada.client.get(f"{DEPOSITS}/{clone['id']}").status_code == 403
    assert act(bob.client, clone["id"], "publish")["recid"]


def test_nothing_is_fetched_from_elsewhere(ada: User) -> None:
    """400 for a URL, 404 for a webhook; asked for nothing, the deposit is answered as it is."""
    path = f"{DEPOSITS}/{deposit(ada.client)['id']}/actions"

    for action, body, status in (
        ("upload", {"url": "https://tin.example"}, 400),
        ("disconnect_webhook", {"webhook_id": 1}, 404),
    ):
        assert ada.client.post(f"{path}/{action}", json=body).status_code == status
        assert ada.client.post(f"{path}/{action}").status_code == 201


def test_an_action_is_for_tokens_with_its_scope(join: Join) -> None:
    """And what changes a deposit otherwise for those with the other; to read needs neither."""
    writer = join("writer", "write")
    depid = deposit(writer.client)["id"]
    path = f"{DEPOSITS}/{depid}"

    for action in ("publish", "clone", "permissions", "edit", "discard", "upload"):
        assert writer.client.post(f"{path}/actions/{action}").status_code == 403
    assert writer.client.put(path, json={}).status_code == 200
    assert writer.client.get(path).status_code == 200


def test_a_token_without_the_scope_write_only_reads_and_acts(ada: User, join: Join) -> None:
    """403 for what begins, changes or deletes; a publish passes."""
    actor = join("actor", "actions")
    made = deposit(ada.client)
    share(ada.client, made["id"], actor.name, "admin")
    path = f"{DEPOSITS}/{made['id']}"

    refused = [
        actor.client.post(DEPOSITS, json={"$ana_type": "generic"}),
        actor.client.put(path, json={}),
        actor.client.patch(path, json=[]),
        actor.client.delete(path),
        actor.client.put(f"{made['links']['bucket']}/a", content=b"tin"),
    ]

    assert [each.status_code for each in refused] == [403] * 5
    assert actor.client.post(f"{path}/actions/publish").status_code == 202
    assert actor.client.post(f"{path}/actions/edit").status_code == 201
    assert actor.client.post(f"{path}/actions/discard").status_code == 201
    assert actor.client.post(f"{path}/actions/clone").status_code == 201
