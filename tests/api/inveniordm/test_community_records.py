"""The records of a community, searched as all records are, and communities asked for in queries.

Source: InvenioRDM, "Records & communities".
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import making, searching
from tests.api.inveniordm.communing import COMMUNITIES
from tests.api.inveniordm.gathering import (
    community,
    exclude,
    include,
    join,
    members,
    named,
)
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.running import Running

OWN = "/api/user/records"


def records(slug: str) -> str:
    """Return where a community's records are."""
    return f"{COMMUNITIES}/{slug}/records"


def found(asker: httpx.Client, path: str, **params: Any) -> list[str]:
    """The ids of what is found at a path, in order; the total is as many."""
    answer = asker.get(path, params={"size": 100, **params})
    assert answer.status_code == 200, answer.text
    hits = answer.json()["hits"]
    assert hits["total"] == len(hits["hits"])
    return [each["id"] for each in hits["hits"]]


def test_a_community_s_records_are_searched_as_all_are(ada: User, nobody: httpx.Client) -> None:
    """With q, facets, sort and pages, each hit as it is read by its id."""
    slug, word, other = community(ada.client), searching.word(), searching.word()
    tin = searching.record(ada.client, f"{word} tin")
    lead = searching.record(ada.client, f"{word} lead", resource_type={"id": "dataset"})
    searching.record(ada.client, f"{word} zinc")
    for pid in (tin, lead):
        include(ada.client, pid, slug)

    whole = nobody.get(records(slug)).json()
    assert [each["id"] for each in whole["hits"]["hits"]] == [lead, tin]
    assert whole["sortBy"] == "newest"
    assert whole["hits"]["hits"][0] == nobody.get(f"{RECORDS}/{lead}").json()
    assert {
        each["key"]: each["doc_count"] for each in whole["aggregations"]["resource_type"]["buckets"]
    } == {"dataset": 1, "image": 1}
    assert found(nobody, records(slug), sort="oldest") == [tin, lead]
    assert found(nobody, records(slug), q=f"{word} AND tin") == [tin]
    assert found(nobody, records(slug), q=f"{word} AND -tin") == [lead]
    assert found(nobody, records(slug), q="metadata.title:lead", sort="newest") == [lead]
    assert found(nobody, records(slug), resource_type="dataset") == [lead]
    assert found(nobody, records(slug), q=other) == []
    assert nobody.get(records(slug), params={"q": word}).json()["sortBy"] == "bestmatch"


def test_a_community_s_records_come_in_pages(ada: User, nobody: httpx.Client) -> None:
    """Links lead on, by cursors."""
    slug = community(ada.client)
    pids = [making.record(ada.client)["id"] for _ in range(5)]
    for pid in pids:
        include(ada.client, pid, slug)

    page, seen = nobody.get(records(slug), params={"size": 2, "sort": "oldest"}).json(), []
    while True:
        seen += [each["id"] for each in page["hits"]["hits"]]
        assert page["hits"]["total"] == 5
        if "next" not in page["links"]:
            break
        assert f"/{slug}/records?" in page["links"]["next"]
        page = nobody.get(page["links"]["next"]).json()

    assert seen == pids


def test_of_each_work_in_a_community_the_latest_is_found(ada: User, nobody: httpx.Client) -> None:
    """Or all versions."""
    slug, word = community(ada.client), searching.word()
    pid = searching.record(ada.client, word)
    include(ada.client, pid, slug)
    following = ada.client.post(f"{RECORDS}/{pid}/versions").json()["id"]
    ada.client.put(f"{RECORDS}/{following}/draft", json=making.body(title=word))
    making.publish(ada.client, following)

    assert found(nobody, records(slug)) == [following]
    assert sorted(found(nobody, records(slug), allversions="true")) == sorted([pid, following])


def test_what_is_put_in_is_found_by_the_next_search(ada: User, nobody: httpx.Client) -> None:
    """And what is taken out is not."""
    slug, word = community(ada.client), searching.word()
    pid = searching.record(ada.client, word)

    for _ in range(2):
        assert found(nobody, records(slug)) == []
        include(ada.client, pid, slug)
        assert found(nobody, records(slug)) == found(nobody, records(slug), q=word) == [pid]
        exclude(ada.client, pid, slug)
    assert found(nobody, records(slug), q=word) == []


def test_of_a_community_s_records_those_are_found_that_the_asker_may_see(
    ada: User, bob: User, nobody: httpx.Client
) -> None:
    """Restricted ones by its members."""
    slug = community(ada.client)
    public = making.record(ada.client)["id"]
    closed = making.record(ada.client, making.body(CLOSED))["id"]
    for pid in (public, closed):
        include(ada.client, pid, slug)

    assert found(nobody, records(slug)) == found(bob.client, records(slug)) == [public]
    join(ada.client, slug, bob.client, "reader")
    assert found(bob.client, records(slug)) == [closed, public]


def test_a_restricted_community_s_records_are_searched_by_its_members_alone(
    ada: User, bob: User, nobody: httpx.Client
) -> None:
    """403 for others; 404 where there is none, 410 where there is none any more."""
    slug, gone = community(ada.client, visibility="restricted"), community(ada.client)
    ada.client.delete(f"{COMMUNITIES}/{gone}")

    assert nobody.get(records(slug)).status_code == 403
    assert bob.client.get(records(slug)).status_code == 403
    join(ada.client, slug, bob.client, "reader")
    assert found(bob.client, records(slug)) == []
    assert nobody.get(records("no-such-community")).status_code == 404
    assert nobody.get(records(gone)).status_code == 410


