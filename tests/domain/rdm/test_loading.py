"""What is valid is kept, everything wrong is named, and what was kept is kept again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.schemas import rdm
from tests.domain.rdm.records import CERN, FULL, SEED, BuiltIn, load, show, wrong

ABSENT = {  # what is still said of metadata of which only the valid part is left
    "Missing data for required field.",
    "Family name cannot be blank.",
    "Name cannot be blank.",
    "Invalid value. Choose one of ['organizational', 'personal'].",
    "An existing id or a free text name must be present.",
    "An existing id or a free text subject must be present.",
    "An existing id or a free text title must be present.",
    "An existing id or number/title must be present.",
    "At least award or funder should be present.",
    "At least one of ['geometry', 'place', 'identifiers', 'description'] must be present.",
}


def test_the_seeds_example_is_stored_and_shown_as_the_seed_shows_it() -> None:
    """Names are computed, and an affiliation is called what the vocabulary calls it."""
    loaded = load()

    assert loaded.errors == ()
    shown = show(loaded.stored)
    assert shown["resource_type"] == {"id": "image-photo", "title": {"en": "Photo"}}
    assert shown["creators"][0]["person_or_org"]["name"] == "Brown, Troy"
    assert shown["creators"][1] == {
        "person_or_org": SEED["creators"][1]["person_or_org"],
        "affiliations": [{"id": "01ggx4157", "name": CERN}],
    }
    assert (shown["title"], shown["publication_date"]) == ("A Romans story", "2020-06-01")


def test_a_record_with_every_field_has_no_fault() -> None:
    """Nothing of it is lost either."""
    loaded = rdm.load(FULL, BuiltIn())

    assert loaded.errors == ()
    assert loaded.stored.keys() == FULL.keys()


def test_everything_that_is_missing_is_named_at_once() -> None:
    """On every save; an empty body is a draft too."""
    assert wrong(rdm.load({}, BuiltIn())) == {
        "metadata.resource_type": "Missing data for required field.",
        "metadata.creators": "Missing data for required field.",
        "metadata.title": "Missing data for required field.",
        "metadata.publication_date": "Missing data for required field.",
    }


def test_what_is_wrong_is_left_out_and_the_rest_is_kept() -> None:
    """A creator without a family name keeps its affiliation, in its place."""
    creators = [
        {
            "person_or_org": {"type": "personal", "given_name": "Troy"},
            "affiliations": [{"name": "X"}],
        },
        SEED["creators"][0],
    ]
    loaded = load(title="No", publication_date="yesterday", creators=creators, sizes=["", "1 page"])

    assert wrong(loaded) == {
        "metadata.title": "Shorter than minimum length 3.",
        "metadata.publication_date": "Please provide a valid date or interval.",
        "metadata.creators.0.person_or_org.family_name": "Family name cannot be blank.",
        "metadata.sizes.0": "Size cannot be a blank string.",
    }
    assert "title" not in loaded.stored
    assert loaded.stored["creators"][0] == creators[0]
    assert loaded.stored["sizes"] == ["1 page"]


def test_unknown_metadata_is_named() -> None:
    """What no field is made for is not kept."""
    loaded = load(colour="red")

    assert wrong(loaded) == {"metadata.colour": "Unknown field."}
    assert "colour" not in loaded.stored


@pytest.mark.parametrize(
    ("name", "value", "path", "message"),
    [
        ("title", 5, "title", "Not a valid string."),
        ("title", [], "title", "Not a valid string."),
        ("creators", {}, "creators", "Not a valid list."),
        ("creators", [], "creators", "Missing data for required field."),
        ("creators", ["Ada"], "creators.0", "Invalid input type."),
        ("languages", [None], "languages.0", "Field may not be null."),
        ("resource_type", "image", "resource_type", "Invalid input type."),
        ("resource_type", {}, "resource_type.id", "Missing data for required field."),
        ("version", "9" * 192, "version", "Longer than maximum length 191."),
        ("description", "No", "description", "Shorter than minimum length 3."),
    ],
)
def test_a_fault_is_named_as_clients_know_it(
    name: str, value: Any, path: str, message: str
) -> None:
    """The path leads to the value, list indexes included."""
    assert wrong(load(**{name: value}))[f"metadata.{path}"] == message


def test_null_is_no_value() -> None:
    """Named, and nothing is kept."""
    loaded = rdm.load({**SEED, "publisher": None}, BuiltIn())

    assert wrong(loaded) == {"metadata.publisher": "Field may not be null."}


def test_a_reference_to_no_term_is_named_and_left_out() -> None:
    """The term's id is what is wrong; what stood beside the reference stays."""
    titles = [{"title": "On engines", "type": {"id": "nonsense"}}]
    loaded = load(resource_type={"id": "nothing"}, additional_titles=titles)

    assert wrong(loaded) == {
        "metadata.resource_type.id": "Invalid value nothing.",
        "metadata.additional_titles.0.type.id": "Invalid value nonsense.",
    }
    assert "resource_type" not in loaded.stored
    assert loaded.stored["additional_titles"] == [{"title": "On engines"}]


def test_the_vocabularies_are_asked_once() -> None:
    """However much a record refers to."""
    vocabulary = BuiltIn()

    rdm.load(FULL, vocabulary)

    assert vocabulary.asked == 1


@pytest.mark.parametrize("metadata", [SEED, FULL])
def test_what_is_shown_may_be_sent_back(metadata: dict[str, Any]) -> None:
    """A client that reads a draft and saves it again changes nothing."""
    loaded = rdm.load(metadata, BuiltIn())

    assert rdm.load(show(loaded.stored), BuiltIn()) == loaded


def test_no_more_than_a_thousand_faults_are_named() -> None:
    """An answer does not grow with what was sent."""
    assert len(rdm.load({"sizes": [""] * 5_000}, BuiltIn()).errors) == 1_000


def test_the_next_version_starts_without_date_and_version() -> None:
    """Everything else is as it was."""
    stored = rdm.load(FULL, BuiltIn()).stored

    assert stored.keys() - rdm.of_next_version(stored).keys() == {"publication_date", "version"}


def test_custom_fields_are_none() -> None:
    """No instance has defined any."""
    assert wrong(rdm.load_custom_fields({"cern:experiment": "LHC"})) == {
        "custom_fields.cern:experiment": "Unknown field."
    }


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["personal", "2020/2019", "10.1234/x", "<b>", "http://[", "url", "orcid"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "type", "title", "identifier", "scheme", "name"]) | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def _broken(value: Any) -> st.SearchStrategy[Any]:
    """Give metadata with anything in place of any part of it."""
    whole: st.SearchStrategy[Any]
    if isinstance(value, dict):
        whole = st.fixed_dictionaries({}, optional={k: _broken(v) for k, v in value.items()})
    elif isinstance(value, list):
        whole = st.lists(st.one_of(*map(_broken, value)), max_size=3)
    else:
        whole = st.just(value)
    return st.one_of(whole, whole, whole, JSON)


@given(st.one_of(JSON, _broken(FULL)))
def test_whatever_is_sent_is_answered_and_what_is_kept_is_kept_again(metadata: Any) -> None:
    """The second time only what is absent is missed."""
    loaded = rdm.load(metadata, BuiltIn())
    again = rdm.load(loaded.stored, BuiltIn())

    assert again.stored == loaded.stored
    assert {fault.message for fault in again.errors} <= ABSENT
    rdm.interface({"metadata": show(loaded.stored)}, "en")
