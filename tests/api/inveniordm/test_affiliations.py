"""Affiliations over HTTP: what they have that other terms have not."""

from __future__ import annotations

import httpx
import pytest

from tests.api.inveniordm.making import V1
from tests.api.inveniordm.terms import listed, shown
from tests.running import Running

AFFILIATIONS = "/api/affiliations"
TITLE = {
    "de": "Europäische Organisation für Kernforschung",
    "en": "European Organization for Nuclear Research",
    "fr": "Organisation européenne pour la recherche nucléaire",
}
CERN = {
    "id": "01ggx4157",
    "name": "European Organization for Nuclear Research",
    "acronym": "CERN",
    "identifiers": [{"identifier": "01ggx4157", "scheme": "ror"}],
}


def test_an_affiliation_has_a_name_an_acronym_and_identifiers(
    server: Running, nobody: httpx.Client
) -> None:
    """Beside what every term has."""
    found = shown(nobody.get(f"{AFFILIATIONS}/01ggx4157"))

    for name in ("created", "updated", "revision_id"):
        assert found.pop(name)
    self = {"self": f"{server.url}{AFFILIATIONS}/01ggx4157"}
    assert found == {**CERN, "title": TITLE, "links": self}


def test_its_title_is_in_the_language_asked_for(nobody: httpx.Client) -> None:
    """Its name is its own."""
    answer = nobody.get(f"{AFFILIATIONS}/01ggx4157?ln=fr", headers={"Accept": V1})

    assert shown(answer) == {**CERN, "title_l10n": TITLE["fr"]}


def test_affiliations_are_listed_by_name(nobody: httpx.Client) -> None:
    """Which `sort` may say, by either word."""
    answer = nobody.get(AFFILIATIONS, params={"size": 1000})

    assert answer.json()["sortBy"] == "name"
    names = [each["name"] for each in answer.json()["hits"]["hits"]]
    wanted = ["Brookhaven National Laboratory", CERN["name"], "Northwestern University"]
    assert [each for each in names if each in wanted] == wanted
    for sort in ("name", "title"):
        assert listed(nobody.get(AFFILIATIONS, params={"sort": sort, "size": 1000})) == listed(
            answer
        )


@pytest.mark.parametrize(
    "text", ["CERN", "cer", "01ggx4157", "européenne recherche", "european org", "nucléaire"]
)
def test_an_affiliation_is_suggested_by_each_of_its_names(nobody: httpx.Client, text: str) -> None:
    """Its id, its acronym, and its title in every language."""
    assert listed(nobody.get(AFFILIATIONS, params={"suggest": text}))[0] == "01ggx4157"


def test_there_are_no_others(nobody: httpx.Client) -> None:
    """An id that is none is not found."""
    assert nobody.get(f"{AFFILIATIONS}/tin").status_code == 404
