"""What a record refers to is shown with what the vocabularies say, in the reader's language too."""

from __future__ import annotations

from typing import Any

from domain.schemas import rdm
from domain.schemas.rdm.words import localised
from tests.domain.rdm.records import CERN, FULL, SUBJECT, BuiltIn, show


def _shown() -> dict[str, Any]:
    return show(rdm.load(FULL, BuiltIn()).stored)


def _record(**parts: Any) -> dict[str, Any]:
    return {"metadata": _shown(), **parts}


def test_every_reference_is_shown_with_its_title() -> None:
    """Roles, types, languages and relations alike."""
    shown = _shown()
    titled = [
        shown["resource_type"],
        shown["creators"][0]["role"],
        shown["contributors"][0]["role"],
        shown["additional_titles"][0]["type"],
        shown["additional_titles"][0]["lang"],
        shown["additional_descriptions"][0]["type"],
        shown["additional_descriptions"][0]["lang"],
        shown["dates"][0]["type"],
        *shown["languages"],
        shown["related_identifiers"][0]["relation_type"],
        shown["related_identifiers"][0]["resource_type"],
    ]

    assert all(each.keys() == {"id", "title"} and each["title"]["en"] for each in titled)


def test_organisations_subjects_and_licences_are_shown_by_what_they_are_called() -> None:
    """Those of one's own are shown as they were given."""
    shown = _shown()

    assert shown["creators"][0]["affiliations"] == [
        {"id": "01ggx4157", "name": CERN},
        {"name": "Analytical Society"},
    ]
    assert shown["funding"][0]["funder"] == {"id": "01ggx4157", "name": CERN}
    assert shown["subjects"] == [
        {"id": SUBJECT, "subject": "Abdominal Injuries", "scheme": "MeSH"},
        {"subject": "engines"},
    ]
    own, chosen = shown["rights"]
    assert own == FULL["rights"][0]
    assert chosen["title"]["en"] == "Creative Commons Attribution 4.0 International"
    assert chosen["props"]["scheme"] == "spdx"


def test_what_the_vocabularies_no_longer_know_is_shown_by_its_id() -> None:
    """A published record stays readable."""
    assert rdm.dereference({"resource_type": {"id": "gone"}}, {}) == {
        "resource_type": {"id": "gone"}
    }


def test_the_references_of_a_record_are_known_before_it_is_shown() -> None:
    """To be looked up together, for a page of records too."""
    assert rdm.references({"languages": [{"id": "dan"}, {"id": "eng"}], "title": "X"}) == {
        ("languages", "dan"),
        ("languages", "eng"),
    }


def test_a_text_is_in_the_readers_language_or_in_english() -> None:
    """A language with a region falls back to the language."""
    texts = {"da": "Dansk", "en": "Danish"}

    assert [localised(texts, each) for each in ("da", "da_DK", "da-DK", "fr")] == [
        "Dansk",
        "Dansk",
        "Dansk",
        "Danish",
    ]
    assert localised({"da": "Dansk"}, "fr") == "Dansk"
    assert localised({}, "fr") is None


def test_the_interface_says_dates_in_words() -> None:
    """Those of the record and that of its publication."""
    ui = rdm.interface(_record(created="2020-11-27T10:52:23.945755+00:00"), "en")

    assert ui["created_date_l10n_long"] == "November 27, 2020"
    assert ui["publication_date_l10n_medium"] == "Jan 2018\u2009\u2013\u2009Sep 2020"
    assert ui["publication_date_l10n_long"] == "January 2018\u2009\u2013\u2009September 2020"


def test_the_interface_numbers_affiliations() -> None:
    """Each once, in the order of the people."""
    ui = rdm.interface(_record(), "en")

    assert ui["creators"]["affiliations"] == [
        [1, CERN, "01ggx4157"],
        [2, "Analytical Society", None],
    ]
    assert ui["creators"]["creators"][0]["affiliations"] == [[1, CERN], [2, "Analytical Society"]]
    assert ui["creators"]["creators"][0]["role"] == {"id": "editor", "title": "Editor"}


def test_the_interface_has_one_title_a_term() -> None:
    """In the reader's language."""
    ui = rdm.interface(_record(), "da")

    assert ui["resource_type"] == {"id": "image-photo", "title_l10n": "Photo"}
    assert ui["languages"][0]["title_l10n"] == "Danish"
    assert ui["additional_titles"][0]["type"]["id"] == "alternative-title"
    assert "title_l10n" in ui["rights"][1]


def test_the_interface_has_the_description_without_markup() -> None:
    """For lists and previews."""
    assert rdm.interface(_record(), "en")["description_stripped"] == "Notes with markup"


def test_the_interface_names_the_version() -> None:
    """By its number when it has no name of its own."""
    unnamed = {"metadata": {}, "versions": {"index": 3}}

    assert rdm.interface(_record(versions={"index": 3}), "en")["version"] == "v1.0"
    assert rdm.interface(unnamed, "en")["version"] == "v3"


def test_the_interface_says_who_may_see_the_record() -> None:
    """And from when on, under an embargo."""
    embargo = {"active": True, "until": "2131-01-01", "reason": None}
    access = {"record": "public", "files": "restricted", "embargo": embargo, "status": "embargoed"}
    ui = rdm.interface(_record(access=access, files={"enabled": True}), "en")

    assert ui["access_status"] == {
        "id": "embargoed",
        "title_l10n": "Embargoed",
        "description_l10n": "Everyone may see the files from January 1, 2131 on.",
        "icon": "outline clock",
        "embargo_date_l10n": "January 1, 2131",
        "message_class": "warning",
    }
