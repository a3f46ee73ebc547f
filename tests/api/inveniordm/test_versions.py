"""Versions over HTTP: begun once, listed, and each of them told from the latest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.values import Access, Embargo
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import making
from tests.api.inveniordm.filing import with_files
from tests.api.inveniordm.making import CLOSED, METADATA, OPEN, RECORDS, V1
from tests.running import Running
from tests.writing import create


def versions(pid: str) -> str:
    """Return the path of a record's versions."""
    return f"{RECORDS}/{pid}/versions"


def begin(asker: httpx.Client, pid: str) -> dict[str, Any]:
    """Begin the next version and return its draft."""
    begun = asker.post(versions(pid))
    assert begun.status_code == 200, begun.text
    draft: dict[str, Any] = begun.json()
    return draft


def follow(asker: httpx.Client, pid: str, sent: Any = None) -> dict[str, Any]:
    """Publish the next version of a record and return it."""
    draft = begin(asker, pid)
    put = asker.put(f"{RECORDS}/{draft['id']}/draft", json=making.body() if sent is None else sent)
    assert "errors" not in put.json()
    return making.publish(asker, draft["id"])


def family(asker: httpx.Client, count: int) -> list[str]:
    """Publish a record and further versions of it; return their ids, the oldest first."""
    first: str = making.record(asker)["id"]
    return [first, *(follow(asker, first)["id"] for _ in range(count - 1))]


def listed(answer: httpx.Response) -> list[str]:
    """Return the ids of a list's hits."""
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["hits"]["hits"]]


def state(asker: httpx.Client, path: str) -> tuple[int, bool, bool]:
    """Return `index`, `is_latest` and `is_latest_draft` of a draft or record."""
    answer = asker.get(path)
    assert answer.status_code == 200, answer.text
    shown = answer.json()["versions"]
    return shown["index"], shown["is_latest"], shown["is_latest_draft"]


def test_the_examples_of_versions_one_after_the_other(server: Running, ada: User) -> None:
    """Create a new version, get all versions, get the latest version."""
    asker = ada.client
    closed = {"access": CLOSED, "files": {"enabled": True}}
    draft = asker.post(RECORDS, json=closed | {"metadata": METADATA | {"version": "1.0"}}).json()
    off = closed | {"files": {"enabled": False}, "metadata": METADATA | {"version": "1.0"}}
    asker.put(f"{RECORDS}/{draft['id']}/draft", json=off)
    first = making.publish(asker, draft["id"])

    begun = asker.post(versions(first["id"]))
    assert begun.status_code == 200
    assert begun.headers["Content-Type"] == "application/json"
    new = begun.json()
    left = {"resource_type", "title", "creators"}
    assert new["metadata"] == {name: first["metadata"][name] for name in left}
    embargo = {"reason": None, "active": False}
    assert {name: new["access"][name] for name in (*CLOSED, "embargo")} == CLOSED | {
        "embargo": embargo
    }
    assert (new["is_published"], new["pids"]) == (False, {})
    assert new["versions"] == {"index": 2, "is_latest": False, "is_latest_draft": True}
    assert new["parent"] == first["parent"]
    assert new["id"] not in (first["id"], first["parent"]["id"])
    assert new["links"]["self"] == f"{server.url}{RECORDS}/{new['id']}/draft"
    assert new["links"]["latest"] == f"{server.url}{versions(new['id'])}/latest"
    assert begun.headers["Location"] == f"{RECORDS}/{new['id']}/draft"
    assert begun.headers["ETag"] == f'"{new["revision_id"]}"'
    assert asker.get(begun.headers["Location"]).json() == new

    whole = {**off, "metadata": METADATA}
    asker.put(f"{RECORDS}/{new['id']}/draft", json=whole)
    second = making.publish(asker, new["id"])
    all_of_them = asker.get(versions(first["id"]))
    assert all_of_them.status_code == 200
    list_ = all_of_them.json()
    assert set(list_) == {"hits", "aggregations", "sortBy", "links"}
    assert list_["sortBy"] == "version"
    assert list_["hits"]["total"] == 2
    assert list_["hits"]["hits"] == [second, asker.get(f"{RECORDS}/{first['id']}").json()]
    assert list_["links"]["self"].startswith(f"{server.url}{versions(first['id'])}?")

    latest = asker.get(f"{versions(first['id'])}/latest")
    assert latest.status_code == 200
    assert latest.headers["Content-Location"] == f"{RECORDS}/{second['id']}"
    assert latest.json() == second == asker.get(f"{RECORDS}/{second['id']}").json()
    assert second["versions"] == {"index": 2, "is_latest": True, "is_latest_draft": True}
    assert second["access"]["status"] == "restricted"


