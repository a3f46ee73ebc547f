"""The rules of each field. Source: the InvenioRDM specification, 5."""

from __future__ import annotations

from typing import Any

import pytest

from domain.schemas import rdm
from tests.domain.rdm.records import BuiltIn, load, wrong

REQUIRED = "Missing data for required field."


def _person(**given: Any) -> dict[str, Any]:
    return {"person_or_org": {"type": "personal", "family_name": "Lovelace", **given}}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"family_name": "Lovelace", "given_name": "Ada"}, "Lovelace, Ada"),
        ({"family_name": "Lovelace"}, "Lovelace"),
        ({"family_name": "Lovelace", "name": "Somebody Else"}, "Lovelace"),
    ],
)
def test_a_persons_name_is_computed(given: dict[str, str], name: str) -> None:
    """Whatever came as the name."""
    loaded = load(creators=[{"person_or_org": {"type": "personal", **given}}])

    assert loaded.errors == ()
    assert loaded.stored["creators"][0]["person_or_org"]["name"] == name


def test_a_person_without_a_family_name_keeps_the_name_that_was_sent() -> None:
    """It is named as missing; what the sender typed is not lost."""
    loaded = load(creators=[{"person_or_org": {"type": "personal", "name": "Ada"}}])

    assert wrong(loaded) == {
        "metadata.creators.0.person_or_org.family_name": "Family name cannot be blank."
    }
    assert loaded.stored["creators"][0]["person_or_org"]["name"] == "Ada"


def test_an_organisation_has_a_name_and_no_parts_of_one() -> None:
    """Given and family names are dropped in silence."""
    org = {"type": "organizational", "name": "Engine Works", "family_name": "Works"}
    loaded = load(creators=[{"person_or_org": org}, {"person_or_org": {"type": "organizational"}}])

    assert wrong(loaded) == {"metadata.creators.1.person_or_org.name": "Name cannot be blank."}
    assert loaded.stored["creators"][0]["person_or_org"] == {
        "type": "organizational",
        "name": "Engine Works",
    }


@pytest.mark.parametrize("given", [{"family_name": "L"}, {"type": "robot", "family_name": "L"}])
def test_a_creator_is_a_person_or_an_organisation(given: dict[str, str]) -> None:
    """There is no third."""
    assert wrong(load(creators=[{"person_or_org": given}])) == {
        "metadata.creators.0.person_or_org.type": (
            "Invalid value. Choose one of ['organizational', 'personal']."
        )
    }


def test_a_contributor_has_a_role_and_a_creator_may_have_one() -> None:
    """Of their own vocabularies."""
    loaded = load(creators=[{**_person(), "role": {"id": "editor"}}], contributors=[_person()])

    assert wrong(loaded) == {"metadata.contributors.0.role": REQUIRED}


def test_an_affiliation_is_chosen_or_named_and_there_once() -> None:
    """The id wins; duplicates are named and left out."""
    affiliations = [{"id": "01ggx4157", "name": "Ours"}, {"name": "X"}, {"name": "X"}, {"name": ""}]
    loaded = load(creators=[{**_person(), "affiliations": affiliations}])

    assert loaded.stored["creators"][0]["affiliations"] == [{"id": "01ggx4157"}, {"name": "X"}]
    assert wrong(loaded) == {
        "metadata.creators.0.affiliations": "Duplicated affiliations.",
        "metadata.creators.0.affiliations.3": (
            "An existing id or a free text name must be present."
        ),
    }


@pytest.mark.parametrize("name", ["additional_titles", "additional_descriptions"])
def test_another_title_or_description_says_of_which_type_it_is(name: str) -> None:
    """Its language may be left out."""
    text = name.removeprefix("additional_").removesuffix("s")
    types = {"title": "subtitle", "description": "methods"}
    loaded = load(**{name: [{text: "On engines", "type": {"id": types[text]}}, {text: "No"}]})

    assert wrong(loaded) == {
        f"metadata.{name}.1.{text}": "Shorter than minimum length 3.",
        f"metadata.{name}.1.type": REQUIRED,
    }
    assert len(loaded.stored[name]) == 1


