"""Lists of communities: searched, counted, sorted, in pages, and only what the asker may see.

Source: InvenioRDM, "Search Communities"; the InvenioRDM specification, 2, rows 38 and 39.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.asking import Join, User, fresh
from tests.api.inveniordm.communing import COMMUNITIES, RESTRICTED, body, community
from tests.api.inveniordm.test_communities import join as give_role
from tests.running import Running

OWN = "/api/user/communities"


def word() -> str:
    """A word that no other test has."""
    return f"w{uuid4().hex}"


def found(asker: httpx.Client, path: str = COMMUNITIES, **params: Any) -> dict[str, Any]:
    """A page of a list."""
    answer = asker.get(path, params=params)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def ids(page: dict[str, Any]) -> list[str]:
    """The addresses on a page."""
    return [each["id"] for each in page["hits"]["hits"]]


@pytest.fixture(scope="module")
def four(ada: User) -> tuple[str, list[str]]:
    """A word, and the communities that it finds, the oldest first."""
    mark = word()
    types = ("event", "project", {"id": "event"}, None)
    made = []
    for at, type_ in enumerate(types):
        sent = body(fresh("listed"), title=f"Tin {at}", description=f"About {mark}.", type=type_)
        if type_ is None:
            del sent["metadata"]["type"]
        answer = ada.client.post(COMMUNITIES, json=sent)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
    return mark, made


def test_a_list_is_as_the_seed_shows(
    server: Running, nobody: httpx.Client, four: tuple[str, list[str]]
) -> None:
    """Buckets of types, hits that are whole communities, their total, and how it is sorted."""
    mark, made = four

    page = found(nobody, q=mark, sort="newest", size=3)
    whole = nobody.get(COMMUNITIES)

    assert json.dumps(page["aggregations"]) == json.dumps(
        {
            "type": {
                "buckets": [{"doc_count": 2, "key": "event"}, {"doc_count": 1, "key": "project"}],
                "doc_count_error_upper_bound": 0,
                "sum_other_doc_count": 0,
            }
        }
    )
    assert ids(page) == made[:0:-1]
    assert page["hits"]["total"] == 4
    assert page["hits"]["hits"] == [
        nobody.get(f"{COMMUNITIES}/{each}").json() for each in made[:0:-1]
    ]
    assert whole.json()["sortBy"] == "newest"
    first = f"{server.url}{COMMUNITIES}?page=1&q={mark}&size=3&sort=newest"
    assert page["links"] == {"self": first, "next": first.replace("page=1", "page=2")}
    following = nobody.get(page["links"]["next"]).json()
    assert ids(following) == made[:1]
    assert following["links"]["prev"] == first


def shown(hit: bytes, of: str) -> bytes:
    """The seed's answer with one hit, which is of type project, byte for byte."""
    counts = b'"doc_count_error_upper_bound":0,"sum_other_doc_count":0'
    return (
        b'{"aggregations":{"type":{"buckets":[{"doc_count":1,"key":"project"}],' + counts + b"}},"
        b'"hits":{"hits":[' + hit + b'],"total":1},'
        b'"links":{"self":"' + of.encode() + b'"},"sortBy":"newest"}'
    )


def test_both_lists_are_as_the_seed_shows_byte_for_byte(
    server: Running, join: Join, nobody: httpx.Client
) -> None:
    """Of all communities, asked for a word, and of one's own; a hit is the community as it is."""
    mark, dora = word(), join("dora")
    slug = community(dora.client, title=f"Tin {mark}", type="project")["id"]
    hit = nobody.get(f"{COMMUNITIES}/{slug}").content

    every = nobody.get(COMMUNITIES, params={"q": mark, "sort": "newest"})
    own = dora.client.get(OWN)

    first = f"{server.url}{COMMUNITIES}?page=1&q={mark}&size=25&sort=newest"
    assert every.content == shown(hit, first)
    assert own.content == shown(hit, f"{server.url}{OWN}?page=1&size=25&sort=newest")
    assert every.headers["Content-Type"] == own.headers["Content-Type"] == "application/json"


