"""What somebody owns, over HTTP: drafts and records, each once, found and counted for him alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from tests.api import asking
from tests.api.asking import Join, User
from tests.api.inveniordm import hostile, making
from tests.api.inveniordm.making import CLOSED, RECORDS, V1

OWN = "/api/user/records"


@pytest.fixture
def eve(join: Join) -> User:
    """A user who owns nothing yet."""
    return join("eve")


def found(asker: httpx.Client, **params: Any) -> list[tuple[str, bool]]:
    """Return the ids that a search finds, and whether it found a published record by each."""
    answer = asker.get(OWN, params=params)
    assert answer.status_code == 200, answer.text
    shown = answer.json()["hits"]
    assert shown["total"] >= len(shown["hits"])
    return [(each["id"], each["is_published"]) for each in shown["hits"]]


def counts(asker: httpx.Client, facet: str, **params: Any) -> dict[str, int]:
    """Return the counts of a facet's values."""
    buckets = asker.get(OWN, params=params).json()["aggregations"][facet]["buckets"]
    return {each["key"]: each["doc_count"] for each in buckets}


def test_the_example_of_the_reference(eve: User) -> None:
    """Its members, with the record as it is read by its id."""
    record = making.record(eve.client)

    answer = eve.client.get(OWN)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    shown = answer.json()
    assert set(shown) == {"aggregations", "hits", "links", "sortBy"}
    assert shown["hits"] == {"hits": [record], "total": 1}
    assert shown["sortBy"] == "updated-desc"
    assert parse_qs(urlsplit(shown["links"]["self"]).query) == {
        "page": ["1"],
        "size": ["25"],
        "sort": ["updated-desc"],
    }


def test_drafts_and_records_are_there_as_they_are_read(eve: User) -> None:
    """Last saved first; in the media type asked for."""
    record, draft = making.record(eve.client), making.draft(eve.client)
    headers = {"Accept": V1}

    plain = eve.client.get(OWN).json()["hits"]["hits"]
    answer = eve.client.get(OWN, headers=headers)

    assert plain == [draft, record]
    assert answer.headers["Content-Type"] == V1
    assert answer.json()["hits"]["hits"] == [
        eve.client.get(f"{RECORDS}/{draft['id']}/draft", headers=headers).json(),
        eve.client.get(f"{RECORDS}/{record['id']}", headers=headers).json(),
    ]


def test_a_record_that_is_edited_is_there_once_as_its_draft(eve: User) -> None:
    """By what the draft says; as a record again when the draft is discarded."""
    pid = making.record(eve.client)["id"]
    path = f"{RECORDS}/{pid}/draft"

    eve.client.post(path)
    begun = found(eve.client, q="metadata.title:romans")
    eve.client.put(path, json=making.body(title="Kelts"))

    assert begun == found(eve.client, q="kelts") == [(pid, False)]
    assert found(eve.client, q="romans") == []
    eve.client.delete(path)
    assert found(eve.client, q="romans") == [(pid, True)]


@pytest.mark.parametrize(
    ("q", "left"),
    [
        ("updated:[2020 TO *]", {"record", "edited", "draft"}),
        ("updated:[* TO 2020]", set()),
        ("versions.is_latest:true", {"record", "edited"}),
        ("versions.is_latest:false", {"draft"}),
        ("is_draft:true", {"edited", "draft"}),
        ("created:[2020 TO *] AND is_published:true", {"record"}),
    ],
)
def test_what_is_known_of_drafts_is_what_they_are_shown_with(
    eve: User, q: str, left: set[str]
) -> None:
    """When they were saved, and that a record under edit is its work's latest."""
    made = {name: making.record(eve.client)["id"] for name in ("record", "edited")}
    shown = eve.client.post(f"{RECORDS}/{made['edited']}/draft").json()
    made["draft"] = making.draft(eve.client)["id"]

    assert shown["versions"]["is_latest"] is True
    assert {pid for pid, _ in found(eve.client, q=q)} == {made[name] for name in left}