TYPES_OF_DATES = """
    accepted available collected copyrighted created issued other submitted updated valid withdrawn
"""


@pytest.mark.parametrize("kind", TYPES_OF_DATES.split())
def test_a_date_is_of_a_type(kind: str) -> None:
    """Those of DataCite."""
    loaded = load(dates=[{"date": "1939-09-01/1945-09", "type": {"id": kind}}, {"date": "1939"}])

    assert wrong(loaded) == {"metadata.dates.1.type": REQUIRED}


def test_languages_are_those_of_iso_639_3() -> None:
    """Not of its shorter sisters."""
    assert wrong(load(languages=[{"id": "dan"}, {"id": "da"}])) == {
        "metadata.languages.1.id": "Invalid value da."
    }


def test_a_licence_is_chosen_or_ones_own() -> None:
    """Never both, never neither; a link is one that can be followed."""
    rights: list[Any] = [
        {"id": "cc-by-4.0"},
        {"title": {"en": "Ours"}, "link": "https://example.org"},
        {"id": "cc-by-4.0", "title": {"en": "Ours"}},
        {"description": {"en": "Ask"}},
        {"title": {"en": "Ours", "de": "Unseres"}},
        {"title": {"en": "Ours"}, "link": "javascript:alert(1)"},
        {"title": "Ours"},
    ]
    loaded = load(rights=rights)

    assert wrong(loaded) == {
        "metadata.rights.2": (
            "Only an existing id or free text title/description/link is accepted, "
            "but not both cases at the same time"
        ),
        "metadata.rights.3": "An existing id or a free text title must be present.",
        "metadata.rights.4.title": "Only one value is accepted.",
        "metadata.rights.5.link": "Not a valid URL.",
        "metadata.rights.6.title": "Not a valid mapping type.",
    }
    assert loaded.stored["rights"][:2] == rights[:2]


def test_a_subject_is_chosen_or_free() -> None:
    """One of the two."""
    loaded = load(subjects=[{"subject": "engines"}, {}, {"id": "http://nowhere"}])

    assert wrong(loaded) == {
        "metadata.subjects.1": "An existing id or a free text subject must be present.",
        "metadata.subjects.2.id": "Invalid value http://nowhere.",
    }
    assert loaded.stored["subjects"] == [{"subject": "engines"}]


def test_a_related_identifier_says_how_it_is_related() -> None:
    """What it is may be left out; a wrong pair goes, the relation stays."""
    related = [
        {"identifier": "10.1234/x", "relation_type": {"id": "cites"}},
        {"identifier": "10.1234/x"},
        {"identifier": "nonsense", "scheme": "doi", "relation_type": {"id": "cites"}},
        {"relation_type": {"id": "cites"}},
    ]
    loaded = load(related_identifiers=related)

    assert wrong(loaded) == {
        "metadata.related_identifiers.1.relation_type": REQUIRED,
        "metadata.related_identifiers.2.identifier": "Invalid DOI identifier.",
        "metadata.related_identifiers.3.identifier": REQUIRED,
    }
    assert loaded.stored["related_identifiers"][2] == {"relation_type": {"id": "cites"}}


def test_funding_names_who_or_what() -> None:
    """A funder by id or name; an award with title and number."""
    award = {"title": {"en": "Engines"}, "number": "7"}
    funding: list[Any] = [
        {"funder": {"id": "01ggx4157"}, "award": award},
        {"funder": {"name": "A patron"}},
        {},
        {"award": {"number": "7"}},
    ]
    loaded = load(funding=funding)

    assert wrong(loaded) == {
        "metadata.funding.2": "At least award or funder should be present.",
        "metadata.funding.3.award": "An existing id or number/title must be present.",
    }
    assert loaded.stored["funding"][:2] == funding[:2]


