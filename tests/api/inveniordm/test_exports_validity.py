"""Exports of records that say odd things, very many, or all that may be said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from datacite import schema45
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from api.exports import bibtex
from api.exports.exported import Source
from domain.commands import drafts
from domain.log import Session
from domain.manifest import ManifestContinued, ManifestStored, listed, manifest_id
from domain.schemas.rdm.identifiers import OF_PERSONS, OF_WORKS
from domain.values import Access, Content, FileEntry, FileOptions
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.exporting import (
    BIBTEX,
    DATACITE,
    DATACITE_XML,
    FORMS,
    JSON_LD,
    LINKSET,
    export,
    signs,
)
from tests.api.inveniordm.making import BROWN, RECORDS
from tests.api.oai import validating
from tests.running import Running

MANY = 1100  # files: more than are read at once, twice
WORKS = {
    "ark": "ark:/13030/tqb3kh97gh8w",
    "arxiv": "arXiv:1501.00001",
    "ads": "2011ApJS..192...18K",
    "crossreffunderid": "100010552",
    "doi": "10.1000.10/a(b)<c>",
    "ean13": "4006381333931",
    "eissn": "1562-6865",
    "grid": "grid.493784.5",
    "handle": "10013/epic.10033",
    "igsn": "IECUR0097",
    "isbn": "978-3-16-148410-0",
    "isni": "0000 0001 2103 2683",
    "issn": "0317-8471",
    "istc": "0A9-2002-12B4A105-7",
    "lissn": "1188-1534",
    "lsid": "urn:lsid:ubio.org:namebank:11815",
    "other": "anything at all",
    "pmid": "pmid:12082125",
    "purl": "http://purl.oclc.org/foo/bar",
    "upc": "123456789999",
    "url": "https://example.org/a",
    "urn": "urn:nbn:de:101:1-201102033592",
    "w3id": "https://w3id.org/games/spec/coil",
}
ODD = "{}\\\"'ab ,~@%&#$_^é-\n"
PERSONS = {
    "orcid": "0000-0002-1825-0097",
    "isni": "0000 0001 2103 2683",
    "gnd": "4079154-3",
    "ror": "03yrm5c26",
}
LEADING = {  # where these lead
    "https://orcid.org/0000-0002-1825-0097",
    "https://isni.org/isni/0000000121032683",
    "https://d-nb.info/gnd/4079154-3",
    "https://ror.org/03yrm5c26",
}


def named(pairs: dict[str, str], **more: Any) -> list[dict[str, Any]]:
    """Return identifiers with their schemes."""
    return [{"scheme": scheme, "identifier": each} | more for scheme, each in pairs.items()]


@pytest.fixture(scope="module")
def everything(ada: User) -> str:
    """A record with every scheme that there is, with what is said twice and what is nowhere."""
    twice = {"title": "Said twice", "type": {"id": "subtitle"}}
    creator = {
        "person_or_org": BROWN["person_or_org"] | {"identifiers": named(PERSONS)},
        "affiliations": [{"id": "01ggx4157"}, {"name": "A free one"}],
    }
    place = {"geometry": {"type": "Point", "coordinates": [200, 100]}, "place": "Nowhere"}
    said: dict[str, Any] = {
        "creators": [creator],
        "identifiers": named(WORKS),
        "related_identifiers": named(WORKS, relation_type={"id": "cites"}),
        "additional_titles": [twice, twice],
        "subjects": [{"subject": "tin"}, {"subject": "tin"}],
        "sizes": ["1 page", "1 page"],
        "formats": ["text/plain", "text/plain"],
        "dates": [{"date": "2019/2020-05", "type": {"id": "collected"}}] * 2,
        "rights": [{"id": "cc-by-4.0"}, {"title": {"en": "Ours"}}, {"title": {"en": "Ours"}}],
        "locations": {"features": [place, place]},
        "funding": [{"funder": {"id": "01ggx4157"}}, {"funder": {"name": "A fund"}}],
    }
    return str(making.record(ada.client, making.body(**said))["id"])


def test_every_scheme_makes_valid_datacite(nobody: httpx.Client, everything: str) -> None:
    """What DataCite has no word for is left out, or is of another type; nothing is said twice."""
    assert WORKS.keys() == OF_WORKS
    assert PERSONS.keys() == OF_PERSONS

    shown = export(nobody, everything, DATACITE).json()

    schema45.validator.validate(shown)
    types = {each["relatedIdentifierType"] for each in shown["relatedIdentifiers"]}
    assert {"DOI", "Handle", "w3id"} <= types
    assert not {"GRID", "ISNI", "Crossref Funder ID"} & types
    assert validating.faults(export(nobody, everything, DATACITE_XML).content) == []


def test_only_what_is_in_ror_is_said_to_be(nobody: httpx.Client, everything: str) -> None:
    """An affiliation that somebody wrote has a name alone; so has a funder."""
    shown = export(nobody, everything, DATACITE).json()

    ror = "https://ror.org/01ggx4157"
    free, known = sorted(shown["creators"][0]["affiliation"], key=lambda each: each["name"])
    assert free == {"name": "A free one"}
    assert (known["affiliationIdentifier"], known["affiliationIdentifierScheme"]) == (ror, "ROR")
    assert [each.get("funderIdentifier") for each in shown["fundingReferences"]] == [ror, None]


def test_who_made_it_is_found_where_he_is_registered(nobody: httpx.Client, everything: str) -> None:
    """The header and the link set have the same addresses, and JSON-LD has the first."""
    header = signs(nobody.get(f"/records/{everything}"))
    (page, *_) = export(nobody, everything, LINKSET).json()["linkset"]
    (creator,) = export(nobody, everything, JSON_LD).json()["creator"]

    assert {target for relation, target in header if relation == "author"} == LEADING
    assert {each["href"] for each in page["author"]} == LEADING
    assert creator["@id"] in LEADING
    assert ("cite-as", "https://doi.org/10.1000.10/a(b)%3Cc%3E") in header


@pytest.mark.parametrize("odd", ["a { b", "a } b", "{{ab", "a}} {b", "ab\\", r"a \{ b", "{a} b"])
def test_odd_braces_make_readable_bibtex(ada: User, odd: str) -> None:
    """In a title and in names, which stay one."""
    person = {"family_name": f"{odd} and, sons", "given_name": odd, "type": "personal"}
    creators = [
        {"person_or_org": person},
        {"person_or_org": {"name": odd, "type": "organizational"}},
    ]
    record = making.record(ada.client, making.body(title=odd, creators=creators))

    (entry,) = parse_string(
        export(ada.client, record["id"], BIBTEX).text, "bibtex"
    ).entries.values()

    assert entry.fields["year"] == "2020"
    assert len(entry.persons["author"]) == 2


@given(
    title=st.text(ODD, min_size=1).filter(str.strip),
    name=st.text(ODD, min_size=1),
    first=st.text(ODD),
)
def test_whatever_signs_make_readable_bibtex(title: str, name: str, first: str) -> None:
    """One entry, with as many authors as there are."""
    at, url = datetime.now(UTC), "http://localhost"
    person = {"type": "personal", "family_name": f"a{name}a", "given_name": first.strip()}
    creators = [{"person_or_org": person}, {"person_or_org": {"name": f"a{name}a"}}]
    said = {"metadata": {"title": title, "creators": creators}}
    source = Source("4d0ns-ntd89", url, url, url, at, at, orjson.dumps(said), True, {}, True)

    text = bibtex.as_text(source.exported()).decode()

    (entry,) = parse_string(text, "bibtex").entries.values()
    assert len(entry.persons["author"]) == 2


@pytest.mark.parametrize("media_type", FORMS)
def test_what_xml_cannot_hold_is_exported_in_every_form(
    server: Running, ada: User, action: int, media_type: str
) -> None:
    """Without those characters; the object of the other door keeps them."""
    number = asking.new_object(ada.client, action, '{"name": "A\\u000bB\\ufffe"}')
    pid = asking.pid_of(server, number)

    assert ("AB" if media_type != LINKSET else pid) in export(ada.client, pid, media_type).text


def test_a_header_of_links_has_a_bound(ada: User) -> None:
    """It begins with what is needed most; the link set has them all."""
    person = {"family_name": "Brown", "type": "personal", "identifiers": named(PERSONS)}
    said: dict[str, Any] = {
        "creators": [{"person_or_org": person | {"given_name": f"{n}"}} for n in range(60)],
        "rights": [{"title": {"en": "Ours"}, "link": f"https://example.org/{'x' * 2000}"}] * 3,
        "identifiers": named({"doi": "10.5281/zenodo.77"}),
    }
    pid = making.record(ada.client, making.body(**said))["id"]

    page = ada.client.get(f"/records/{pid}")

    assert len(page.headers["Link"]) <= 4096
    found = [relation for relation, _ in signs(page)]
    assert {"linkset", "describedby", "type", "cite-as", "author"} <= set(found)
    (whole, *_) = export(ada.client, pid, LINKSET).json()["linkset"]
    assert (len(whole["author"]), len(whole["license"])) == (240, 3)


@pytest.fixture(scope="module")
def many(server: Running, ada: User) -> str:
    """A record with many files."""
    pid = filing.begun(ada.client)
    file = filing.add(ada.client, pid, "first.txt")
    making.publish(ada.client, pid)
    ada.client.post(f"{RECORDS}/{pid}/draft")
    content = Content(file["sha256"], file["checksum"].removeprefix("md5:"), file["size"])

    def publish(session: Session) -> None:
        edited = drafts.edit(session, pid)
        manifest, pages = listed(FileEntry.of(f"{n:05}.txt", content) for n in range(MANY))
        stored = session.begin(
            manifest_id(manifest.digest), ManifestStored(manifest=manifest, files=pages[0])
        )
        for number, page in enumerate(pages[1:], 1):
            stored = session.change(stored, ManifestContinued(page=number, files=page))
        published = edited.record.publish_draft(
            edited.draft.document,
            schema_version=1,
            access=Access("public", "public"),
            manifest=manifest,
            options=FileOptions(),
        )
        session.change(edited.record, published)

    asking.decide(server, ada.name, publish)
    return pid


def test_all_files_are_named(nobody: httpx.Client, many: str) -> None:
    """By JSON-LD and by the link set, each once; sent as they are read."""
    shown = export(nobody, many, JSON_LD)
    (page, _, *files) = export(nobody, many, LINKSET).json()["linkset"]

    assert "Content-Length" not in shown.headers
    names = [each["name"] for each in shown.json()["distribution"]]
    assert names == [f"{n:05}.txt" for n in range(MANY)]
    addresses = [each["contentUrl"] for each in shown.json()["distribution"]]
    assert [each["href"] for each in page["item"]] == addresses
    assert [each["anchor"] for each in files] == addresses
    held = {"Accept": JSON_LD, "If-None-Match": shown.headers["ETag"]}
    assert nobody.get(f"{RECORDS}/{many}", headers=held).status_code == 304
    assert nobody.head(f"{RECORDS}/{many}", headers={"Accept": JSON_LD}).status_code == 200