def test_what_is_latest_is_said_of_each_at_every_step(ada: User) -> None:
    """From the first draft to the third version, through an edit and discarded drafts."""
    asker = ada.client
    one: str = making.draft(asker)["id"]
    record, draft = f"{RECORDS}/{one}", f"{RECORDS}/{one}/draft"
    assert state(asker, draft) == (1, False, True)

    making.publish(asker, one)
    assert state(asker, record) == (1, True, True)

    two: str = begin(asker, one)["id"]
    next_record, next_draft = f"{RECORDS}/{two}", f"{RECORDS}/{two}/draft"
    assert state(asker, record) == (1, True, False)
    assert state(asker, next_draft) == (2, False, True)

    asker.post(draft)  # an edit of the first, beside the draft of the second
    assert state(asker, draft) == (1, True, False)
    assert state(asker, record) == (1, True, False)
    asker.delete(draft)

    asker.delete(next_draft)
    assert state(asker, record) == (1, True, True)
    assert asker.get(next_record).status_code == 404

    three: str = follow(asker, one)["id"]
    assert three != two
    assert state(asker, record) == (1, False, False)
    assert state(asker, f"{RECORDS}/{three}") == (2, True, True)

    asker.post(draft)  # an edit of what is not the latest any more
    assert state(asker, draft) == (1, False, False)
    making.publish(asker, one)
    assert state(asker, record) == (1, False, False)
    assert state(asker, f"{RECORDS}/{three}") == (2, True, True)

    four: str = begin(asker, three)["id"]
    assert state(asker, f"{RECORDS}/{three}") == (2, True, False)
    assert state(asker, f"{RECORDS}/{four}/draft") == (3, False, True)
    hits = asker.get(versions(four)).json()["hits"]["hits"]
    assert [each["versions"] for each in hits] == [
        {"index": 2, "is_latest": True, "is_latest_draft": False},
        {"index": 1, "is_latest": False, "is_latest_draft": False},
    ]


def test_a_new_version_asked_for_twice_is_one_draft(ada: User) -> None:
    """What was written into it meanwhile is there."""
    pid = making.record(ada.client)["id"]
    draft = begin(ada.client, pid)
    path = f"{RECORDS}/{draft['id']}/draft"
    written = ada.client.put(path, json=making.body(title="A second story")).json()

    assert begin(ada.client, pid) == written


def test_eight_who_begin_the_next_version_at_once_get_one_draft(ada: User) -> None:
    """Each of them 200, and nothing else is left behind."""
    pid = making.record(ada.client)["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ada.client.post(versions(pid)), range(8)))

    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    assert answers[0].json()["versions"]["index"] == 2


def test_a_version_begun_while_the_open_draft_is_discarded_is_begun_all_the_same(ada: User) -> None:
    """Also an edit: each is answered with a draft, the one that is open or a new one."""
    pid = making.record(ada.client)["id"]

    def work(each: int) -> int:
        if each % 4 == 0:
            return ada.client.post(f"{RECORDS}/{pid}/draft").status_code
        if each % 4 == 1:
            ada.client.delete(f"{RECORDS}/{pid}/draft")
            return 200
        begun = ada.client.post(versions(pid))
        if begun.is_success and each % 4 == 2:
            ada.client.delete(begun.headers["Location"])
        return begun.status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(240))) == {200}


def test_a_new_version_goes_on_from_the_newest(ada: User) -> None:
    """Whichever version it is asked of."""
    first = making.record(ada.client)["id"]
    second = follow(ada.client, first, making.body(title="The second"))["id"]

    of_first = begin(ada.client, first)

    assert of_first["metadata"]["title"] == "The second"
    assert of_first["versions"]["index"] == 3
    assert begin(ada.client, second) == of_first