@pytest.mark.parametrize(
    ("geometry", "fault"),
    [
        ({"type": "Point", "coordinates": [1, 2]}, None),
        ({"type": "Point", "coordinates": [1.5, 2, 3]}, None),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, None),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}, None),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1]]]}, "coordinates"),
        ({"type": "Point", "coordinates": [1]}, "coordinates"),
        ({"type": "Point", "coordinates": [True, 2]}, "coordinates"),
        ({"type": "Point", "coordinates": "1,2"}, "coordinates"),
        ({"type": "Point"}, "coordinates"),
        ({"type": "Blob", "coordinates": [1, 2]}, "type"),
        ({"coordinates": [1, 2]}, "type"),
    ],
)
def test_a_geometry_is_geojson(geometry: Any, fault: str | None) -> None:
    """Points and polygons of positions; a fault is named at the member that is wrong."""
    loaded = load(locations={"features": [{"geometry": geometry}]})

    where = "metadata.locations.features.0.geometry"
    assert list(wrong(loaded)) == ([f"{where}.{fault}"] if fault else [])


def test_a_place_is_one_of_four_things() -> None:
    """At least."""
    features = [{"place": "Rosario"}, {"description": "A town"}, {}]
    features_of = load(locations={"features": features})

    assert wrong(features_of) == {
        "metadata.locations.features.2": (
            "At least one of ['geometry', 'place', 'identifiers', 'description'] must be present."
        )
    }


def test_a_reference_has_a_text() -> None:
    """An identifier, too, if there is one."""
    references = [{"reference": "Babbage 1837"}, {"identifier": "10.1234/x"}]

    assert wrong(load(references=references)) == {"metadata.references.1.reference": REQUIRED}


@pytest.mark.parametrize("name", ["sizes", "formats"])
def test_sizes_and_formats_are_not_blank(name: str) -> None:
    """Blanks alone are blank."""
    message = {"sizes": "Size", "formats": "Format"}[name] + " cannot be a blank string."

    assert wrong(load(**{name: ["x", "  "]})) == {f"metadata.{name}.1": message}


def test_a_text_has_no_blanks_around_it_and_no_characters_that_nobody_means() -> None:
    """Within it line breaks and every script stay."""
    loaded = load(title=" \u200bÄ\x07 b\nc\ud800 ")

    assert loaded.stored["title"] == "Ä b\nc"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>Hi <script>alert(1)</script>there</p>", "<p>Hi there</p>"),
        ('<p onclick="x()" style="color:red">Hi</p>', "<p>Hi</p>"),
        ('<a href="javascript:x()">Hi</a>', "<a>Hi</a>"),
        ('<a href="https://x.org/">Hi</a>', '<a href="https://x.org/">Hi</a>'),
        ("<math><mi>x+y</mi></math><p>Hi</p>", "<p>Hi</p>"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("<ul><li><em>x</em> <sub>2</sub></li></ul>", "<ul><li><em>x</em> <sub>2</sub></li></ul>"),
    ],
)
def test_html_is_made_harmless(given: str, kept: str) -> None:
    """What may stay stays as it was."""
    assert load(description=given).stored["description"] == kept


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 5_001,
        "".join(f"<b x={n}>" for n in range(400)) + "<p>" * 400,
        "<p " + " ".join(f"a{n}" for n in range(5_000)) + ">Hi</p>",
        '<p ="b=">' + " ".join(f"a{n}" for n in range(5_000)) + ">Hi</p>",
        "<i>" + "x" * 100_000 + "</i>",
    ],
    ids=["deep", "reopened", "attributes", "hidden attributes", "long"],
)
def test_html_that_would_take_long_to_read_is_refused(markup: str) -> None:
    """Named as too much; the rest of the record is kept."""
    loaded = load(description=markup)

    assert wrong(loaded)["metadata.description"].startswith("Too much HTML")
    assert loaded.stored["title"] == "A Romans story"


def test_ten_thousand_creators_are_read() -> None:
    """None is lost."""
    metadata = {**load().stored, "creators": [_person(given_name=str(n)) for n in range(10_000)]}

    assert len(rdm.load(metadata, BuiltIn()).stored["creators"]) == 10_000
