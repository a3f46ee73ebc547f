"""Erasure over HTTP: it is gone in every door, 410 to who might have seen it, and said why."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from time import monotonic, sleep, time
from typing import Any

import httpx
import pytest

from domain.commands import accounts
from domain.storage.local import LocalBlobs
from domain.storage.space import Space
from tests.api import asking
from tests.api.asking import API, User, fresh
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import RECORDS
from tests.running import Running

WHY = "Article 17 GDPR"


def erase(admin: User, object_id: object, **wanted: Any) -> dict[str, Any]:
    """Erase and return the answer."""
    done = admin.client.post(f"/objects/{object_id}/erasures", json={"reason": WHY} | wanted)
    assert done.status_code == 201, done.text
    answer: dict[str, Any] = done.json()
    return answer


def eventually_gone(server: Running, data: bytes) -> bool:
    """Whether bytes leave the store, as the follower comes by; they did not come just now."""
    blobs = LocalBlobs(server.data / "blobs", Space(server.data, 0))
    path = blobs.path(sha256(data).hexdigest())
    with suppress(FileNotFoundError):
        os.utime(path, (0, time() - 120))
    end = monotonic() + 30
    while blobs.find(sha256(data).hexdigest()) is not None:
        if monotonic() > end:
            return False
        sleep(0.05)
    return True


def in_log(server: Running, marker: str) -> int:
    """How many events hold a text."""
    statement = "SELECT count(*) FROM es.event WHERE position(%s::bytea IN state) > 0"
    return int(asking.query(server, statement, marker.encode())[0][0])


def audited(server: Running) -> None:
    """Log, views and seals agree."""
    done = server.cli("audit")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_erased_version_is_gone_and_the_others_stay(
    server: Running, admin: User, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """410 with when and why to who might have seen it, 404 or 403 as before to others."""
    marker = fresh("secret")
    number = asking.new_object(ada.client, action, f'{{"a":"{marker}"}}')
    asking.new_version(ada.client, number, '{"a":"plain"}')
    path = f"/objects/{number}/versions"
    tag = ada.client.get(f"{path}/0").headers["ETag"]
    before = {who: who.get(f"{path}/0").status_code for who in (bob.client, nobody)}

    answer = erase(admin, number, versions=[0, 0])

    assert "scrub" in answer["remains"]
    (told,) = ada.client.get(answer["href"]).json()
    for prefix in ("", API):
        gone = ada.client.get(f"{prefix}{path}/0", headers={"If-None-Match": tag})
        assert gone.status_code == 410
        assert WHY in gone.json()["message"]
        assert told["erased_at"] in gone.json()["message"]
    for who, status in before.items():
        assert who.get(f"{path}/0").status_code in {404, status} - {200}
        assert WHY not in who.get(f"{path}/0").text
    assert ada.client.get(f"{path}/0/diff/1").status_code == 410
    again = ada.client.post(f"/objects/{number}/restore", json={"version": 0})
    assert again.status_code == 410
    assert WHY in again.json()["message"]
    assert told["erased_at"] in again.json()["message"]
    assert [each["version"] for each in ada.client.get(path).json()] == [1]
    assert asking.data_of(ada.client.get(f"{path}/1")) == b'{"a":"plain"}'
    assert in_log(server, marker) == 0
    assert (told["version"], told["reason"], told["who"]["name"]) == (0, WHY, admin.name)
    events = ada.client.get(f"/objects/{number}/events").json()
    (erasure,) = [each for each in events if each["type"] == "record.erased"]
    assert erasure["changed"]["reason"] == WHY
    assert erasure["changed"]["versions"] == [0]
    assert erasure["who"]["name"] == admin.name
    assert [
        each["changed"]
        for each in events
        if each.get("revision") == 2 and each["type"] == "record.published"
    ] == [{"erased": True}]


def test_an_instant_at_which_an_erased_version_stood_is_gone(
    admin: User, ada: User, action: int
) -> None:
    """410, by both times; other instants find what they found."""
    number = asking.new_object(ada.client, action, '{"n":0}')
    asking.new_version(ada.client, number, '{"n":1}')
    asking.new_version(ada.client, number, '{"n":2}')
    at = [each["recorded_at"] for each in ada.client.get(f"/objects/{number}/versions").json()]

    erase(admin, number, versions=[1, 1])

    found = [
        ada.client.get(f"/objects/{number}", params={asked: instant}).status_code
        for asked in ("as_of", "valid_at")
        for instant in at
    ]
    assert found == [302, 410, 302] * 2
    memento = ada.client.get(f"/objects/{number}/timemap")
    assert "versions/1>" not in memento.text
    assert "versions/2>" in memento.text


def test_an_object_erased_whole_is_in_no_list_and_no_search(
    server: Running, admin: User, ada: User, action: int
) -> None:
    """With its file, comment and file name; what is asked of it is 410."""
    marker = fresh("secret").replace("-", "")
    number = asking.new_object(ada.client, action, f'{{"a":"{marker}"}}')
    data = f"bytes of {marker}".encode()
    sent = {
        "storage": "database",
        "original_file_name": f"{marker}.txt",
        "base64_content": b64encode(data).decode(),
        "hash": {"algorithm": "sha256", "hexdigest": sha256(data).hexdigest()},
    }
    assert ada.client.post(f"{API}/objects/{number}/files/", json=sent).status_code == 201
    said = ada.client.post(f"{API}/objects/{number}/comments/", json={"content": marker})
    assert said.status_code == 201
    words = f"q={marker}&use_advanced_search=0"
    assert [each["object_id"] for each in ada.client.get(f"{API}/objects/?{words}").json()]

    erase(admin, number)

    assert in_log(server, marker) == 0
    for query in (words, ""):
        listed = ada.client.get(f"{API}/objects/?{query}").json()
        assert number not in [each["object_id"] for each in listed]
    pid = asking.pid_of(server, number)
    for below in ("", "/versions/0", "/versions/", "/files/", "/files/0", "/comments/", "/timemap"):
        answered = ada.client.get(f"/objects/{number}{below}")
        assert (below, answered.status_code) == (below, 410)
        assert marker not in answered.text
    for path in (f"{RECORDS}/{pid}", f"/records/{pid}"):
        assert ada.client.get(path).status_code == 410
    assert ada.client.get(f"/objects/{number}/events").status_code == 200
    assert ada.client.get(f"/objects/{number}/erasures").status_code == 200
    assert eventually_gone(server, data)
    assert admin.client.get("/api/events").status_code == 200


def test_a_published_record_is_gone_in_the_other_door(
    server: Running, admin: User, ada: User, nobody: httpx.Client
) -> None:
    """Record, files, exports, page and draft: 410 to everybody, for it was everybody's."""
    marker = fresh("secret").replace("-", "")
    data = f"bytes of {marker}".encode()
    pid = filing.begun(ada.client)
    filing.add(ada.client, pid, f"{marker}.csv", data)
    draft = ada.client.get(f"{RECORDS}/{pid}/draft").json()
    draft["metadata"]["title"] = f"On {marker}"
    assert ada.client.put(f"{RECORDS}/{pid}/draft", json=draft).status_code == 200
    making.publish(ada.client, pid)
    assert nobody.get(f"{RECORDS}?q={marker}").json()["hits"]["total"] == 1
    paths = (
        f"{RECORDS}/{pid}",
        f"{RECORDS}/{pid}/files",
        f"{RECORDS}/{pid}/files/{marker}.csv",
        f"{RECORDS}/{pid}/files/{marker}.csv/content",
        f"/records/{pid}",
        f"/objects/{pid}/versions/0",
    )
    assert [nobody.get(each).status_code for each in paths] == [200] * len(paths)

    erase(admin, pid)

    for path in paths:
        gone = nobody.get(path)
        assert (path, gone.status_code) == (path, 410)
        assert marker not in gone.text.replace(path, "")
    export = nobody.get(f"{RECORDS}/{pid}", headers={"Accept": "application/x-bibtex"})
    assert export.status_code == 410
    assert ada.client.get(f"{RECORDS}/{pid}/draft").status_code == 410
    assert ada.client.post(f"{RECORDS}/{pid}/draft").status_code in {404, 410}
    assert ada.client.post(f"{RECORDS}/{pid}/versions").status_code in {404, 410}
    found = nobody.get(f"{RECORDS}?q={marker}").json()
    assert (found["hits"]["total"], found["hits"]["hits"]) == (0, [])
    assert ada.client.get(f"/api/user/records?q={marker}").json()["hits"]["total"] == 0
    assert in_log(server, marker) == 0
    assert eventually_gone(server, data)


