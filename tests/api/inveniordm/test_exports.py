"""Records in the forms that other systems read, checked by these forms' own schemas and readers."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from datacite import schema45
from pybtex.database import parse_string
from pyld import jsonld

from tests.api.asking import User
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.exporting import (
    BIBTEX,
    CSL,
    DATACITE,
    DATACITE_XML,
    DUBLIN_CORE,
    JSON_LD,
    export,
)
from tests.api.inveniordm.making import CLOSED, COLLINS, RECORDS

FULL: dict[str, Any] = {
    "title": "Römer & Söhne: 100 % <of> {braces}",
    "publication_date": "2020-06/2021",
    "resource_type": {"id": "publication-article"},
    "publisher": "CERN & partners",
    "version": "v1.2",
    "description": "<p>On <b>tin</b> and lead</p>",
    "languages": [{"id": "deu"}],
    "identifiers": [{"identifier": "10.5281/zenodo.1234", "scheme": "doi"}],
    "subjects": [{"subject": "Tin"}],
    "rights": [{"id": "cc-by-4.0"}],
    "contributors": [COLLINS | {"role": {"id": "editor"}}],
    "additional_titles": [{"title": "Other title", "type": {"id": "subtitle"}}],
    "dates": [{"date": "2019", "type": {"id": "collected"}, "description": "in the field"}],
    "related_identifiers": [
        {
            "identifier": "10.5281/zenodo.99",
            "scheme": "doi",
            "relation_type": {"id": "cites"},
            "resource_type": {"id": "dataset"},
        }
    ],
    "sizes": ["11 pages"],
    "formats": ["application/pdf"],
    "locations": {
        "features": [{"place": "Geneva", "geometry": {"type": "Point", "coordinates": [6.1, 46.2]}}]
    },
    "funding": [{"funder": {"name": "A fund"}, "award": {"number": "7", "title": {"en": "Tin"}}}],
}


@pytest.fixture(scope="module")
def full(ada: User) -> str:
    """A record that says all there is to say."""
    return str(making.record(ada.client, making.body(**FULL))["id"])


@pytest.fixture(scope="module")
def least(ada: User) -> str:
    """A record that says as little as may be published."""
    return str(making.record(ada.client)["id"])


@pytest.fixture(scope="module")
def foreign(ada: User, action: int) -> str:
    """An object of SampleDB's door."""
    made = ada.client.post(
        "/api/v1/objects/", json={"action_id": action, "data": {"name": "Mulheim"}}
    )
    assert made.status_code == 201
    (found,) = ada.client.get("/api/user/records", params={"q": "Mulheim"}).json()["hits"]["hits"]
    pid: str = found["id"]
    return pid


@pytest.mark.parametrize("which", ["full", "least"])
def test_datacite_is_valid(nobody: httpx.Client, which: str, request: Any) -> None:
    """By DataCite's own JSON schema, and in XML by the same library."""
    pid = request.getfixturevalue(which)
    shown = export(nobody, pid, DATACITE).json()

    schema45.validator.validate(shown)
    xml = ElementTree.fromstring(  # noqa: S314 - our own answer
        export(nobody, pid, DATACITE_XML).content
    )
    title = xml.find("{http://datacite.org/schema/kernel-4}titles/*")
    assert title is not None
    assert title.text == shown["titles"][0]["title"]


def test_datacite_says_what_the_record_says(nobody: httpx.Client, full: str) -> None:
    """People, roles, dates, licences and relations in DataCite's words."""
    shown = export(nobody, full, DATACITE).json()

    assert shown["titles"] == [
        {"title": FULL["title"]},
        {"title": "Other title", "titleType": "Subtitle"},
    ]
    assert (shown["doi"], shown["prefix"]) == ("10.5281/zenodo.1234", "10.5281")
    assert shown["publicationYear"] == "2020"
    assert shown["types"]["resourceTypeGeneral"] == "Text"
    assert shown["contributors"][0]["contributorType"] == "Editor"
    assert shown["contributors"][0]["nameIdentifiers"][0]["nameIdentifierScheme"] == "ORCID"
    assert shown["rightsList"][0]["rightsIdentifier"] == "cc-by-4.0"
    assert shown["relatedIdentifiers"][0]["relationType"] == "Cites"
    assert {"date": "2019", "dateType": "Collected", "dateInformation": "in the field"} in shown[
        "dates"
    ]


@pytest.mark.parametrize("which", ["full", "least"])
def test_json_ld_is_read_as_such(nobody: httpx.Client, which: str, request: Any) -> None:
    """By a processor of JSON-LD, with schema.org's words where nothing is fetched."""
    pid = request.getfixturevalue(which)
    shown = export(nobody, pid, JSON_LD).json()
    assert shown["@context"] == "http://schema.org"

    local = shown | {"@context": {"@vocab": "http://schema.org/"}}
    (expanded,) = jsonld.expand(local)

    assert expanded["@type"][0].startswith("http://schema.org/")
    (name,) = expanded["http://schema.org/name"]
    assert name["@value"] == nobody.get(f"{RECORDS}/{pid}").json()["metadata"]["title"]


