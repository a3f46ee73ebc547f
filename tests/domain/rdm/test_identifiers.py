"""Identifiers: their forms, their check digits, and their schemes when nobody says them."""

from __future__ import annotations

import idutils
import pytest

from domain.schemas.rdm.identifiers import OF_PERSONS, OF_WORKS, recognise
from tests.domain.rdm.records import load, wrong

WORKS = {  # scheme → an identifier as it is stored
    "ark": "ark:/123/456",
    "arxiv": "arXiv:1310.2590",
    "ads": "1924MNRAS..84..308E",
    "crossreffunderid": "100000001",
    "doi": "10.1234/foo.bar",
    "ean13": "4006381333931",
    "eissn": "1562-6865",
    "grid": "grid.9132.9",
    "handle": "10013/epic.10033",
    "igsn": "SSH000SUA",
    "isbn": "978-3-905673-82-1",
    "isni": "0000 0001 1456 7559",
    "issn": "1562-6865",
    "istc": "0A9-2002-12B4A105-7",
    "lissn": "1562-6865",
    "lsid": "urn:lsid:ubio.org:namebank:11815",
    "pmid": "12082125",
    "purl": "http://purl.oclc.org/foo/bar",
    "upc": "123456789104",
    "url": "https://example.org/",
    "urn": "urn:nbn:de:101:1-201102033592",
    "w3id": "https://w3id.org/x",
    "other": "anything",
}


def _persons(identifier: str, scheme: str = "") -> dict[str, str]:
    given = {"identifier": identifier, **({"scheme": scheme} if scheme else {})}
    org = {"type": "organizational", "name": "X", "identifiers": [given]}
    loaded = load(creators=[{"person_or_org": org}])
    kept = loaded.stored["creators"][0]["person_or_org"].get("identifiers", [{}])[0]
    return kept or wrong(loaded)


@pytest.mark.parametrize("scheme", sorted(OF_WORKS))
def test_a_work_is_identified_by_its_scheme(scheme: str) -> None:
    """Each of those there are; the bare form is stored as it is."""
    given = [{"identifier": WORKS[scheme], "scheme": scheme}]
    loaded = load(identifiers=given)

    assert (loaded.errors, loaded.stored["identifiers"]) == ((), given)


@pytest.mark.parametrize(
    ("given", "scheme", "bare"),
    [
        ("https://orcid.org/0000-0002-1825-0097", "orcid", "0000-0002-1825-0097"),
        ("0000000218250097", "orcid", "0000-0002-1825-0097"),
        ("https://ror.org/01ggx4157", "ror", "01ggx4157"),
        ("https://isni.org/isni/0000000121032683", "isni", "0000000121032683"),
        ("https://d-nb.info/gnd/4079154-3", "gnd", "gnd:4079154-3"),
        ("gnd:4079154-3", "gnd", "gnd:4079154-3"),
    ],
)
def test_whoever_is_identified_by_a_url_is_stored_by_the_bare_id(
    given: str, scheme: str, bare: str
) -> None:
    """With the scheme given, in capitals too, or recognised."""
    stored = {"identifier": bare, "scheme": scheme}

    assert _persons(given) == _persons(given, scheme.upper()) == stored


@pytest.mark.parametrize(
    ("given", "scheme", "label"),
    [
        ("0000-0002-1825-0098", "orcid", "ORCID"),
        ("0000 0001 1456 7558", "isni", "ISNI"),
        ("01ggx4158", "ror", "ROR"),
        ("4079154-3 and more", "gnd", "GND"),
        ("9999-9999-9999-9999", "orcid", "ORCID"),
    ],
)
def test_check_digits_are_checked(given: str, scheme: str, label: str) -> None:
    """A digit mistyped is named."""
    where = "metadata.creators.0.person_or_org.identifiers.0.identifier"

    assert _persons(given, scheme) == {where: f"Invalid {label} identifier."}


def test_a_scheme_is_one_of_the_fields() -> None:
    """Persons have no DOI, and nothing has a scheme that does not exist."""
    where = "metadata.creators.0.person_or_org.identifiers.0.scheme"

    assert _persons("10.1234/x", "doi") == {where: "Invalid scheme."}
    assert _persons("10.1234/x") == {where: "No valid scheme recognized for identifier."}


def test_a_person_has_one_identifier_of_a_scheme() -> None:
    """The first is kept."""
    two = [{"identifier": "0000-0002-1825-0097"}, {"identifier": "0000-0001-8135-3489"}]
    person = {"type": "personal", "family_name": "X", "identifiers": two}
    loaded = load(creators=[{"person_or_org": person}])

    assert wrong(loaded) == {
        "metadata.creators.0.person_or_org.identifiers": (
            "Only one identifier per scheme is allowed."
        )
    }
    kept = loaded.stored["creators"][0]["person_or_org"]["identifiers"]
    assert kept == [{"identifier": "0000-0002-1825-0097", "scheme": "orcid"}]


def test_a_record_has_each_identifier_once() -> None:
    """Two of one scheme it may have, in whatever form they came."""
    given = ["10.1234/x", "https://doi.org/10.1234/x", "10.1234/y"]
    loaded = load(identifiers=[{"identifier": each} for each in given])

    assert wrong(loaded) == {"metadata.identifiers": "Duplicated identifier entry is not allowed."}
    assert [each["identifier"] for each in loaded.stored["identifiers"]] == [
        "10.1234/x",
        "10.1234/y",
    ]


@pytest.mark.parametrize("scheme", sorted(OF_WORKS - {"purl"}))
def test_a_work_is_recognised_as_the_library_recognises_it(scheme: str) -> None:
    """The first of its schemes that a record may have."""
    identifier = WORKS[scheme]
    of_library = [s for s in idutils.detect_identifier_schemes(identifier) if s in OF_WORKS]

    assert recognise(identifier, OF_WORKS) == (of_library[0] if of_library else None)


@pytest.mark.parametrize("identifier", ["0000-0002-1825-0097", "01ggx4157", "gnd:4079154-3"])
def test_a_person_is_recognised_as_the_library_recognises_them(identifier: str) -> None:
    """An ORCID is an ISNI, too, and is taken for an ORCID."""
    of_library = [s for s in idutils.detect_identifier_schemes(identifier) if s in OF_PERSONS]

    assert recognise(identifier, OF_PERSONS) == of_library[0]


@pytest.mark.parametrize(
    "identifier",
    ["javascript://x/%0aalert(1)", "http://[", "x" * 3_000, "10.1234/\nx", "\x00", ""],
)
def test_what_identifies_nothing_is_refused(identifier: str) -> None:
    """Whatever the library makes of it."""
    loaded = load(identifiers=[{"identifier": identifier, "scheme": "url"}])

    assert loaded.errors
    assert "identifiers" not in loaded.stored
