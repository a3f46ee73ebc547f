"""Queries over HTTP: what they find, what is refused, and that none breaks the service."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import httpx
import pytest

from projections.conditions import Known
from projections.known import TYPES, Type
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import hostile
from tests.api.inveniordm.making import RECORDS
from tests.api.inveniordm.searching import found, record, word

MINE = word()
ASKED: dict[Type, str] = {"text": "tin", "number": "1", "instant": "2020", "bool": "true"}


@pytest.fixture(scope="module")
def romans(ada: User) -> str:
    """The id of a record of the Romans."""
    return record(
        ada.client,
        f"The Römäns in {MINE}",
        publication_date="2020-11",
        languages=[{"id": "eng"}],
        description=f"<p>By Jonathan, of <b>{MINE}x</b></p>",
    )


@pytest.mark.parametrize(
    "q",
    [
        "+romans +{mine}",
        "ROMÄNS AND {mine}",
        '"romans in {mine}"',
        "metadata.title:({mine} AND roman*)",
        "metadata.creators.person_or_org.family_name:brown AND {mine}",
        'metadata.creators.person_or_org.name:"Brown, Troy" AND {mine}',
        r"metadata.creators.\*:collins && {mine}",
        'metadata.creators.person_or_org.identifiers.identifier:"0000-0002-1825-0097" AND {mine}',
        "metadata.resource_type.id:image-photo AND metadata.languages.id:eng AND {mine}",
        "{mine} AND metadata.publication_date:[2020-10 TO 2021}}",
        "{mine} AND /joh?n(ath[oa]n)/",
        "{mine} AND metadata.title:r?m*s",
        "{mine} AND _exists_:metadata.languages AND NOT _exists_:metadata.funding",
        "{mine} AND created:[2020 TO *] AND is_published:true AND versions.index:1",
        "{mine} AND access.status:metadata-only",
        "{pid}",
        "id:{pid} AND -absent",
        "parent.id:{parent}",
        "{mine}x~1 AND roman~",
        "absent ({mine}",
    ],
)
def test_a_query_finds_a_record(romans: str, nobody: httpx.Client, q: str) -> None:
    """Whoever asks."""
    parent = nobody.get(f"{RECORDS}/{romans}").json()["parent"]["id"]
    assert found(nobody, q.format(mine=MINE, pid=romans, parent=parent)) == [romans]


@pytest.mark.parametrize(
    "q",
    [
        "{mine} AND NOT romans",
        "metadata.description:romans AND {mine}",
        '"{mine} romans"',
        "{mine} AND metadata.publication_date:>2020-11",
        "{mine} AND /johnath[oa]/",
        "{mine} AND is_published:false",
        "_exists_:metadata.nothing",
        r"metadata.\*.subject:{mine} OR metadata.\*.subject:4217359",
        "!!!",
    ],
)
def test_a_query_does_not_find_what_it_does_not_mean(
    romans: str, nobody: httpx.Client, q: str
) -> None:
    """A regular expression is of a whole word."""
    assert found(nobody, q.format(mine=MINE)) == []


def test_a_query_finds_objects_of_another_door(
    ada: User, nobody: httpx.Client, action: int
) -> None:
    """By the paths of what is shown, and by those of the document alone."""
    mine = word()
    document = {
        "name": {"_type": "text", "text": {"en": f"Tin {mine}", "de": "Blech"}},
        "mass": {"_type": "quantity", "units": "g", "magnitude": 5},
    }
    asking.new_object(ada.client, action, json.dumps(document))
    [pid] = found(ada.client, mine)
    for q in (
        f'metadata.title:"tin {mine}"',
        f"data.name.text.en:{mine}",
        f"name:({mine} AND blech)",
        f"{mine} AND mass.magnitude:[5 TO 6}} AND mass.units:g",
        f"{mine} AND data.mass.magnitude:5",
    ):
        assert found(ada.client, q) == [pid], q
    assert found(nobody, mine) == []


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("x" * 2_001, "2,001 characters"),
        ("(" * 101 + "a" + ")" * 101, "within one another"),
        (r"/(a)\1/", "back-references"),
        ("/(?=a)/", "look-around"),
        ("versions.index:one", "versions.index is a number"),
        ("created:[today TO *]", "created is a date"),
    ],
)
def test_a_query_that_is_refused_says_why(nobody: httpx.Client, q: str, said: str) -> None:
    """In the door's own shape."""
    answer = nobody.get(RECORDS, params={"q": q})
    assert answer.status_code == 400
    assert said in answer.json()["message"]


def test_no_query_breaks_the_service(romans: str, nobody: httpx.Client) -> None:
    """Of all that mean harm, several at a time; at the end it is as it was."""

    def ask(q: str) -> httpx.Response:
        raw = quote(q, safe="", errors="surrogatepass")
        return nobody.get(f"{RECORDS}?size=1&q={raw}")

    with ThreadPoolExecutor(4) as threads:
        for q, answer in zip(hostile.queries(), threads.map(ask, hostile.queries()), strict=True):
            assert answer.status_code in (200, 400), (q, answer.text)
            assert answer.json().keys() & {"hits", "message"}, q
    assert found(nobody, f"romans AND {MINE}") == [romans]


@pytest.mark.parametrize("known", TYPES)
def test_what_is_known_of_records_may_be_asked_of_everything_listed(
    ada: User, nobody: httpx.Client, known: Known
) -> None:
    """Of vocabularies and communities, of which it is not known: it is answered, not refused."""
    for asker, path in (
        (nobody, RECORDS),
        (ada.client, "/api/user/records"),
        (nobody, "/api/communities"),
        (nobody, "/api/vocabularies/languages"),
    ):
        answer = asker.get(path, params={"q": f"{known}:{ASKED[TYPES[known]]}"})
        assert answer.status_code == 200, (path, answer.text)
