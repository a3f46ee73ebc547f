"""Access links over HTTP: made by who manages a record, shown as `?token=` by whoever has one.

Source: InvenioRDM, "Access links"; the InvenioRDM specification, 2, rows 22 to 26, and 3.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api import raw
from tests.api.asking import User
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.running import Running

DENIED = {"status": 403, "message": "Permission denied."}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LATER = "2121-03-25T21:06:29.563235"


def links(pid: str) -> str:
    """Return where a record's links are."""
    return f"{RECORDS}/{pid}/access/links"


def link(asker: httpx.Client, pid: str, permission: str, **more: Any) -> dict[str, Any]:
    """Make a link and return it."""
    made = asker.post(links(pid), json={"permission": permission, **more})
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


@pytest.fixture
def record(ada: User) -> str:
    """A restricted record of Ada's, with a file."""
    return filing.filed(ada.client, "a.txt", access=CLOSED)


def test_a_link_is_made_as_the_seed_shows(ada: User, record: str) -> None:
    """201 with its id, token, permission and times; and so it is read, alone and in the list."""
    made = ada.client.post(links(record), json={"permission": "view"})
    shown = made.json()

    assert made.status_code == 201
    assert set(shown) == {"id", "token", "permission", "created_at", "expires_at"}
    assert (shown["permission"], shown["expires_at"]) == ("view", None)
    assert made.headers["Location"] == f"{links(record)}/{shown['id']}"
    assert ada.client.get(f"{links(record)}/{shown['id']}").json() == shown
    assert ada.client.get(links(record)).json() == {"hits": {"hits": [shown], "total": 1}}


def test_a_link_is_changed_as_the_seed_shows(ada: User, record: str) -> None:
    """Its permission, its first expiry; its token stays."""
    made = link(ada.client, record, "view")

    changed = ada.client.patch(
        f"{links(record)}/{made['id']}", json={"permission": "edit", "expires_at": LATER}
    )

    assert changed.status_code == 200
    assert changed.json() == made | {"permission": "edit", "expires_at": f"{LATER}+00:00"}


def test_an_expiry_comes_nearer_only(ada: User, record: str) -> None:
    """An earlier one is taken, a date too; a later one and one that has passed are not."""
    made = link(ada.client, record, "view", expires_at=LATER)
    path = f"{links(record)}/{made['id']}"

    assert ada.client.patch(path, json={"expires_at": "2121-01-01"}).status_code == 200
    for refused in (LATER, "2020-01-01", "soon", 7):
        answer = ada.client.patch(path, json={"expires_at": refused})
        assert answer.status_code == 400
        assert [each["field"] for each in answer.json()["errors"]] == ["expires_at"]


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, ["permission"]),
        ({"permission": None}, ["permission"]),
        ({"permission": "manage"}, ["permission"]),
        ({"permission": ["view"], "expires_at": {}}, ["permission", "expires_at"]),
        ({"permission": "view", "expires_at": "2020-01-01"}, ["expires_at"]),
    ],
)
def test_what_is_no_link_is_refused_by_field(
    ada: User, record: str, sent: dict[str, Any], fields: list[str]
) -> None:
    """400 with everything that is wrong, and no link."""
    answer = ada.client.post(links(record), json=sent)

    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == fields
    assert ada.client.get(links(record)).json()["hits"]["total"] == 0


@pytest.mark.parametrize("body", [b"{", b"[]", b'"view"', b"\xff"])
def test_what_is_no_object_is_refused(ada: User, record: str, body: bytes) -> None:
    """400."""
    assert ada.client.post(links(record), content=body).status_code == 400


def test_a_link_is_found_by_its_id_however_that_is_written(ada: User, record: str) -> None:
    """With capitals too: to read, change and delete it."""
    made = link(ada.client, record, "view")
    path = f"{links(record)}/{made['id'].upper()}"

    assert ada.client.get(path).json() == made
    assert ada.client.patch(path, json={"permission": "edit"}).status_code == 200
    assert ada.client.delete(path).status_code == 204
    assert ada.client.get(path).status_code == 404


