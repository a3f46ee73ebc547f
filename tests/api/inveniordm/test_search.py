"""Records searched over HTTP: what is found, in which order, page by page, and by whom."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest

from domain.commands import drafts
from domain.log import Session
from domain.record import Record
from domain.values import Access, Embargo
from tests.api import asking
from tests.api.asking import API, User
from tests.api.inveniordm import hostile, making
from tests.api.inveniordm.making import CLOSED, RECORDS, V1
from tests.api.inveniordm.searching import counts, found, record, search, word
from tests.running import Running


def edited(asker: httpx.Client, pid: str, sent: Any) -> None:
    """Edit a record and publish it again."""
    asker.post(f"{RECORDS}/{pid}/draft")
    assert "errors" not in asker.put(f"{RECORDS}/{pid}/draft", json=sent).json()
    making.publish(asker, pid)


def next_version(asker: httpx.Client, pid: str, title: str) -> str:
    """Publish the next version of a record and return its id."""
    new: str = asker.post(f"{RECORDS}/{pid}/versions").json()["id"]
    asker.put(f"{RECORDS}/{new}/draft", json=making.body(title=title))
    making.publish(asker, new)
    return new


def test_the_example_of_the_reference(ada: User, nobody: httpx.Client) -> None:
    """Its members, and a hit as the record is read by its id."""
    answer = nobody.get(RECORDS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert set(answer.json()) == {"aggregations", "hits", "links", "sortBy"}
    assert answer.json()["sortBy"] == "newest"

    mine = word()
    pid = record(ada.client, f"A story of {mine}")
    shown = search(nobody, mine)
    assert shown["hits"] == {"hits": [nobody.get(f"{RECORDS}/{pid}").json()], "total": 1}
    assert shown["sortBy"] == "bestmatch"
    asked = {"page": ["1"], "q": [mine], "size": ["25"], "sort": ["bestmatch"]}
    assert parse_qs(urlsplit(shown["links"]["self"]).query) == asked
    assert shown["links"].keys() == {"self"}


def test_a_record_is_found_as_soon_as_it_is_published(ada: User, nobody: httpx.Client) -> None:
    """By what its newest version says; a draft is not found, whatever it says."""
    mine, later = word(), word()
    draft = making.draft(ada.client, making.body(title=mine))["id"]
    assert found(ada.client, mine) == []

    making.publish(ada.client, draft)
    assert found(nobody, f"metadata.title:{mine.upper()}") == [draft]

    ada.client.post(f"{RECORDS}/{draft}/draft")
    ada.client.put(f"{RECORDS}/{draft}/draft", json=making.body(title=later))
    assert (found(ada.client, mine), found(ada.client, later)) == ([draft], [])

    making.publish(ada.client, draft)
    assert (found(ada.client, mine), found(ada.client, later)) == ([], [draft])


def test_hits_come_in_the_media_type_asked_for(ada: User, nobody: httpx.Client) -> None:
    """As the record itself does; indented where that is asked for."""
    mine = word()
    pid = record(ada.client, mine)
    headers = {"Accept": V1, "Accept-Language": "de"}

    shown = nobody.get(RECORDS, params={"q": mine}, headers=headers)
    pretty = nobody.get(RECORDS, params={"q": mine, "prettyprint": 1})
    refused = nobody.get(RECORDS, headers={"Accept": "text/csv"})

    assert shown.headers["Content-Type"] == V1
    one = nobody.get(f"{RECORDS}/{pid}", headers=headers).json()
    assert shown.json()["hits"]["hits"] == [one]
    assert pretty.text.startswith('{\n  "')
    assert pretty.json()["hits"] == search(nobody, mine)["hits"]
    assert refused.status_code == 406


def test_of_a_work_the_latest_version_is_found(ada: User) -> None:
    """By what it says; by all of them with allversions."""
    mine = word()
    first = record(ada.client, f"{mine} first")
    second = next_version(ada.client, first, f"{mine} second")

    assert found(ada.client, mine) == [second]
    assert found(ada.client, f"{mine} AND first") == []
    for yes in ("1", "true"):
        assert found(ada.client, mine, allversions=yes, sort="version") == [second, first]
    assert found(ada.client, mine, allversions="false") == [second]
    assert counts(ada.client, "resource_type", mine) == {"image": 1}
    assert counts(ada.client, "resource_type", mine, allversions=1) == {"image": 2}


def test_a_restricted_record_is_for_those_who_may_see_it(
    ada: User, bob: User, nobody: httpx.Client
) -> None:
    """To others it is no hit, no part of a total and of no facet."""
    mine = word()
    pid = record(ada.client, mine, CLOSED)

    assert found(ada.client, mine) == [pid]
    for asker in (bob.client, nobody):
        assert found(asker, mine) == []
        shown = search(asker, mine)
        assert all(not each["buckets"] for each in shown["aggregations"].values())
    assert counts(ada.client, "access_status", mine) == {"restricted": 1}


def test_what_is_granted_is_found_until_it_is_revoked(ada: User, bob: User) -> None:
    """At once, both times."""
    mine = word()
    pid = record(ada.client, mine, CLOSED)
    number = ada.client.get(f"/objects/{pid}/versions/0").json()["object_id"]
    him = bob.client.get(f"{API}/users/me").json()["user_id"]
    permission = f"{API}/objects/{number}/permissions/users/{him}"

    assert ada.client.put(permission, json="read").status_code == 200
    assert found(bob.client, mine) == [pid]
    assert counts(bob.client, "access_status", mine) == {"restricted": 1}

    assert ada.client.put(permission, json="none").status_code == 200
    assert found(bob.client, mine) == []
    assert counts(bob.client, "access_status", mine) == {}


def test_what_is_closed_is_found_no_more(ada: User, nobody: httpx.Client) -> None:
    """At once; and again when it is opened."""
    mine = word()
    pid = record(ada.client, mine)

    edited(ada.client, pid, making.body(CLOSED, title=mine))
    assert found(nobody, mine) == []
    edited(ada.client, pid, making.body(title=mine))
    assert found(nobody, mine) == [pid]


def test_an_embargo_that_has_passed_hides_nothing(
    server: Running, ada: User, nobody: httpx.Client
) -> None:
    """One that has not does, and is counted as such for those who see through it."""
    mine = word()
    until = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    closed = CLOSED | {"embargo": {"active": True, "until": until}}
    embargoed = record(ada.client, mine, closed)
    over = making.draft(ada.client, making.body(title=mine))["id"]

    def publish(session: Session) -> Record:
        return drafts.publish(session, over).record

    asking.decide(server, ada.name, publish)
    to = Access("restricted", "restricted", Embargo(datetime.now(UTC) - timedelta(days=1), None))
    asking.decide(server, ada.name, making.published_with, over, to)

    assert found(nobody, mine) == [over]
    assert counts(nobody, "access_status", mine) == {"metadata-only": 1}
    assert found(ada.client, mine, sort="oldest") == [embargoed, over]
    assert counts(ada.client, "access_status", mine) == {"metadata-only": 1, "embargoed": 1}


def test_the_token_of_a_link_finds_nothing(ada: User, nobody: httpx.Client) -> None:
    """It is for whoever knows where; and no credential is in a link to a page."""
    mine = word()
    pid = record(ada.client, mine, CLOSED)
    made = ada.client.post(f"{RECORDS}/{pid}/access/links", json={"permission": "view"})
    secrets = {"token": made.json()["token"], "access_token": ada.token}

    assert found(nobody, mine, token=secrets["token"]) == []
    shown = search(nobody, mine, **secrets)
    assert shown["hits"]["total"] == 1
    assert not any(secret in shown["links"]["self"] for secret in secrets.values())


def test_objects_of_other_doors_are_found(ada: User, bob: User, action: int) -> None:
    """By those who may see them."""
    mine = word()
    number = asking.new_object(ada.client, action, f'{{"name": "A tin of {mine}"}}')

    [hit] = search(ada.client, f"name:{mine}")["hits"]["hits"]

    assert hit["metadata"]["title"] == f"A tin of {mine}"
    assert ada.client.get(f"/objects/{hit['id']}/versions/0").json()["object_id"] == number
    assert found(bob.client, mine) == []


def test_hits_are_sorted_as_asked(ada: User) -> None:
    """Best match with a query; by when they were begun, changed, and their index."""
    mine = word()
    one = record(ada.client, f"{mine} and much else that has little to do with it at all")
    two = record(ada.client, f"{mine} {mine}")
    three = next_version(ada.client, record(ada.client, "Before it"), f"{mine} and something else")
    edited(
        ada.client, one, making.body(title=f"{mine} and much else that has little to do with it")
    )

    def order(**params: Any) -> list[str]:
        return found(ada.client, mine, **params)

    assert order()[0] == order(sort="bestmatch")[0] == two
    assert order(sort="newest") == [three, two, one]
    assert order(sort="oldest") == [one, two, three]
    assert order(sort="updated-desc") == [one, three, two]
    assert order(sort="updated-asc") == [two, three, one]
    assert order(sort="version")[0] == three


def test_pages_by_number_have_links_to_those_beside_them(ada: User) -> None:
    """Each repeats what was asked; none leads before the first or behind the last."""
    mine = word()
    pids = [record(ada.client, mine) for _ in range(5)]

    pages = [search(ada.client, mine, size=2, sort="oldest", page=page) for page in (1, 2, 3, 4)]

    assert [[each["id"] for each in page["hits"]["hits"]] for page in pages] == [
        pids[:2],
        pids[2:4],
        pids[4:],
        [],
    ]
    assert {page["hits"]["total"] for page in pages} == {5}
    assert [set(page["links"]) for page in pages[:3]] == [
        {"self", "next"},
        {"self", "next", "prev"},
        {"self", "prev"},
    ]
    followed = ada.client.get(pages[0]["links"]["next"]).json()
    assert followed["hits"] == pages[1]["hits"]
    before = ada.client.get(followed["links"]["prev"]).json()
    assert before["hits"] == pages[0]["hits"]


def test_a_walk_by_links_shows_each_record_once_beside_a_writer(ada: User) -> None:
    """Those that were there when it began, whatever is added and changed meanwhile."""
    mine = word()
    pids = [record(ada.client, mine) for _ in range(6)]

    for sort in ("newest", "updated-desc", "bestmatch"):
        page = search(ada.client, mine, size=2, sort=sort)
        walked = [each["id"] for each in page["hits"]["hits"]]
        while (link := page["links"].get("next")) is not None:
            pids.append(record(ada.client, mine))
            edited(ada.client, pids[0], making.body(title=f"{mine} again"))
            page = ada.client.get(link).json()
            walked += [each["id"] for each in page["hits"]["hits"]]

        assert len(walked) == len(set(walked))
        assert set(walked) == set(pids[: len(walked)])


def test_a_cursor_leads_beyond_the_window(ada: User) -> None:
    """As far as it will; a page's number alone does not."""
    mine = word()
    pids = [record(ada.client, mine) for _ in range(2)]
    link = search(ada.client, mine, size=1, sort="oldest")["links"]["next"]
    after = parse_qs(urlsplit(link).query)["after"][0]
    asked: dict[str, Any] = {"q": mine, "size": 1, "sort": "oldest", "page": 10_001}

    beyond = ada.client.get(RECORDS, params=asked | {"after": after})
    refused = ada.client.get(RECORDS, params=asked)

    assert [each["id"] for each in beyond.json()["hits"]["hits"]] == pids[1:]
    assert "next" not in beyond.json()["links"]
    assert refused.status_code == 400