def test_a_type_narrows_hits_and_not_its_own_counts(
    nobody: httpx.Client, four: tuple[str, list[str]]
) -> None:
    """In both shapes that one may be said in; several are one of them."""
    mark, made = four
    every = found(nobody, q=mark)["aggregations"]

    for types, expected in (
        (["event"], [made[0], made[2]]),
        (["project"], [made[1]]),
        (["event", "project"], made[:3]),
        (["topic"], []),
    ):
        page = found(nobody, q=mark, sort="oldest", type=types)
        assert (ids(page), page["hits"]["total"]) == (expected, len(expected))
        assert page["aggregations"] == every
        assert "type=" in page["links"]["self"]


def test_lists_are_sorted_as_asked(ada: User, four: tuple[str, list[str]]) -> None:
    """Newest first, unless there is a query: then what it fits best."""
    mark, made = four
    titled = community(ada.client, title=f"Of {mark}", description="Tin.")["id"]
    ada.client.put(f"{COMMUNITIES}/{made[1]}", json=body(made[1], description=f"{mark} again"))

    assert ids(found(ada.client, q=mark))[0] == titled
    assert found(ada.client, q=mark)["sortBy"] == "bestmatch"
    assert ids(found(ada.client, q=mark, sort="oldest")) == [*made, titled]
    assert ids(found(ada.client, q=mark, sort="updated-desc"))[:2] == [made[1], titled]
    assert ids(found(ada.client, q=mark, sort="updated-asc"))[-2:] == [titled, made[1]]
    assert ada.client.delete(f"{COMMUNITIES}/{titled}").status_code == 204


QUERIES: list[tuple[str, bool]] = [
    ("{mark}", True),
    ("{MARK}", True),
    ("metadata.title:zínnober", True),
    ("metadata.title:{mark}", False),
    ('"about {mark}"', True),
    ('"{mark} about"', False),
    ("metadata.type:event AND {mark}", True),
    ("metadata.funding.award.number:246686 AND {mark}", True),
    ("metadata.website:my_community.org AND {mark}", True),
    ("slug:{slug}", True),
    ("id:{slug}", True),
    ("{slug}", True),
    ("_exists_:metadata.page AND {mark}", True),
    ("NOT _exists_:metadata.page AND {mark}", False),
    ("{mark} -zinnober", False),
    ("{start}*", True),
    ("/{start}[0-9a-f]*/", True),
    ("created:[2020 TO *] AND {mark}", True),
    ("created:[* TO 2020] AND {mark}", False),
    ("parent.communities.slugs:{slug}", False),
    ("is_published:true AND {mark}", False),
    ("deposit_type:event AND {mark}", False),
]


@pytest.mark.parametrize(("query", "matches"), QUERIES)
def test_a_query_is_asked_of_what_a_community_says(
    ada: User, described: dict[str, str], query: str, matches: bool
) -> None:
    """In the language of all searches, whatever may be asked in it."""
    page = found(ada.client, q=query.format(**described))

    assert (described["slug"] in ids(page)) is matches


@pytest.fixture(scope="module")
def described(ada: User) -> dict[str, str]:
    """A community, and the words that are in it."""
    mark = word()
    made = community(ada.client, title="Zinnóber", description=f"All about {mark}.")
    return {"mark": mark, "MARK": mark.upper(), "start": mark[:20], "slug": made["id"]}