@pytest.mark.parametrize("which", ["0b54f9a1-8c4c-4a4e-9b39-4ab0d2a0f2de", "none", "%00"])
def test_a_link_that_is_not_there_is_not_found(ada: User, record: str, which: str) -> None:
    """404, to read, change and delete it."""
    path = f"{links(record)}/{which}"
    answers = [
        ada.client.get(path),
        ada.client.patch(path, json={"permission": "view"}),
        ada.client.delete(path),
    ]

    assert [each.status_code for each in answers] == [404, 404, 404]
    assert answers[0].json()["message"].startswith("No secret link found")


def test_a_view_link_opens_record_and_files(ada: User, nobody: httpx.Client, record: str) -> None:
    """To anybody who shows its token, and to nobody without."""
    token = link(ada.client, record, "view")["token"]
    path = f"{RECORDS}/{record}"

    for each in (path, f"{path}/files", f"{path}/files/a.txt", f"{path}/versions"):
        assert nobody.get(each, params={"token": token}).status_code == 200, each
        assert nobody.get(each).status_code == 403
    content = nobody.get(f"{path}/files/a.txt/content", params={"token": token})
    assert content.content == b"a.txt"


def test_a_page_opened_by_a_link_leads_on_by_it(
    ada: User, nobody: httpx.Client, record: str
) -> None:
    """To its files and to its JSON; a parent leads to its record."""
    shown = {"token": link(ada.client, record, "view")["token"]}
    page = nobody.get(f"/records/{record}", params=shown)
    parent = ada.client.get(f"{RECORDS}/{record}").json()["parent"]["id"]

    assert page.status_code == 200
    for path in (f"{RECORDS}/{record}/files/a.txt/content", f"{RECORDS}/{record}"):
        (found,) = set(re.findall(f'href="({path}\\?token=[^"]+)"', page.text))
        assert nobody.get(found).status_code == 200
    for path in (f"/records/{parent}", f"{RECORDS}/{parent}"):
        assert nobody.get(path, params=shown, follow_redirects=True).status_code == 200


def test_a_view_link_opens_no_draft(ada: User, nobody: httpx.Client, record: str) -> None:
    """Drafts need preview."""
    ada.client.post(f"{RECORDS}/{record}/draft")
    token = link(ada.client, record, "view")["token"]

    answer = nobody.get(f"{RECORDS}/{record}/draft", params={"token": token})
    assert (answer.status_code, answer.json()) == (403, DENIED)


def test_a_preview_link_opens_the_draft_to_be_read(ada: User, bob: User, record: str) -> None:
    """Its files too; nothing is changed by it, also by who is signed in."""
    ada.client.post(f"{RECORDS}/{record}/draft")
    shown = {"token": link(ada.client, record, "preview")["token"]}
    path = f"{RECORDS}/{record}/draft"

    assert bob.client.get(path, params=shown).status_code == 200
    assert bob.client.get(f"{path}/files", params=shown).status_code == 200
    assert bob.client.put(path, params=shown, json=making.body()).status_code == 403
    assert bob.client.delete(path, params=shown).status_code == 403


def test_an_edit_link_lets_who_is_signed_in_edit(ada: User, bob: User, record: str) -> None:
    """Edit, save, publish, begin the next version; never manage links."""
    shown = {"token": link(ada.client, record, "edit")["token"]}
    path = f"{RECORDS}/{record}"

    assert bob.client.post(f"{path}/draft", params=shown).status_code == 200
    body = making.body(access=CLOSED, title="By Bob") | {"files": {"enabled": True}}
    assert bob.client.put(f"{path}/draft", params=shown, json=body).status_code == 200
    done = bob.client.post(f"{path}/draft/actions/publish", params=shown)
    assert (done.status_code, done.json()["metadata"]["title"]) == (202, "By Bob")
    assert bob.client.post(f"{path}/versions", params=shown).status_code == 200
    assert bob.client.get(f"{path}/access/links", params=shown).status_code == 403
    refused = bob.client.post(f"{path}/access/links", params=shown, json={"permission": "edit"})
    assert refused.status_code == 403


