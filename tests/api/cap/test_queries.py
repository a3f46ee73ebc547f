"""Queries of deposits: Lucene's syntax, asked of drafts. Source: CAP's client."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.asking import Join, User
from tests.api.cap.making import DEPOSITS, act, deposit


def ids(asker: User, path: str = DEPOSITS, **params: Any) -> list[str]:
    """The ids of what is listed."""
    answer = asker.client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["hits"]["hits"]]


def test_a_query_finds_what_drafts_say_in_a_field(join: Join) -> None:
    """As it finds records once they are published; edited again, what is edited."""
    eve = join("eve")
    info = {"analysis_title": "A test of lead"}
    tin = deposit(eve.client, title="Tin", basic_info=info, year=2020)["id"]
    lead = deposit(eve.client, title="Lead", basic_info={"analysis_title": "No trial"})["id"]
    asked = {
        "basic_info.analysis_title:test": [tin],
        "title:lead": [lead],
        "lead": [lead, tin],
        "NOT title:lead": [tin],
        '"test of lead" OR trial': [lead, tin],
        "year:[2019 TO 2021]": [tin],
        "anal*": [],
        "tria*": [lead],
    }

    assert {each: ids(eve, q=each) for each in asked} == asked
    recids = {each: act(eve.client, each, "publish")["recid"] for each in (tin, lead)}
    for each, found in asked.items():
        assert ids(eve, q=each) == []
        of_records = ids(eve, "/api/records", q=each, by_me=True, sort="mostrecent")
        assert of_records == [recids[one] for one in found]
    act(eve.client, tin, "edit")
    assert ids(eve, q="title:tin") == [tin]
    eve.client.put(f"{DEPOSITS}/{tin}", json={"title": "Zinc"})
    assert (ids(eve, q="title:tin"), ids(eve, q="title:zinc")) == ([], [tin])


def test_the_best_match_comes_first_where_it_is_asked_for(join: Join) -> None:
    """Else what was changed last does."""
    eve = join("eve")
    best = deposit(eve.client, title="Tin, tin and tin")["id"]
    last = deposit(eve.client, title="A long text that has tin in it once")["id"]

    assert ids(eve, q="tin") == ids(eve, q="tin", sort="mostrecent") == [last, best]
    assert ids(eve, q="tin", sort="bestmatch") == [best, last]
    assert ids(eve, sort="bestmatch") == [last, best]


@pytest.mark.parametrize("query", ["sort=-mostrecent", f"q={'a OR ' * 1000}b"])
def test_what_cannot_be_asked_for_is_refused(ada: User, query: str) -> None:
    """400 for an order the other way round, and for a query that is too long."""
    assert ada.client.get(f"{DEPOSITS}?{query}").status_code == 400
