"""Subjects over HTTP: their ids may be URLs, and they are of schemes."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from domain.term import Content, Ref
from tests.api import asking
from tests.api.inveniordm import terms
from tests.api.inveniordm.making import V1
from tests.api.inveniordm.terms import listed, shown
from tests.running import Running

SUBJECTS = "/api/subjects"
MESH = "https://id.nlm.nih.gov/mesh"


@pytest.fixture(scope="module")
def word(server: Running) -> str:
    """A word that only the subjects of this module have, which are of three schemes."""
    word = asking.fresh("abdomen").replace("-", "")
    said = {
        f"{word}/o1": Content(subject=word, scheme="Other"),
        f"{MESH}/{word}1": Content(subject=f"Calcimycin {word}", scheme="MeSH"),
        f"{MESH}/{word}5": Content(subject=word, scheme="MeSH", title={"de": "Bauch"}),
        f"{MESH}/{word}6": Content(subject=f"{word}, Acute", scheme="MeSH"),
        f"{word}-y4": Content(subject=word, scheme="Other2"),
    }
    terms.put(server, {Ref("subjects", id_): content for id_, content in said.items()})
    return word


@pytest.mark.parametrize("safe", ["", "/", "/:", ":"])
def test_a_subject_is_found_by_an_id_that_is_a_url(
    server: Running, nobody: httpx.Client, word: str, safe: str
) -> None:
    """Percent-encoded or not; its link is, and leads to it."""
    id_ = f"{MESH}/{word}5"

    found = shown(nobody.get(f"{SUBJECTS}/{quote(id_, safe=safe)}"))

    for name in ("created", "updated", "revision_id"):
        assert found.pop(name)
    self = f"{server.url}{SUBJECTS}/{quote(id_, safe='')}"
    assert shown(nobody.get(self))["id"] == id_
    assert found == {
        "id": id_,
        "subject": word,
        "scheme": "MeSH",
        "title": {"de": "Bauch"},
        "links": {"self": self},
    }


def test_one_without_titles_is_shown_by_its_subject(nobody: httpx.Client, word: str) -> None:
    """In both media types."""
    path = f"{SUBJECTS}/{word}-y4"

    assert shown(nobody.get(path))["title"] == {"en": word}
    assert shown(nobody.get(path, headers={"Accept": V1})) == {
        "id": f"{word}-y4",
        "subject": word,
        "scheme": "Other2",
        "title_l10n": word,
    }


def test_subjects_are_listed_by_subject(nobody: httpx.Client, word: str) -> None:
    """Which `sort` may say, by either word."""
    assert nobody.get(SUBJECTS).json()["sortBy"] == "subject"
    sorted_ = listed(nobody.get(SUBJECTS, params={"q": word, "sort": "subject"}))
    assert sorted_[-1] == f"{MESH}/{word}1" or sorted_[0] == f"{MESH}/{word}1"
    assert listed(nobody.get(SUBJECTS, params={"q": word, "sort": "title"})) == sorted_


def test_suggestions_may_be_of_some_schemes_alone(nobody: httpx.Client, word: str) -> None:
    """Whose names go before a colon, whatever their case; more words narrow them down."""

    def suggested(text: str) -> list[str]:
        return [each.removeprefix(f"{MESH}/") for each in listed(_suggest(nobody, text))]

    assert len(suggested(word)) == 5
    assert suggested(f"MeSH:{word[:-1]}") == suggested(f"mesh: {word}")
    assert suggested(f"MeSH:{word}") == [f"{word}5", f"{word}6", f"{word}1"]
    assert len(suggested(f"MeSH,Other:{word}")) == 4
    assert suggested(f"Other:{word}") == [f"{word}/o1"]
    assert suggested(f"None:{word}") == []
    assert suggested(f"acute {word[:-1]}") == [f"{word}6"]
    assert suggested(f"{MESH}/{word}5")[0] == f"{word}5"
    assert f"{MESH}/{word}1" in listed(_suggest(nobody, "MeSH:"))


def test_a_query_may_be_of_a_scheme(nobody: httpx.Client, word: str) -> None:
    """Alone or with others; of a scheme there may be very many subjects."""

    def asked(q: str) -> set[str]:
        found = listed(nobody.get(SUBJECTS, params={"q": q, "size": 100}))
        return {each.removeprefix(f"{MESH}/") for each in found if word in each}

    assert asked("scheme:MeSH") == {f"{word}{number}" for number in (1, 5, 6)}
    assert asked("scheme:mes*") == asked("scheme:MeSH")
    assert asked(f"scheme:other AND {word}") == {f"{word}/o1"}
    assert asked(f"NOT scheme:mesh AND {word}") == {f"{word}/o1", f"{word}-y4"}


def _suggest(nobody: httpx.Client, text: str) -> httpx.Response:
    return nobody.get(SUBJECTS, params={"suggest": text, "size": 100})


@pytest.mark.parametrize("id_", ["tin", "https://tin//", "%FF", "a%2Fb%00"])
def test_there_are_no_others(nobody: httpx.Client, id_: str) -> None:
    """Whatever is asked for."""
    assert nobody.get(f"{SUBJECTS}/{id_}").status_code == 404