def test_an_edit_link_only_reads_for_who_is_not_signed_in(
    ada: User, nobody: httpx.Client, record: str
) -> None:
    """What is written is somebody's."""
    shown = {"token": link(ada.client, record, "edit")["token"]}

    assert nobody.get(f"{RECORDS}/{record}", params=shown).status_code == 200
    refused = nobody.post(f"{RECORDS}/{record}/draft", params=shown)
    assert (refused.status_code, refused.json()) == (403, DENIED)


def test_a_link_made_on_one_version_opens_the_next(
    ada: User, nobody: httpx.Client, record: str
) -> None:
    """It hangs on the family."""
    token = link(ada.client, record, "view")["token"]
    begun = ada.client.post(f"{RECORDS}/{record}/versions").json()["id"]
    ada.client.put(f"{RECORDS}/{begun}/draft", json=making.body(access=CLOSED))
    making.publish(ada.client, begun)

    assert nobody.get(f"{RECORDS}/{begun}", params={"token": token}).status_code == 200
    listed = ada.client.get(links(begun)).json()["hits"]["hits"]
    assert [each["token"] for each in listed] == [token]


def test_a_link_opens_nothing_else(ada: User, bob: User, nobody: httpx.Client, record: str) -> None:
    """Neither another record nor a search, nor another door."""
    other = making.record(ada.client, making.body(access=CLOSED))["id"]
    shown = {"token": link(ada.client, record, "edit")["token"]}

    assert nobody.get(f"{RECORDS}/{other}", params=shown).status_code == 403
    assert nobody.get(f"/objects/{record}/versions/0", params=shown).status_code in (401, 403)
    for asker, path in (
        (nobody, RECORDS),
        (bob.client, RECORDS),
        (bob.client, "/api/user/records"),
    ):
        found = asker.get(path, params=shown | {"q": f'id:"{record}"', "allversions": "true"})
        assert (found.status_code, found.json()["hits"]["total"]) == (200, 0)


def test_a_link_that_has_expired_opens_nothing(
    ada: User, nobody: httpx.Client, record: str
) -> None:
    """From the instant on that it says."""
    until = datetime.now(UTC) + timedelta(seconds=1.5)
    token = link(ada.client, record, "view", expires_at=until.isoformat())["token"]
    opened = nobody.get(f"{RECORDS}/{record}", params={"token": token}).status_code
    while datetime.now(UTC) < until:
        nobody.get(f"{RECORDS}/{record}", params={"token": token})

    closed = nobody.get(f"{RECORDS}/{record}", params={"token": token}).status_code
    assert (opened, closed) == (200, 403)


def test_a_link_that_expires_during_an_upload_lets_nothing_in(
    server: Running, ada: User, bob: User
) -> None:
    """What it may do is asked again when the bytes have come: they are refused."""
    pid = filing.begun(ada.client, "a")
    until = datetime.now(UTC) + timedelta(seconds=2.5)
    token = link(ada.client, pid, "edit", expires_at=until.isoformat())["token"]
    framed = ("Content-Length: 6", "Expect: 100-continue")
    where = f"{filing.content(pid, 'a')}?token={token}"

    with raw.opened(server, raw.request("PUT", where, bob.token, *framed)) as connection:
        assert connection.recv(len(CONTINUE)) == CONTINUE  # the link held when it began
        connection.sendall(b"tin")
        while datetime.now(UTC) < until:
            sleep(0.05)
        connection.sendall(b"tin")
        answer = raw.received(connection)

    assert answer.status == 403
    assert ada.client.get(filing.file(pid, "a")).json()["status"] == "pending"


