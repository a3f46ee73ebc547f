"""Published records over HTTP: who sees them, in which form, and for how long an answer holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.commands import drafts
from domain.log import Session
from domain.record import Record
from domain.values import Access, Embargo
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import CLOSED, RECORDS, V1
from tests.running import Running

CLOSED_FILES = {"enabled": True, "order": []}
DENIED = {"status": 403, "message": "Permission denied."}


def test_a_public_record_is_for_everyone(ada: User, bob: User, nobody: httpx.Client) -> None:
    """Signed in or not, and at /objects too."""
    record = making.record(ada.client)
    path = f"{RECORDS}/{record['id']}"

    assert [each.get(path).json() for each in (bob.client, nobody)] == [record, record]
    assert nobody.get(f"/objects/{record['id']}/versions/0").status_code == 200


def test_a_restricted_record_is_for_its_owner(ada: User, bob: User, nobody: httpx.Client) -> None:
    """403 to strangers and to who shows nothing; in the other door as it words it."""
    record = making.record(ada.client, making.body(access=CLOSED))
    path = f"{RECORDS}/{record['id']}"

    for asker in (bob.client, nobody):
        answer = asker.get(path)
        assert (answer.status_code, answer.json()) == (403, DENIED)
        assert asker.get(f"/objects/{record['id']}/versions/0").status_code in (401, 403)
    assert ada.client.get(path).json()["access"]["status"] == "restricted"


def test_of_files_that_are_closed_nothing_is_told(
    ada: User, bob: User, nobody: httpx.Client
) -> None:
    """But to their owner: not their names, nor how many there are; wherever the record is shown."""
    access = {"record": "public", "files": "restricted"}
    pid = filing.begun(ada.client, access=access)
    filing.add(ada.client, pid, "secret.csv")
    named = filing.with_files(access, order=["secret.csv"], default_preview="secret.csv")
    ada.client.put(f"{RECORDS}/{pid}/draft", json=named)
    record = making.publish(ada.client, pid)
    path = f"{RECORDS}/{pid}"

    assert record["files"] == {
        "enabled": True,
        "order": ["secret.csv"],
        "default_preview": "secret.csv",
        "count": 1,
        "total_bytes": len(filing.DATA),
    }
    for asker, told in ((ada.client, record["files"]), (bob.client, CLOSED_FILES)) * 2:
        assert asker.get(path).json()["files"] == told
    for each in (path, f"{path}/versions/latest"):
        assert nobody.get(each).json()["files"] == CLOSED_FILES
        assert "secret" not in nobody.get(each, headers={"Accept": V1}).text
    for each in (f"{RECORDS}?q=id:{pid}", f"{path}/versions"):
        [hit] = nobody.get(each).json()["hits"]["hits"]
        assert hit["files"] == CLOSED_FILES
        assert ada.client.get(each).json()["hits"]["hits"] == [record]
    for q in ("files.count:1", f"files.total_bytes:{len(filing.DATA)}"):
        params = {"q": f"{q} AND id:{pid}"}
        totals = [each.get(RECORDS, params=params) for each in (ada.client, bob.client, nobody)]
        assert [each.json()["hits"]["total"] for each in totals] == [1, 0, 0]


def test_what_is_a_draft_only_is_no_record(ada: User, nobody: httpx.Client) -> None:
    """404 to its owner and to everybody else."""
    pid = making.draft(ada.client)["id"]
    said = {"status": 404, "message": "The persistent identifier is not registered."}

    assert [each.get(f"{RECORDS}/{pid}").json() for each in (ada.client, nobody)] == [said, said]


@pytest.mark.parametrize("pid", ["aaaaa-aaaaa", "4D0NS-NTD89", "1", "x" * 300, "%00", "a%2Fb"])
def test_what_is_no_record_is_not_found(ada: User, pid: str) -> None:
    """404, whatever it looks like, for drafts too."""
    for path in (f"{RECORDS}/{pid}", f"{RECORDS}/{pid}/draft"):
        assert ada.client.get(path).status_code == 404


def test_a_parent_leads_to_its_newest_record(ada: User) -> None:
    """302 with an absolute link that needs no other host."""
    record = making.record(ada.client)

    answer = ada.client.get(f"{RECORDS}/{record['parent']['id']}")

    assert (answer.status_code, answer.headers["Location"]) == (302, record["links"]["self"])
    assert ada.client.get(f"{RECORDS}/{making.draft(ada.client)['parent']['id']}").is_client_error


def test_an_answer_that_holds_is_not_sent_again(ada: User, nobody: httpx.Client) -> None:
    """304, until the record is another."""
    record = making.record(ada.client)
    path = f"{RECORDS}/{record['id']}"
    tag = nobody.get(path).headers["ETag"]

    held = nobody.get(path, headers={"If-None-Match": tag})
    ada.client.post(f"{path}/draft")
    ada.client.put(f"{path}/draft", json=making.body(title="Another story"))
    making.publish(ada.client, record["id"])
    changed = nobody.get(path, headers={"If-None-Match": tag})

    assert (held.status_code, held.content) == (304, b"")
    assert changed.json()["metadata"]["title"] == "Another story"


def test_both_media_types_are_answered_as_asked(ada: User) -> None:
    """With what a page shows in the second; in the language asked for."""
    path = f"{RECORDS}/{making.record(ada.client)['id']}"

    plain = ada.client.get(path, headers={"Accept": "application/json"})
    browser = ada.client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    shown = ada.client.get(path, headers={"Accept": V1, "Accept-Language": "de-DE,de;q=0.9"})
    refused = ada.client.get(path, headers={"Accept": "text/csv"})

    assert plain.headers["Content-Type"] == "application/json"
    assert "ui" not in plain.json()
    assert browser.headers["Content-Type"] == "application/json"
    assert shown.headers["Content-Type"] == V1
    assert shown.json()["ui"]["publication_date_l10n_long"] == "1. Juni 2020"
    assert shown.json()["ui"]["resource_type"]["title_l10n"] == "Photo"
    assert refused.status_code == 406
    assert plain.headers["ETag"] != shown.headers["ETag"]


def test_every_answer_of_a_draft_is_in_the_media_type_asked_for(ada: User) -> None:
    """When it is made, read, replaced, published and edited."""
    headers = {"Accept": V1}
    made = ada.client.post(RECORDS, json=making.body(), headers=headers)
    path = made.headers["Location"]

    answers = [
        made,
        ada.client.get(path, headers=headers),
        ada.client.put(path, json=making.body(), headers=headers),
        ada.client.post(f"{path}/actions/publish", headers=headers),
        ada.client.post(path, headers=headers),
    ]

    for each in answers:
        assert (each.headers["Content-Type"], each.json()["ui"]["is_draft"]) == (
            V1,
            not each.json()["is_published"],
        )


def test_json_is_indented_where_that_is_asked_for(ada: User) -> None:
    """And a parameter that nobody knows is read past."""
    path = f"{RECORDS}/{making.record(ada.client)['id']}"

    plain = ada.client.get(f"{path}?expand=1&stream=True")
    pretty = ada.client.get(f"{path}?prettyprint=1")

    assert plain.json() == pretty.json()
    assert b"\n" not in plain.content
    assert pretty.content.startswith(b'{\n  "')


def test_methods_are_answered_as_everywhere(ada: User, nobody: httpx.Client) -> None:
    """HEAD without a body, OPTIONS with what there is, 405 for the rest."""
    path = f"{RECORDS}/{making.record(ada.client)['id']}"

    head = nobody.head(path)
    options = nobody.options(path)
    refused = nobody.delete(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == nobody.get(path).headers["ETag"]
    assert "GET" in options.headers["Allow"]
    assert (refused.status_code, refused.json()["status"]) == (405, 405)


def test_links_lead_where_a_request_came_in(server: Running, ada: User) -> None:
    """To the loopback address asked for, and to no other host that a request names."""
    path = f"{server.url}{RECORDS}/{making.record(ada.client)['id']}"
    port = server.url.rpartition(":")[2]

    local = httpx.get(path, headers={"Host": f"localhost:{port}"})
    other = httpx.get(path, headers={"Host": "evil.example"})

    assert local.json()["links"]["self"].startswith(f"http://localhost:{port}/api/")
    assert other.json()["links"]["self"].startswith(f"{server.url}/api/")


@pytest.mark.parametrize("host", ["localhost//evil.example", "a@localhost", "localhost:no", "[::1"])
def test_what_is_no_host_begins_no_link(server: Running, ada: User, host: str) -> None:
    """Though a loopback address is in it: it would lead elsewhere."""
    pid = making.record(ada.client)["id"]
    headers = {"Host": host}

    record = httpx.get(f"{server.url}{RECORDS}/{pid}", headers=headers)
    page = httpx.get(f"{server.url}/records/{pid}/latest", headers=headers)

    assert record.json()["links"]["self"].startswith(f"{server.url}/api/")
    assert page.headers["Location"] == f"/records/{pid}"


def test_an_embargo_that_has_passed_closes_nothing(
    server: Running, ada: User, nobody: httpx.Client
) -> None:
    """Nobody has to lift it: it is held against the time of the request."""
    over = datetime.now(UTC) - timedelta(days=1)
    pid = making.draft(ada.client)["id"]

    def publish(session: Session) -> Record:
        done = drafts.publish(session, pid)
        return done.record

    asking.decide(server, ada.name, publish)
    path = f"{RECORDS}/{pid}"
    to = Access("restricted", "restricted", Embargo(over, "Not yet"))
    asking.decide(server, ada.name, making.published_with, pid, to)

    opened = nobody.get(path)

    assert opened.status_code == 200
    assert opened.json()["access"]["record"] == "public"
    assert opened.json()["access"]["embargo"]["active"] is False


def test_what_an_answer_depends_on_is_said_to_those_who_keep_it(
    ada: User, nobody: httpx.Client
) -> None:
    """The language too, where there is a page's `ui`; on a 304 as on what it stands for."""
    path = f"{RECORDS}/{making.record(ada.client)['id']}"

    for accept, varies in (("application/json", "Accept"), (V1, "Accept, Accept-Language")):
        for each in (path, f"{path}/versions", f"{path}/versions/latest"):
            whole = nobody.get(each, headers={"Accept": accept})
            assert whole.headers["Vary"] == varies
            if tag := whole.headers.get("ETag"):
                held = nobody.get(each, headers={"Accept": accept, "If-None-Match": tag})
                assert (held.status_code, held.headers["Vary"]) == (304, varies)


def test_an_embargo_closes_until_its_day(ada: User, nobody: httpx.Client) -> None:
    """To everybody who was granted nothing."""
    until = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    embargo = {"active": True, "until": until, "reason": "Not yet"}

    record = making.record(ada.client, making.body(access=CLOSED | {"embargo": embargo}))

    assert nobody.get(f"{RECORDS}/{record['id']}").status_code == 403
    assert record["access"]["embargo"] == embargo
    assert record["access"]["status"] == "embargoed"