@pytest.mark.parametrize("which", ["full", "least"])
def test_bibtex_is_read_back(nobody: httpx.Client, which: str, request: Any) -> None:
    """One entry, its key in ASCII, whatever signs the title has."""
    pid = request.getfixturevalue(which)
    text = export(nobody, pid, BIBTEX).text

    ((key, entry),) = parse_string(text, "bibtex").entries.items()

    assert re.fullmatch(r"[a-z0-9_-]+", key)
    assert key.endswith(pid)
    assert [str(each) for each in entry.persons["author"]] == ["Brown, Troy", "Collins, Thomas"]
    assert entry.fields["year"] == "2020"


def test_csl_has_authors_and_dates(nobody: httpx.Client, full: str) -> None:
    """An array of one item, dates in parts, no markup."""
    (item,) = export(nobody, full, CSL).json()

    assert item["author"][0] == {"family": "Brown", "given": "Troy"}
    assert item["issued"] == {"date-parts": [[2020, 6], [2021]]}
    assert (item["type"], item["DOI"]) == ("article-journal", "10.5281/zenodo.1234")
    assert item["abstract"] == "On tin and lead"


def test_dublin_core_has_all_its_elements(nobody: httpx.Client, full: str) -> None:
    """In OAI's container."""
    xml = ElementTree.fromstring(  # noqa: S314 - our own answer
        export(nobody, full, DUBLIN_CORE).content
    )
    found = {(each.tag.rpartition("}")[2], each.text) for each in xml}

    assert xml.tag == "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
    assert {
        ("title", FULL["title"]),
        ("creator", "Brown, Troy"),
        ("contributor", "Collins, Thomas"),
        ("publisher", "CERN & partners"),
        ("date", "2020-06/2021"),
        ("identifier", "doi:10.5281/zenodo.1234"),
        ("rights", "info:eu-repo/semantics/openAccess"),
    } <= found


def test_a_page_has_signs_for_machines(ada: User, nobody: httpx.Client) -> None:
    """Its authors, its files, its forms: each of these is there."""
    pid = filing.filed(ada.client, "a file.txt")

    links = nobody.get(f"/records/{pid}").links
    header = nobody.get(f"/records/{pid}").headers["Link"]
    by_relation = re.findall(r'<([^>]+)>; rel="([^"]+)"(?:; type="([^"]+)")?', header)

    assert ("https://orcid.org/0000-0002-1825-0097", "author", "") in by_relation
    assert ("https://schema.org/AboutPage", "type", "") in by_relation
    assert links["item"]["type"] == "text/plain"
    assert nobody.get(links["item"]["url"]).content == b"a file.txt"
    described = [each for each in by_relation if each[1] == "describedby"]
    assert len(described) == 6
    for url, _, media_type in described:
        assert nobody.get(url, headers={"Accept": media_type}).status_code == 200
    linkset = nobody.get(links["linkset"]["url"], headers={"Accept": links["linkset"]["type"]})
    (page, record, file) = linkset.json()["linkset"]
    assert page["item"][0]["href"] == file["anchor"]
    assert len(page["describedby"]) == 6
    assert record["describes"] == file["collection"]


def test_a_form_is_for_who_may_see_the_record(ada: User, bob: User) -> None:
    """Restricted records are exported to nobody else; their files are in no form."""
    pid = filing.filed(ada.client, "secret.txt", access=CLOSED)

    refused = bob.client.get(f"{RECORDS}/{pid}", headers={"Accept": DATACITE})
    assert refused.status_code == 403
    shown = export(ada.client, pid, JSON_LD).json()
    assert shown["isAccessibleForFree"] is False
    assert "distribution" not in shown


def test_a_form_that_holds_is_not_sent_again(nobody: httpx.Client, least: str) -> None:
    """304 for its own tag, which no other form has."""
    tags = {each: export(nobody, least, each).headers["ETag"] for each in (DATACITE, JSON_LD)}
    held = nobody.get(
        f"{RECORDS}/{least}", headers={"Accept": DATACITE, "If-None-Match": tags[DATACITE]}
    )

    assert held.status_code == 304
    assert len(set(tags.values())) == 2


def test_an_unknown_form_is_refused(nobody: httpx.Client, least: str) -> None:
    """406, in JSON."""
    answer = nobody.get(f"{RECORDS}/{least}", headers={"Accept": "application/pdf"})
    assert answer.status_code == 406


def test_what_another_door_made_is_exported_by_its_title(ada: User, foreign: str) -> None:
    """Valid, with what is not known named so."""
    shown = export(ada.client, foreign, DATACITE).json()

    schema45.validator.validate(shown)
    assert shown["titles"] == [{"title": "Mulheim"}]
    assert json.dumps(shown["creators"]) == '[{"name": ":unav"}]'