def test_a_new_version_has_no_files(ada: User) -> None:
    """It may have some, where the newest version might."""
    pid = making.draft(ada.client, with_files())["id"]
    made = ada.client.post(f"{RECORDS}/{pid}/draft/files", json=[{"key": "a.txt"}])
    assert made.status_code == 201
    ada.client.put(f"{RECORDS}/{pid}/draft/files/a.txt/content", content=b"tin")
    ada.client.post(f"{RECORDS}/{pid}/draft/files/a.txt/commit")
    making.publish(ada.client, pid)

    draft = begin(ada.client, pid)

    files = ada.client.get(f"{RECORDS}/{draft['id']}/draft/files").json()
    assert (files["enabled"], files["entries"]) == (True, [])


def test_what_is_not_published_has_no_next_version(ada: User) -> None:
    """404: a draft that was never published, a parent, an id of nothing."""
    draft, record = making.draft(ada.client), making.record(ada.client)

    for pid in (draft["id"], record["parent"]["id"], "aaaaa-aaaaa", "x"):
        refused = ada.client.post(versions(pid))
        assert (refused.status_code, refused.json()["status"]) == (404, 404)


def test_who_may_not_edit_begins_no_version(ada: User, bob: User, nobody: httpx.Client) -> None:
    """403 to a reader and to who shows nothing; none is open after it."""
    record = making.record(ada.client)

    answers = [each.post(versions(record["id"])) for each in (bob.client, nobody)]

    assert [each.status_code for each in answers] == [403, 403]
    assert state(ada.client, f"{RECORDS}/{record['id']}") == (1, True, True)


def test_a_key_gives_the_first_draft_again(ada: User) -> None:
    """As it was answered, after it was changed and published, and begins no other."""
    pid = making.record(ada.client)["id"]
    key = {"Idempotency-Key": asking.fresh("next")}
    begun = ada.client.post(versions(pid), headers=key)
    new = begun.json()["id"]
    ada.client.put(f"{RECORDS}/{new}/draft", json=making.body())
    making.publish(ada.client, new)

    again = ada.client.post(versions(pid), headers=key)

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.status_code == 200
    assert again.json()["id"] == new
    assert again.json()["metadata"] == begun.json()["metadata"]
    assert state(ada.client, f"{RECORDS}/{new}") == (2, True, True)


def test_any_version_lists_all_the_newest_first(ada: User, nobody: httpx.Client) -> None:
    """Also the draft of the next, which is not in the list."""
    pids = family(ada.client, 3)
    draft = begin(ada.client, pids[0])["id"]

    for pid in (*pids, draft):
        assert listed(ada.client.get(versions(pid))) == pids[::-1]
    assert listed(nobody.get(versions(pids[0]))) == pids[::-1]


def test_pages_lead_through_the_whole_list(ada: User) -> None:
    """By links that repeat what was asked for, but for a credential."""
    pids = family(ada.client, 5)
    path = f"{versions(pids[0])}?size=2&expand=1&access_token={ada.token}"
    seen, backwards = [], []

    answer = ada.client.get(path).json()
    assert "prev" not in answer["links"]
    while True:
        seen += [each["id"] for each in answer["hits"]["hits"]]
        assert answer["hits"]["total"] == 5
        query = parse_qs(urlsplit(answer["links"]["self"]).query)
        assert query.keys() == {"page", "size", "sort", "expand"}
        if "next" not in answer["links"]:
            break
        answer = ada.client.get(answer["links"]["next"]).json()
    while "prev" in answer["links"]:
        answer = ada.client.get(answer["links"]["prev"]).json()
        backwards.append(answer["hits"]["hits"][0]["id"])

    assert seen == pids[::-1]
    assert backwards == [pids[2], pids[4]]


def test_beyond_the_last_page_there_is_nothing(ada: User) -> None:
    """200 with the total; it is known there too."""
    pid = making.record(ada.client)["id"]

    answer = ada.client.get(f"{versions(pid)}?page=7").json()

    assert (answer["hits"], answer["aggregations"]) == ({"hits": [], "total": 1}, {})
    assert "next" not in answer["links"]