def test_bytes_that_another_record_has_stay(server: Running, admin: User, ada: User) -> None:
    """The next version of the work imported them; it is read as before."""
    data = fresh("bytes that two records have").encode()
    pid = filing.begun(ada.client)
    filing.add(ada.client, pid, "a", data)
    making.publish(ada.client, pid)
    following = ada.client.post(f"{RECORDS}/{pid}/versions").json()["id"]
    imported = ada.client.post(f"{RECORDS}/{following}/draft/actions/files-import")
    assert imported.status_code == 201, imported.text
    draft = ada.client.get(f"{RECORDS}/{following}/draft").json()
    draft["metadata"]["publication_date"] = "2026"
    ada.client.put(f"{RECORDS}/{following}/draft", json=draft)
    making.publish(ada.client, following)

    planned = server.cli("erase", pid, "--reason", WHY, "--dry-run")
    erase(admin, pid)

    assert re.search(rf"still in version 0 of object \d+ \({following}\)", planned.stdout)
    told = ada.client.get(f"/objects/{pid}/events").json()[-1]["changed"]
    assert told["files_kept"] == 1
    kept = ada.client.get(filing.content(following, "a", published=True))
    assert (kept.status_code, kept.content) == (200, data)
    erase(admin, following, reason="of the other alone")
    assert eventually_gone(server, data)
    assert "of the other alone" not in ada.client.get(f"/objects/{pid}/events").text