HOSTILE = [
    "(",
    "AND",
    "a:b:c",
    "\0",
    "'; DROP TABLE groups; --",
    "%(account)s {whose}",
    "x" * 2_000,
    "((((" * 20,
    "metadata.title:[1 TO x}",
    "*",
    "/a|b/",
    "\U0001f96b",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_are_answered(nobody: httpx.Client, query: str) -> None:
    """With what they find, or 400; never with a failure."""
    assert nobody.get(COMMUNITIES, params={"q": query}).status_code in (200, 400)


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "title"},
        {"type": "party"},
        {"type": "\0"},
        {"size": "0"},
        {"page": "x"},
        {"page": "401"},
        {"size": "10001"},
        {"q": "x" * 2_001},
        {"q": "created:tomorrow"},
    ],
)
def test_what_cannot_be_listed_is_refused(nobody: httpx.Client, params: dict[str, str]) -> None:
    """400 that says why."""
    refused = nobody.get(COMMUNITIES, params=params)

    assert refused.status_code == 400
    assert refused.json()["message"]


def test_restricted_ones_are_listed_for_members_alone(
    server: Running, ada: User, bob: User, admin: User, nobody: httpx.Client
) -> None:
    """Neither as hits nor in totals or counts."""
    mark = word()
    shown = community(ada.client, title=mark)["id"]
    closed = community(ada.client, RESTRICTED, title=mark)["id"]

    for asker in (nobody, bob.client, admin.client):
        page = found(asker, q=mark)
        assert (ids(page), page["hits"]["total"]) == ([shown], 1)
        assert page["aggregations"]["type"]["buckets"] == [{"doc_count": 1, "key": "event"}]
    assert found(ada.client, q=mark)["hits"]["total"] == 2
    give_role(server, ada, closed, bob, "reader")
    assert found(bob.client, q=mark)["hits"]["total"] == 2


def test_ones_own_are_those_that_one_is_a_member_of(
    server: Running, join: Join, ada: User, nobody: httpx.Client
) -> None:
    """Of every role, restricted ones too; who shows no credential is refused."""
    carl = join("carl")
    mine = community(carl.client)["id"]
    hers = community(ada.client, RESTRICTED, type="topic")["id"]
    community(ada.client)
    assert ids(found(carl.client, OWN)) == [mine]

    give_role(server, ada, hers, carl, "reader")
    page = found(carl.client, OWN)

    assert (ids(page), page["hits"]["total"], page["sortBy"]) == ([hers, mine], 2, "newest")
    assert page["links"]["self"] == f"{server.url}{OWN}?page=1&size=25&sort=newest"
    assert ids(found(carl.client, OWN, type="topic")) == [hers]
    assert ids(found(carl.client, OWN, q=f"slug:{mine}")) == [mine]
    refused = nobody.get(OWN)
    assert (refused.status_code, refused.json()["message"]) == (403, "Permission denied.")


def test_every_write_is_found_at_once(ada: User) -> None:
    """Made, changed and renamed by eight at a time: each finds what he wrote, once answered."""

    def write(_: int) -> list[int]:
        made, changed, moved = word(), word(), word()
        slug = community(ada.client, slug=made)["id"]
        path = f"{COMMUNITIES}/{slug}"
        totals = [found(ada.client, q=made)["hits"]["total"]]
        assert ada.client.put(path, json=body(slug, title=changed)).status_code == 200
        totals.append(found(ada.client, q=f"metadata.title:{changed}")["hits"]["total"])
        assert ada.client.post(f"{path}/rename", json={"id": moved}).status_code == 200
        totals.append(found(ada.client, q=moved)["hits"]["total"])
        totals.append(found(ada.client, q=made)["hits"]["total"])
        return totals

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(8))) == [[1, 1, 1, 0]] * 8


def test_a_long_list_comes_whole(ada: User, join: Join) -> None:
    """More than are read at once, in one page, indented too."""
    many = join("many")
    made = [community(many.client, description="Tin.")["id"] for _ in range(60)]

    page = found(many.client, OWN, size=10_000)
    pretty = many.client.get(OWN, params={"size": 10_000, "prettyprint": 1})

    assert ids(page) == made[::-1]
    assert pretty.json()["hits"] == page["hits"]
    assert pretty.content.startswith(b"{\n  ")