def test_of_a_family_there_is_the_newest(eve: User) -> None:
    """A draft of the next version too; all of them with allversions."""
    first = making.record(eve.client)["id"]
    second = eve.client.post(f"{RECORDS}/{first}/versions").json()["id"]

    assert found(eve.client) == [(second, False)]
    assert found(eve.client, allversions="true") == [(second, False), (first, True)]
    assert found(eve.client, allversions=1, sort="version") == [(second, False), (first, True)]


def test_what_another_owns_is_not_there(eve: User, bob: User) -> None:
    """Though everybody may see it, or it was granted."""
    making.record(bob.client)

    assert found(eve.client) == []
    assert counts(eve.client, "is_published") == {}


def test_what_another_door_made_is_there(eve: User, action: int) -> None:
    """By its words too."""
    number = asking.new_object(eve.client, action, '{"name":"A tin of Kelts"}')

    [hit] = eve.client.get(OWN, params={"q": "tin AND name:kelts"}).json()["hits"]["hits"]

    assert hit["data"] == {"name": "A tin of Kelts"}
    assert eve.client.get(f"/objects/{hit['id']}/versions/0").json()["object_id"] == number


def test_who_may_not_see_it_any_more_does_not_find_it(eve: User, bob: User, action: int) -> None:
    """Though he owns it: somebody else who may grant took his permission."""
    number = asking.new_object(eve.client, action)
    users = f"{asking.API}/objects/{number}/permissions/users"
    me, other = (each.client.get(f"{asking.API}/users/me").json()["user_id"] for each in (eve, bob))
    assert eve.client.put(f"{users}/{other}", json="grant").status_code == 200
    assert len(found(eve.client)) == 1

    assert bob.client.put(f"{users}/{me}", json="none").status_code == 200

    assert found(eve.client) == []


def test_who_has_not_signed_in_owns_nothing(nobody: httpx.Client) -> None:
    """403, as everywhere in this door."""
    answer = nobody.get(OWN)

    assert (answer.status_code, answer.json()["message"]) == (403, "Permission denied.")


def test_is_published_filters_and_is_counted_beside_itself(eve: User) -> None:
    """A record that is edited is counted as a draft; the others' counts follow the filter."""
    record, edited = making.record(eve.client), making.record(eve.client)
    eve.client.post(f"{RECORDS}/{edited['id']}/draft")
    draft = making.draft(eve.client, making.body(resource_type={"id": "dataset"}))

    drafts = found(eve.client, is_published="false")
    records = found(eve.client, is_published="true")

    assert drafts == [(draft["id"], False), (edited["id"], False)]
    assert records == [(record["id"], True)]
    for chosen in ({}, {"is_published": "true"}):
        assert counts(eve.client, "is_published", **chosen) == {"true": 1, "false": 2}
    assert counts(eve.client, "resource_type", is_published="true") == {"image": 1}
    assert counts(eve.client, "resource_type") == {"image": 2, "dataset": 1}


def test_facets_of_drafts_are_those_of_what_they_say(eve: User) -> None:
    """Access, languages, year and types of files, of an edit its own."""
    languages = [{"id": "dan"}, {"id": "eng"}]
    pid = making.record(eve.client)["id"]
    eve.client.post(f"{RECORDS}/{pid}/draft")
    edited = making.body(CLOSED, languages=languages, publication_date="1999/2001")
    eve.client.put(f"{RECORDS}/{pid}/draft", json=edited)
    sent = making.body() | {"files": {"enabled": True}}
    with_file = making.draft(eve.client, sent)["id"]
    eve.client.post(f"{RECORDS}/{with_file}/draft/files", json=[{"key": "a.b.CSV"}, {"key": "c"}])

    assert counts(eve.client, "access_status") == {"restricted": 1, "open": 1}
    assert counts(eve.client, "languages") == {"dan": 1, "eng": 1}
    assert counts(eve.client, "publication_date") == {"1999": 1, "2020": 1}
    assert counts(eve.client, "file_type") == {"csv": 1}
    assert found(eve.client, languages=["deu", "dan"], access_status="restricted") == [(pid, False)]
    assert found(eve.client, languages="dan", file_type="csv") == []