@pytest.mark.parametrize(
    "query", ["page=0", "size=0", "size=x", "page=-1", "sort=colour", "page=401", "size=10001"]
)
def test_what_no_page_is_is_refused(ada: User, query: str) -> None:
    """400, in the door's words."""
    pid = making.record(ada.client)["id"]

    answer = ada.client.get(f"{versions(pid)}?{query}")

    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_a_list_is_in_the_order_asked_for(ada: User) -> None:
    """By version, or by what was published last."""
    one, two, three = family(ada.client, 3)
    ada.client.post(f"{RECORDS}/{one}/draft")
    making.publish(ada.client, one)

    found = {
        sort: listed(ada.client.get(f"{versions(two)}?sort={sort}"))
        for sort in ("", "newest", "oldest", "updated-desc", "updated-asc")
    }

    assert found[""] == found["newest"] == [three, two, one]
    assert found["oldest"] == [one, two, three]
    assert found["updated-desc"] == [one, three, two]
    assert found["updated-asc"] == [two, three, one]


def test_a_list_is_in_the_form_asked_for(ada: User) -> None:
    """Indented as JSON is, and with what a page shows where that media type is asked for."""
    pid = family(ada.client, 2)[0]

    plain = ada.client.get(versions(pid))
    pretty = ada.client.get(f"{versions(pid)}?prettyprint=1")
    shown = ada.client.get(versions(pid), headers={"Accept": V1, "Accept-Language": "de"})

    assert pretty.json()["hits"] == plain.json()["hits"]
    assert b'\n      {\n        "id": ' in pretty.content
    assert b"\n" not in plain.content
    assert shown.headers["Content-Type"] == V1
    dates = [each["ui"]["publication_date_l10n_long"] for each in shown.json()["hits"]["hits"]]
    assert dates == ["1. Juni 2020"] * 2


def test_only_what_the_asker_may_see_is_listed(ada: User, bob: User, nobody: httpx.Client) -> None:
    """And the total is of that; who asks by what he may not see is refused."""
    day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    until = CLOSED | {"embargo": {"active": True, "until": day}}
    one = making.record(ada.client)["id"]
    two = follow(ada.client, one, making.body(access=CLOSED))["id"]
    three = follow(ada.client, one, making.body(access=OPEN))["id"]
    four = follow(ada.client, one, making.body(access=until))["id"]
    draft = begin(ada.client, one)["id"]

    assert listed(ada.client.get(versions(one))) == [four, three, two, one]
    for asker in (bob.client, nobody):
        seen = asker.get(versions(three))
        assert listed(seen) == [three, one]
        assert seen.json()["hits"]["total"] == 2
        refused = [asker.get(versions(pid)) for pid in (two, four, draft)]
        assert [each.status_code for each in refused] == [403] * 3
        assert refused[0].json() == {"status": 403, "message": "Permission denied."}


def test_a_version_whose_embargo_has_passed_is_listed(
    server: Running, ada: User, nobody: httpx.Client
) -> None:
    """Nobody has to lift it: it is held against the time of the request."""
    one = making.record(ada.client)["id"]
    two = follow(ada.client, one, making.body(access=CLOSED))["id"]
    assert listed(nobody.get(versions(one))) == [one]

    over = datetime.now(UTC) - timedelta(days=1)
    to = Access("restricted", "restricted", Embargo(over, "Not yet"))
    asking.decide(server, ada.name, making.published_with, two, to)

    assert listed(nobody.get(versions(one))) == [two, one]
    assert nobody.get(f"{versions(one)}/latest").json()["id"] == two


def test_the_latest_of_any_version_is_the_newest_published(ada: User) -> None:
    """Also of the draft of the next; as good as the record itself for who has it already."""
    pids = family(ada.client, 2)
    draft = begin(ada.client, pids[0])["id"]
    newest = ada.client.get(f"{RECORDS}/{pids[1]}")

    for pid in (*pids, draft):
        latest = ada.client.get(f"{versions(pid)}/latest")
        assert (latest.status_code, latest.json()) == (200, newest.json())
        assert latest.headers["ETag"] == newest.headers["ETag"]
    tag = {"If-None-Match": newest.headers["ETag"]}
    assert ada.client.get(f"{versions(pids[0])}/latest", headers=tag).status_code == 304
    shown = ada.client.get(f"{versions(pids[0])}/latest", headers={"Accept": V1})
    assert shown.json()["ui"]["version"] == "v2"