def test_a_token_that_is_none_opens_and_closes_nothing(
    ada: User, nobody: httpx.Client, record: str
) -> None:
    """A forged one, a broken one, somebody else's: as if none was shown."""
    token = link(ada.client, record, "view")["token"]
    public = making.record(ada.client)["id"]

    for other in (token[:-1], token + "A", token.swapcase(), "", ".", "é", "\x00", token[10:]):
        assert nobody.get(f"{RECORDS}/{record}", params={"token": other}).status_code == 403
        assert nobody.get(f"{RECORDS}/{public}", params={"token": other}).status_code == 200


def test_links_are_for_who_manages_the_record(ada: User, bob: User, nobody: httpx.Client) -> None:
    """Also those of a record that everybody may read."""
    record = making.record(ada.client)["id"]
    made = link(ada.client, record, "view")

    for asker in (bob.client, nobody):
        assert asker.get(links(record)).status_code == 403
        assert asker.get(f"{links(record)}/{made['id']}").status_code == 403
        assert asker.post(links(record), json={"permission": "view"}).status_code == 403
        assert asker.delete(f"{links(record)}/{made['id']}").status_code == 403


def test_a_draft_that_was_never_published_has_links(ada: User, nobody: httpx.Client) -> None:
    """For reviewers, before there is a record."""
    draft = making.draft(ada.client)["id"]
    shown = {"token": link(ada.client, draft, "preview")["token"]}

    assert nobody.get(f"{RECORDS}/{draft}/draft", params=shown).status_code == 200
    assert nobody.get(f"/uploads/{draft}", params=shown).status_code == 200


def test_a_link_is_made_once_with_an_idempotency_key(ada: User, record: str) -> None:
    """The second answer is the first."""
    headers = {"Idempotency-Key": str(uuid4())}
    answers = [
        ada.client.post(links(record), json={"permission": "view"}, headers=headers)
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert ada.client.get(links(record)).json()["hits"]["total"] == 1


def test_a_revoked_link_opens_nothing_from_then_on(
    ada: User, nobody: httpx.Client, record: str
) -> None:
    """Fifty times, on kept connections: after the 204 no worker honours it."""
    path = f"{RECORDS}/{record}"
    askers = [httpx.Client(base_url=nobody.base_url) for _ in range(8)]
    with ThreadPoolExecutor(len(askers)) as pool:

        def ask(token: str) -> set[int]:
            asked = [pool.submit(each.get, path, params={"token": token}) for each in askers]
            return {each.result().status_code for each in asked}

        for _ in range(50):
            made = link(ada.client, record, "view")
            assert ask(made["token"]) == {200}
            assert ada.client.delete(f"{links(record)}/{made['id']}").status_code == 204
            assert ask(made["token"]) == {403}
    for each in askers:
        each.close()


def test_the_history_tells_by_which_link_something_was_changed(
    ada: User, bob: User, record: str
) -> None:
    """The account, the door and the link's id; what Ada did without one says nothing of it."""
    made = link(ada.client, record, "edit")
    shown = {"token": made["token"]}
    assert bob.client.post(f"{RECORDS}/{record}/draft", params=shown).status_code == 200

    told = {each["type"]: each for each in ada.client.get(f"/objects/{record}/events").json()}

    reopened = told["record.draft-reopened"]
    assert (reopened["who"]["name"], reopened["door"]) == (bob.name, "inveniordm")
    assert reopened["link"] == made["id"]
    assert "link" not in told["record.published"]


def test_the_history_tells_of_links_but_shows_no_token(ada: User, record: str) -> None:
    """Who made one, what it opens, until when: what is stored of it opens nothing."""
    made = link(ada.client, record, "edit", expires_at=LATER)
    ada.client.delete(f"{links(record)}/{made['id']}")

    answer = ada.client.get(f"/objects/{record}/events")

    told = {each["type"]: each["changed"] for each in answer.json()}
    assert told["family.link-created"] == {
        "link": made["id"],
        "level": "edit",
        "expires_at": f"{LATER}Z",
    }
    assert told["family.link-revoked"] == {"link": made["id"]}
    assert made["token"] not in answer.text