def test_drafts_alone_are_erased(server: Running, admin: User, ada: User) -> None:
    """A draft that was never published is 410 to who might see it; a version stays."""
    marker = fresh("secret")
    pid = making.draft(ada.client, making.body(title=marker))["id"]
    other = making.record(ada.client, making.body(title="plain"))["id"]
    edited = ada.client.post(f"{RECORDS}/{other}/draft").json()
    edited["metadata"]["title"] = marker
    ada.client.put(f"{RECORDS}/{other}/draft", json=edited)

    erase(admin, pid, drafts=True)
    erase(admin, other, drafts=True)

    assert ada.client.get(f"{RECORDS}/{pid}/draft").status_code == 410
    assert ada.client.get(f"{RECORDS}/{other}").json()["metadata"]["title"] == "plain"
    assert ada.client.get(f"{RECORDS}/{other}/draft").status_code == 404
    assert in_log(server, marker) == 0


def test_bytes_that_cannot_be_removed_keep_no_others(
    server: Running, admin: User, ada: User
) -> None:
    """What was erased later goes; the first follows as soon as it can."""
    held, data = fresh("held").encode(), fresh("free").encode()
    pids = [filing.begun(ada.client) for _ in range(2)]
    for pid, each in zip(pids, (held, data), strict=True):
        filing.add(ada.client, pid, "a", each)
    path = LocalBlobs(server.data / "blobs", Space(server.data, 0)).path(sha256(held).hexdigest())
    path.unlink()
    (path / "in").mkdir(parents=True)
    os.utime(path, (0, time() - 120))
    try:
        for pid in pids:
            erase(admin, pid)
        assert eventually_gone(server, data)
    finally:
        (path / "in").rmdir()
        path.rmdir()


def test_an_erased_draft_is_told_to_who_might_see_drafts(admin: User, ada: User, bob: User) -> None:
    """Who may read only what is published learns neither when nor why, of none of its lists."""
    pid = making.record(ada.client)["id"]
    me = bob.client.get(f"{API}/users/me").json()["user_id"]
    granted = ada.client.put(f"{API}/objects/{pid}/permissions/users/{me}", json="read")
    assert granted.status_code == 200, granted.text
    assert ada.client.post(f"{RECORDS}/{pid}/draft").is_success

    erase(admin, pid, drafts=True)

    for below in ("erasures", "events"):
        assert WHY in ada.client.get(f"/objects/{pid}/{below}").text
        told = bob.client.get(f"/objects/{pid}/{below}")
        assert (told.status_code, WHY in told.text) == (200, False)
    assert ada.client.get(f"/objects/{pid}/erasures").json()[0]["version"] is None


def test_the_newest_version_is_not_erased_beside_an_open_draft(admin: User, ada: User) -> None:
    """409: the draft says the same; with drafts both go."""
    pid = making.record(ada.client)["id"]
    ada.client.post(f"{RECORDS}/{pid}/draft")
    wanted = {"reason": WHY, "versions": [0, 0]}

    refused = admin.client.post(f"/objects/{pid}/erasures", json=wanted)

    assert refused.status_code == 409
    assert "draft" in refused.json()["message"]
    erase(admin, pid, versions=[0, 0], drafts=True)
    assert ada.client.get(f"{RECORDS}/{pid}").status_code == 410