def test_a_place_that_was_made_up_is_refused(ada: User) -> None:
    """Whatever instant it says that its walk began; as is that of another list."""
    mine = word()
    for _ in range(2):
        record(ada.client, mine)
    after = parse_qs(urlsplit(search(ada.client, mine, size=1)["links"]["next"]).query)["after"][0]
    said, _, signature = after.partition(".")
    begun, *rest = orjson.loads(urlsafe_b64decode(said + "=="))
    made = urlsafe_b64encode(orjson.dumps(["2001" + begun[4:], *rest])).decode().rstrip("=")

    # Not its last character: some of that is no part of the signature.
    other_signature = ("B" if signature[0] == "A" else "A") + signature[1:]

    for text in (made, f"{made}.{signature}", f"{said}.", f"{said}.{other_signature}", said):
        answer = ada.client.get(RECORDS, params={"q": mine, "size": 1, "after": text})
        assert (answer.status_code, "no such place" in answer.text) == (400, True)
    other = ada.client.get(RECORDS, params={"q": mine, "after": after, "sort": "oldest"})
    assert (other.status_code, "no such place" in other.text) == (400, True)


def test_ten_thousand_hits_may_be_asked_for(ada: User) -> None:
    """They come as they are read."""
    shown = search(ada.client, "", size=10_000)

    assert len(shown["hits"]["hits"]) == shown["hits"]["total"] > 0
    assert len({each["id"] for each in shown["hits"]["hits"]}) == shown["hits"]["total"]


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "mostviewed"},
        {"sort": "mostdownloaded"},
        {"sort": "title"},
        {"size": 0},
        {"size": 10_001},
        {"size": "ten"},
        {"page": 0},
        {"page": 401},
        {"after": "somewhere"},
        {"allversions": "perhaps"},
        {"q": "x" * 3_000},
    ],
)
def test_what_cannot_be_asked_is_refused(nobody: httpx.Client, params: dict[str, Any]) -> None:
    """400, with what is wrong."""
    answer = nobody.get(RECORDS, params=params)

    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.json()["message"]


def test_a_type_with_nul_is_refused_before_it_is_asked_for(ada: User) -> None:
    """Among all records and one's own: PostgreSQL has no such text, and would refuse the search."""
    for path in (RECORDS, "/api/user/records"):
        refused = ada.client.get(path, params={"type": "a\0"})
        assert (refused.status_code, refused.json()["message"]) == (400, "type has a NUL.")


@pytest.mark.parametrize("path", [RECORDS, "/api/user/records"])
def test_no_query_breaks_anything(ada: User, path: str) -> None:
    """Some of those that are asked of the database itself elsewhere: answered or refused."""
    making.draft(ada.client)
    for text in hostile.queries()[::6]:
        q = text.encode("utf-8", "replace").decode()  # a URL has no lone surrogates
        assert ada.client.get(path, params={"q": q}).status_code in (200, 400), text


def test_what_is_unknown_is_passed_over(ada: User) -> None:
    """As everywhere in this door; an empty query asks for everything."""
    mine = word()
    pid = record(ada.client, mine)

    assert found(ada.client, mine, expand=1, foo="bar") == [pid]
    assert search(ada.client, "", size=1)["hits"]["hits"][0]["id"] == pid
    assert search(ada.client, " ", size=1)["sortBy"] == "newest"
