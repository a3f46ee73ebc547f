"""Facets of a search over HTTP: how many have which value, what it is called, what is left."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.identifiers import record_id
from domain.log import Session
from domain.record import Record
from domain.term import Content, Ref
from domain.values import Access, Embargo
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import filing, making, terms
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.api.inveniordm.searching import counts, found, record, search, word
from tests.running import Running


@pytest.fixture(scope="module")
def mine() -> str:
    """A word that the records of this module have."""
    return word()


@pytest.fixture(scope="module")
def pids(ada: User, mine: str) -> dict[str, str]:
    """Four records of different kinds, by what they are."""
    languages = {"photo": ["dan", "eng"], "plot": ["eng"], "article": [], "dataset": []}
    kinds = {"photo": "image-photo", "plot": "image-plot", "article": "publication-article"}
    return {
        name: record(
            ada.client,
            mine,
            CLOSED if name == "article" else making.OPEN,
            resource_type={"id": kinds.get(name, name)},
            publication_date="1999/2001" if name == "dataset" else "2020-06-01",
            languages=[{"id": each} for each in spoken],
        )
        for name, spoken in languages.items()
    }


def test_resource_types_stand_below_their_type(ada: User, mine: str, pids: dict[str, str]) -> None:
    """With what the vocabulary calls both; one that has no kinds has none below it."""
    shown = search(ada.client, mine)["aggregations"]["resource_type"]

    image, *others = shown["buckets"]
    assert shown["label"] == "Resource types"
    inner = sorted(image.pop("inner")["buckets"], key=lambda each: str(each["key"]))
    assert image == {"key": "image", "doc_count": 2, "label": "Image", "is_selected": False}
    assert inner == [
        {"key": "image-photo", "doc_count": 1, "label": "Photo", "is_selected": False},
        {"key": "image-plot", "doc_count": 1, "label": "Plot", "is_selected": False},
    ]
    assert {each["key"]: len(each["inner"]["buckets"]) for each in others} == {
        "publication": 1,
        "dataset": 0,
    }


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ("image", {"photo", "plot"}),
        ("image::image-photo", {"photo"}),
        (["image::image-photo", "dataset"], {"photo", "dataset"}),
        (["image", "image::image-plot"], {"plot"}),
        (["image::image-plot", "image::image-photo"], {"photo", "plot"}),
        ("dataset::image-photo", set()),
        ("nothing", set()),
    ],
)
def test_a_facet_leaves_what_has_one_of_its_values(
    ada: User, mine: str, pids: dict[str, str], chosen: Any, left: set[str]
) -> None:
    """A type is all that are kinds of it, but beside one of these."""
    assert set(found(ada.client, mine, resource_type=chosen)) == {pids[name] for name in left}


def test_its_own_choice_does_not_narrow_a_facet(ada: User, mine: str, pids: dict[str, str]) -> None:
    """But it does the others, and those it."""
    chosen = {"resource_type": "image::image-photo"}
    shown = search(ada.client, mine, **chosen)["aggregations"]

    image = next(each for each in shown["resource_type"]["buckets"] if each["key"] == "image")
    selected = {each["key"] for each in image["inner"]["buckets"] if each["is_selected"]}
    assert (selected, image["doc_count"], len(shown["resource_type"]["buckets"])) == (
        {"image-photo"},
        2,
        3,
    )
    assert counts(ada.client, "languages", mine, **chosen) == {"dan": 1, "eng": 1}
    assert counts(ada.client, "resource_type", mine, languages="dan") == {"image": 1}
    both = {"languages": ["dan", "eng"], "access_status": "metadata-only"}
    assert set(found(ada.client, mine, **both)) == {pids["photo"], pids["plot"]}
    assert found(ada.client, mine, languages="eng", resource_type="dataset") == []


def test_every_facet_counts_values_and_filters_by_them(
    ada: User, mine: str, pids: dict[str, str]
) -> None:
    """Years are of the publication's beginning; values are called something."""
    shown = search(ada.client, mine)["aggregations"]

    assert {name: {each["label"] for each in shown[name]["buckets"]} for name in shown} == {
        "resource_type": {"Image", "Publication", "Dataset"},
        "access_status": {"Metadata-only", "Restricted"},
        "languages": {"Danish", "English"},
        "publication_date": {"1999", "2020"},
        "file_type": set(),
    }
    assert counts(ada.client, "publication_date", mine) == {"2020": 3, "1999": 1}
    assert found(ada.client, mine, publication_date="1999") == [pids["dataset"]]
    assert found(ada.client, mine, access_status="restricted") == [pids["article"]]
    assert len(found(ada.client, mine, publication_date=["1999", "2020"])) == 4