def test_the_latest_is_refused_to_who_may_not_see_it(ada: User, nobody: httpx.Client) -> None:
    """An older one, which he may see, is not given in its place."""
    one = making.record(ada.client)["id"]
    follow(ada.client, one, making.body(access=CLOSED))

    assert nobody.get(f"{RECORDS}/{one}").status_code == 200
    assert nobody.get(f"{versions(one)}/latest").status_code == 403


def test_where_nothing_is_published_there_is_no_latest(ada: User) -> None:
    """404 of a draft, of one that was discarded, and of no id."""
    draft = making.draft(ada.client)["id"]
    gone = making.draft(ada.client)["id"]
    ada.client.delete(f"{RECORDS}/{gone}/draft")

    for pid in (draft, gone, "aaaaa-aaaaa", "x"):
        assert ada.client.get(f"{versions(pid)}/latest").status_code == 404
    assert listed(ada.client.get(versions(draft))) == []
    assert [ada.client.get(versions(pid)).status_code for pid in (gone, "x")] == [404, 404]


def test_the_parent_leads_to_the_newest_published(ada: User) -> None:
    """The draft of a next version does not count."""
    parent = making.draft(ada.client)["parent"]["id"]
    assert ada.client.get(f"{RECORDS}/{parent}").status_code == 404

    pids = family(ada.client, 2)
    record = ada.client.get(f"{RECORDS}/{pids[0]}").json()
    begin(ada.client, pids[0])
    answer = ada.client.get(f"{RECORDS}/{record['parent']['id']}", follow_redirects=True)

    assert answer.json()["id"] == pids[1]


def test_the_parent_leads_to_the_versions_and_the_latest(ada: User) -> None:
    """With all that was asked for but a credential; a parent of drafts has none, as its record."""
    pids = family(ada.client, 3)
    parent = ada.client.get(f"{RECORDS}/{pids[0]}").json()["parent"]["id"]
    unpublished = making.draft(ada.client)["parent"]["id"]

    led = ada.client.get(versions(parent), params={"size": 2, "access_token": ada.token})
    hits = ada.client.get(led.headers["Location"]).json()["hits"]
    latest = ada.client.get(f"{versions(parent)}/latest", follow_redirects=True)

    assert led.status_code == 302
    assert ada.token not in led.headers["Location"]
    assert [each["id"] for each in hits["hits"]] == pids[:0:-1]
    assert latest.json()["id"] == pids[2]
    for path in (versions(unpublished), f"{versions(unpublished)}/latest"):
        assert ada.client.get(path).status_code == 404


def test_the_parent_of_a_family_that_was_begun_without_a_public_id_leads_too(
    server: Running, ada: User
) -> None:
    """As families once were."""
    record = asking.decide(server, ada.name, create)
    shown = ada.client.get(f"{RECORDS}/{record.pid}").json()

    led = ada.client.get(f"{RECORDS}/{shown['parent']['id']}")

    assert led.headers["Location"].endswith(f"{RECORDS}/{record.pid}")


def test_an_object_of_another_door_is_the_only_one_of_its_family(
    server: Running, ada: User, action: int
) -> None:
    """Its versions lie in itself: there is no draft of a next one."""
    number = asking.new_object(ada.client, action)
    asking.new_version(ada.client, number, '{"name":"lead"}')
    pid = asking.pid_of(server, number)

    hits = ada.client.get(versions(pid)).json()["hits"]

    assert [(each["id"], each["data"]) for each in hits["hits"]] == [(pid, {"name": "lead"})]
    assert ada.client.get(f"{versions(pid)}/latest").json() == hits["hits"][0]
    assert ada.client.post(versions(pid)).status_code in (404, 409)


def test_long_documents_are_listed_whole(ada: User) -> None:
    """One after the other, however much they are together."""
    text = ("tin and lead " * 90_000).strip()
    first = making.record(ada.client, making.body(description=text))["id"]
    pids = [first, *(follow(ada.client, first, making.body(description=text))["id"] for _ in "123")]

    hits = ada.client.get(versions(first)).json()["hits"]["hits"]

    assert [each["id"] for each in hits] == pids[::-1]
    assert {len(each["metadata"]["description"]) for each in hits} == {len(text)}