@pytest.mark.parametrize("path", [RECORDS, OWN])
def test_queries_ask_for_communities(ada: User, path: str) -> None:
    """By slug, id or pattern, with words and without, among all records and one's own."""
    slug, other, word = community(ada.client), community(ada.client), searching.word()
    inside, outside = (searching.record(ada.client, word) for _ in range(2))
    include(ada.client, inside, slug)

    for field in ("ids", "slugs"):
        at = f"parent.communities.{field}"
        for q in (
            f"{at}:{slug}",
            f'{at}:"{slug}"',
            f"{at}:{slug.upper()}",
            f"{word} AND {at}:{slug}",
            f"{at}:({slug} OR {other}) AND metadata.title:{word}",
            f"{at}:{slug[:-1]}* AND {word}",
            f"{word} AND _exists_:{at}",
            f"{word} AND {at}:*",
            f"{at}:{slug} AND is_published:true",
            f"{at}:{slug} AND NOT {at}:{other}",
        ):
            assert found(ada.client, path, q=q) == [inside], q
        assert found(ada.client, path, q=f"{word} AND NOT {at}:{slug}") == [outside]
        assert found(ada.client, path, q=f"{at}:{slug} AND {at}:{other}") == []
        assert len(found(ada.client, path, q=f"{at}:{slug} OR metadata.title:{word}")) == 2


def test_a_community_is_asked_for_by_its_uuid_too(server: Running, ada: User) -> None:
    """As today's InvenioRDM calls it."""
    slug, pid = community(ada.client), making.record(ada.client)["id"]
    include(ada.client, pid, slug)
    [(id_,)] = asking.query(server, "SELECT id FROM view.groups WHERE slug = %s", slug)

    assert found(ada.client, RECORDS, q=f"parent.communities.ids:{id_}") == [pid]
    assert found(ada.client, RECORDS, q=f"parent.communities.slugs:{id_}") == []
    assert found(ada.client, records(str(id_))) == [pid]


def test_queries_tell_nothing_of_communities_that_the_asker_may_not_see(
    ada: User, bob: User
) -> None:
    """Nor of those that there are no more: neither that a record is in one nor that it is not."""
    slug, word = community(ada.client, visibility="restricted"), searching.word()
    pid = searching.record(ada.client, word, CLOSED)
    include(ada.client, pid, slug)
    ada.client.post(f"{RECORDS}/{pid}/draft")
    ada.client.put(f"{RECORDS}/{pid}/draft", json=making.body(title=word))
    making.publish(ada.client, pid)

    inside, outside = (f"{word} AND {no}parent.communities.slugs:{slug}" for no in ("", "NOT "))
    assert (found(bob.client, RECORDS, q=inside), found(bob.client, RECORDS, q=outside)) == (
        [],
        [pid],
    )
    assert found(ada.client, RECORDS, q=inside) == [pid]
    join(ada.client, slug, bob.client, "reader")
    assert found(bob.client, RECORDS, q=inside) == [pid]
    ada.client.delete(f"{COMMUNITIES}/{slug}")
    assert found(ada.client, RECORDS, q=inside) == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("[a TO zz]", 200),
        (">=a", 200),
        ("/c[a-z]+.*/", 200),
        ("/(/", 200),
        ("tin~", 200),
        ('"tin can"~2', 200),
        ("a\0b", 200),
        ("{0b54f9a1-8c4c-4a4e-9b39-4ab0d2a0f2de TO *]", 200),
        ("/(a)\\1/", 400),
        ("c?mmunity-*", 200),
        ("x" * 1900, 200),
    ],
)
def test_odd_queries_for_communities_break_nothing(
    ada: User, nobody: httpx.Client, asked: str, status: int
) -> None:
    """Among all records, one's own and a community's."""
    slug = community(ada.client)

    for asker, path in ((nobody, RECORDS), (ada.client, OWN), (nobody, records(slug))):
        answer = asker.get(path, params={"q": f"parent.communities.ids:{asked}"})
        assert answer.status_code == status, answer.text


def test_objects_of_other_doors_are_in_communities_too(
    server: Running, ada: User, bob: User, action: int
) -> None:
    """Found among its records, and open to its readers at their own door."""
    slug, number = community(ada.client), asking.new_object(ada.client, action)
    join(ada.client, slug, bob.client, "reader")
    path = f"{asking.API}/objects/{number}"
    assert bob.client.get(path).status_code == 403

    include(ada.client, asking.pid_of(server, number), slug)

    assert bob.client.get(path, follow_redirects=True).status_code == 200
    assert found(bob.client, records(slug)) == [asking.pid_of(server, number)]


def test_vocabularies_are_in_no_community(ada: User, nobody: httpx.Client) -> None:
    """Nor are communities: such a query finds none, and none is refused."""
    slug = community(ada.client)

    for path in ("/api/vocabularies/languages", COMMUNITIES):
        assert found(nobody, path, q=f"parent.communities.ids:{slug}") == []


def test_curators_take_records_out(ada: User, bob: User) -> None:
    """All or none of those they name; others are refused."""
    slug = community(ada.client)
    one, two, other = (making.record(ada.client)["id"] for _ in range(3))
    for pid in (one, two):
        include(ada.client, pid, slug)
    bodies = [{"records": [{"id": pid} for pid in pids]} for pids in ((one, other), (one, two))]

    def delete(asker: User, body: Any) -> int:
        return asker.client.request("DELETE", records(slug), json=body).status_code

    assert delete(bob, bodies[1]) == 403
    join(ada.client, slug, bob.client, "reader")
    assert delete(bob, bodies[1]) == 403
    ada.client.put(members(slug), json=named(bob.client, role="curator"))
    refused = bob.client.request("DELETE", records(slug), json=bodies[0])
    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == ["records.1.id"]
    assert len(found(ada.client, records(slug))) == 2
    assert delete(bob, bodies[1]) == 200
    assert found(ada.client, records(slug)) == []
    assert delete(ada, {"records": []}) == 400