def test_it_is_sorted_as_asked(eve: User) -> None:
    """Best match with a query, else what was saved last; by when it was begun."""
    once = making.record(eve.client, making.body(title="Romans and Kelts"))["id"]
    twice = making.draft(eve.client, making.body(title="Romans, Romans, Romans"))["id"]
    eve.client.put(f"{RECORDS}/{twice}/draft", json=making.body(title="Romans, Romans, Romans"))
    eve.client.post(f"{RECORDS}/{once}/draft")

    def order(**params: Any) -> list[str]:
        return [pid for pid, _ in found(eve.client, **params)]

    assert order() == order(sort="oldest") == order(sort="updated-desc") == [once, twice]
    assert order(sort="newest") == order(sort="updated-asc") == [twice, once]
    assert order(q="romans") == order(q="romans", sort="bestmatch") == [twice, once]


def test_no_query_breaks_the_service(eve: User) -> None:
    """Of all that mean harm, several at a time, drafts and records are asked."""
    making.record(eve.client)
    making.draft(eve.client)

    def ask(q: str) -> httpx.Response:
        raw = quote(q, safe="", errors="surrogatepass")
        return eve.client.get(f"{OWN}?size=1&q={raw}")

    with ThreadPoolExecutor(4) as threads:
        for q, answer in zip(hostile.queries(), threads.map(ask, hostile.queries()), strict=True):
            assert answer.status_code in (200, 400), (q, answer.text)
    assert len(found(eve.client)) == 2


def test_links_lead_through_all_once_though_more_is_added(eve: User) -> None:
    """Also when a page is more than comes in one piece."""
    pids = [making.draft(eve.client, {})["id"] for _ in range(105)]

    page = eve.client.get(OWN, params={"size": 50, "q": "NOT romans", "sort": "newest"})
    walked = [each["id"] for each in page.json()["hits"]["hits"]]
    making.draft(eve.client, {})
    while (link := page.json()["links"].get("next")) is not None:
        page = eve.client.get(link)
        walked += [each["id"] for each in page.json()["hits"]["hits"]]

    assert walked == pids[::-1]
    assert "prev" in page.json()["links"]
    assert len(found(eve.client, size=1000)) == 106


def test_documents_that_are_too_large_for_a_page_come_one_by_one(eve: User) -> None:
    """Whole, of drafts and of records."""
    large: dict[str, Any] = {"sizes": ["tin and lead " * 180_000]}
    record = making.record(eve.client, making.body(**large))
    drafts = [making.draft(eve.client, making.body(**large)) for _ in range(3)]

    hits = eve.client.get(OWN).json()["hits"]["hits"]

    assert hits == [*drafts[::-1], record]
    assert len(hits[-1]["metadata"]["sizes"][0]) > 2_000_000


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "mostviewed"},
        {"size": 0},
        {"size": 10_001},
        {"page": "x"},
        {"page": 401},
        {"after": "somewhere"},
        {"allversions": "perhaps"},
        {"q": "x" * 3_000},
    ],
)
def test_what_cannot_be_asked_is_refused(eve: User, params: dict[str, Any]) -> None:
    """400, with what is wrong."""
    answer = eve.client.get(OWN, params=params)

    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "params",
    [
        {"q": "\0 )( \udfff".encode("utf-8", "replace").decode()},
        {"resource_type": "\0"},
        {"resource_type": ["::", "image::", "::image"]},
        {"publication_date": "x"},
        {"languages": "'; --"},
        {"is_published": "perhaps", "access_status": "%s {condition}"},
        {"q": "metadata.title:{key} {direction}"},
    ],
)
def test_odd_words_find_nothing_and_break_nothing(eve: User, params: dict[str, Any]) -> None:
    """200."""
    making.draft(eve.client)

    assert eve.client.get(OWN, params=params).status_code == 200