def test_only_administrators_erase(ada: User, bob: User, nobody: httpx.Client, action: int) -> None:
    """403 also to who owns it, 401 to nobody."""
    number = asking.new_object(ada.client, action)
    path = f"/objects/{number}/erasures"
    statuses = [
        who.post(path, json={"reason": WHY}).status_code for who in (ada.client, bob.client, nobody)
    ]
    assert statuses == [403, 403, 401]
    assert ada.client.get(f"/objects/{number}/versions/0").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({}, 400),
        ({"reason": " "}, 400),
        ({"reason": "x" * 1001}, 400),
        ({"reason": 1}, 400),
        ({"reason": "x", "versions": 0}, 400),
        ({"reason": "x", "versions": [0]}, 400),
        ({"reason": "x", "versions": [1, 0]}, 400),
        ({"reason": "x", "versions": [0, True]}, 400),
        ({"reason": "x", "versions": [0, 9]}, 404),
        ({"reason": "x", "drafts": "yes"}, 400),
        ({"reason": "x", "drafts": True}, 409),
        ({"reason": "x", "other": 1}, 400),
    ],
)
def test_what_cannot_be_erased_is_refused(
    admin: User, ada: User, action: int, wanted: dict[str, Any], status: int
) -> None:
    """And nothing is."""
    number = asking.new_object(ada.client, action)
    refused = admin.client.post(f"/objects/{number}/erasures", json=wanted)
    assert refused.status_code == status, refused.text
    assert ada.client.get(f"/objects/{number}/versions/0").status_code == 200


def test_an_object_goes_on_after_an_erasure(
    server: Running, admin: User, ada: User, action: int
) -> None:
    """Numbers go on; the next version is read; nothing is wrong with log, views and seals."""
    number = asking.new_object(ada.client, action, '{"n":0}')
    erase(admin, number)
    again = admin.client.post(f"/objects/{number}/erasures", json={"reason": WHY})
    assert again.status_code == 409

    path = asking.new_version(ada.client, number, '{"n":1}')

    assert path.endswith("/versions/1")
    assert asking.data_of(ada.client.get(f"/objects/{number}/versions/1")) == b'{"n":1}'
    assert ada.client.get(f"/objects/{number}/versions/0").status_code == 410
    assert ada.client.get(f"/objects/{number}").status_code == 302
    audited(server)
    shown = server.cli("replay", str(number), "--verify")
    assert shown.returncode == 0, shown.stderr
    assert WHY in shown.stdout


def test_what_is_remembered_is_void_at_once(admin: User, ada: User, action: int) -> None:
    """Whichever worker answers, none gives what it remembered."""
    number = asking.new_object(ada.client, action)
    path = f"/objects/{number}/versions/0"
    for _ in range(20):
        assert ada.client.get(path).status_code == 200

    erase(admin, number)

    assert {ada.client.get(path).status_code for _ in range(40)} == {410}


def test_a_key_whose_answer_was_erased_is_forgotten(
    server: Running, admin: User, ada: User, action: int
) -> None:
    """What was kept of the request that brought the content goes with it."""
    key = fresh("key")
    path = f"{API}/objects/"
    sent = {"action_id": action, "data": {"a": 1}}
    made = ada.client.post(path, json=sent, headers={"Idempotency-Key": key})
    number = int(made.headers["Location"].split("/objects/")[1].split("/")[0])

    erase(admin, number)

    kept = asking.query(server, "SELECT count(*) FROM view.answers WHERE key = %s", key)
    assert kept == [(0,)]


def test_the_serving_role_empties_nothing_without_an_erasure(
    server: Running, ada: User, action: int
) -> None:
    """Neither it nor the owner changes the log by a statement."""
    import psycopg

    number = asking.new_object(ada.client, action)
    for role in ("SELECT 1", "SET ROLE muniment_writer"):
        with pytest.raises(
            (psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)
        ):
            asking.query(
                server,
                f"{role}; UPDATE es.event SET state = NULL, salt = NULL"
                f" WHERE stream = (SELECT id FROM view.records WHERE number = {number})"
                " RETURNING 1",
            )
    assert accounts.OPERATOR.admin