def test_values_are_called_what_the_vocabulary_says_in_the_asker_s_language(
    server: Running, ada: User
) -> None:
    """At the moment; in English where it has no other name."""
    mine = word()
    titles = {"en": "Elvish", "de": "Elbisch"}
    terms.put(server, {Ref("languages", mine): Content(title=titles)})
    record(ada.client, mine, languages=[{"id": mine}, {"id": "eng"}])

    headers = {"Accept-Language": "de-AT,de;q=0.9"}
    german = ada.client.get(RECORDS, params={"q": mine}, headers=headers)
    by_ln = search(ada.client, mine, ln="de")

    assert german.headers["Vary"] == "Accept, Accept-Language"
    for shown in (german.json()["aggregations"], by_ln["aggregations"]):
        labels = {each["label"] for each in shown["languages"]["buckets"]}
        assert labels == {"Elbisch", "English"}
        assert shown["resource_type"]["buckets"][0]["label"] == "Image"


def test_only_what_the_asker_may_see_is_counted(
    ada: User, bob: User, mine: str, pids: dict[str, str]
) -> None:
    """In each facet, with and without a choice."""
    assert counts(bob.client, "resource_type", mine) == {"image": 2, "dataset": 1}
    assert counts(bob.client, "access_status", mine, publication_date="2020") == {
        "metadata-only": 2
    }
    assert found(bob.client, mine, access_status="restricted") == []
    assert counts(ada.client, "resource_type", mine)["publication"] == 1


@pytest.mark.parametrize(
    "value", ["x", "%", "_____", "-1", "9" * 30, "\\", "'", "{}", "a\0b", "::"]
)
@pytest.mark.parametrize("path", [RECORDS, "/api/user/records"])
def test_odd_values_are_none_of_any_record(ada: User, path: str, value: str) -> None:
    """Of no facet, nor many of them."""
    for facet in ("resource_type", "access_status", "languages", "publication_date", "file_type"):
        answer = ada.client.get(path, params={facet: [value, *(f"{value}{n}" for n in range(50))]})
        assert answer.status_code == 200, answer.text
        assert answer.json()["hits"]["total"] == 0


def test_types_of_files_are_told_by_the_ends_of_their_names(ada: User) -> None:
    """In lower case, each once a record."""
    other = word()
    pid = filing.begun(ada.client)
    sent = filing.with_files() | {"metadata": making.METADATA | {"title": other}}
    ada.client.put(f"{RECORDS}/{pid}/draft", json=sent)
    for key in ("a.CSV", "b.csv", "c.tar.gz", "README"):
        filing.add(ada.client, pid, key, key.encode())
    making.publish(ada.client, pid)

    shown = search(ada.client, other)["aggregations"]["file_type"]["buckets"]

    assert {(each["key"], each["label"]) for each in shown} == {("csv", "CSV"), ("gz", "GZ")}
    assert counts(ada.client, "access_status", other) == {"open": 1}
    assert found(ada.client, other, file_type="csv") == [pid]
    assert found(ada.client, other, file_type="README") == []


def test_types_of_files_that_are_closed_are_told_to_who_may_list_them_alone(
    server: Running, ada: User, bob: User, nobody: httpx.Client
) -> None:
    """Neither counted nor a filter for others, with words or without, until an embargo ends."""
    type_ = f"x{uuid4().hex[:12]}"
    closed = {"record": "public", "files": "restricted"}
    pid = filing.filed(ada.client, f"secret.{type_}", access=closed)

    def told(asker: httpx.Client) -> set[int]:
        shown = [search(asker, q, file_type=type_) for q in ("", f"id:{pid}", "romans")]
        counted = counts(asker, "file_type", f"id:{pid}")
        return {sum(counted.values()), *(each["hits"]["total"] for each in shown)}

    assert [told(each) for each in (ada.client, bob.client, nobody)] == [{1}, {0}, {0}]
    until = datetime.now(UTC) + timedelta(seconds=1.5)
    embargo = Access("public", "restricted", Embargo(until))
    asking.decide(server, ada.name, change_access, pid, embargo)
    assert [told(each) for each in (ada.client, nobody)] == [{1}, {0}]
    time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()) + 0.05)
    assert [told(each) for each in (ada.client, bob.client, nobody)] == [{1}, {1}, {1}]


def change_access(session: Session, pid: str, to: Access) -> None:
    """Put a record under an embargo that ends at any instant: doors know days."""
    record = session.find(Record, id=record_id(pid))
    assert record is not None
    event = record.change_access(to)
    assert event is not None
    session.change(record, event)


def test_links_keep_what_was_chosen(ada: User, mine: str, pids: dict[str, str]) -> None:
    """All of it, page by page."""
    chosen = {"languages": ["dan", "eng"], "resource_type": "image"}
    first = search(ada.client, mine, size=1, **chosen)

    second = ada.client.get(first["links"]["next"]).json()

    ids = {each["id"] for page in (first, second) for each in page["hits"]["hits"]}
    assert ids == {pids["photo"], pids["plot"]}
    assert "next" not in second["links"]
