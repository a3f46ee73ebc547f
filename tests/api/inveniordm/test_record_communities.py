"""Records put into communities and taken out, and what their members may then do with them.

Source: InvenioRDM, "Records & communities".
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import pytest

from domain import inclusions
from domain.commands import objects
from domain.family import Family
from domain.log import Session
from tests.api import asking
from tests.api.asking import Join, User
from tests.api.inveniordm import gathering, making, searching
from tests.api.inveniordm.communing import COMMUNITIES
from tests.api.inveniordm.gathering import (
    called,
    community,
    exclude,
    include,
    join,
    leave,
    members,
    named,
    number,
    of,
)
from tests.api.inveniordm.making import CLOSED, OPEN, RECORDS
from tests.running import Running

INCLUSIONS = """
SELECT e.stream, e.version, e.state FROM es.event e JOIN view.records r ON r.family = e.stream
 WHERE r.pid = %s AND e.topic = 'family.included'
"""
ABOUT = "SELECT count(*) FROM es.event WHERE stream = %s AND topic = %s"
FAMILY = "SELECT family FROM view.records WHERE pid = %s"


def slugs(asker: httpx.Client, pid: str) -> list[str]:
    """The communities of a record that an asker is told of."""
    answer = asker.get(of(pid))
    assert answer.status_code == 200, answer.text
    hits = answer.json()["hits"]
    assert hits["total"] == len(hits["hits"])
    return [each["slug"] for each in hits["hits"]]


def test_a_record_is_put_into_communities_and_taken_out(ada: User) -> None:
    """By slug or id; the answer names them, and the record's list has them as they are read."""
    one, two = community(ada.client), community(ada.client)
    pid = making.record(ada.client)["id"]

    put = ada.client.post(of(pid), json=called(one, two, one.upper()))

    assert (put.status_code, put.json()) == (
        200,
        {"processed": [{"community_id": one}, {"community_id": two}], "errors": []},
    )
    assert sorted(slugs(ada.client, pid)) == [one, two]
    listed = ada.client.get(of(pid)).json()
    assert ada.client.get(f"{COMMUNITIES}/{one}").json() in listed["hits"]["hits"]
    assert listed["sortBy"] == "newest"
    out = exclude(ada.client, pid, one)
    assert (out.status_code, out.json()["processed"]) == (200, [{"community_id": one}])
    assert slugs(ada.client, pid) == [two]


def test_a_record_s_communities_come_in_pages(ada: User) -> None:
    """The last that it was put into first; a page beyond them is empty and says how many."""
    pid, made = making.record(ada.client)["id"], [community(ada.client) for _ in range(3)]
    for slug in made:
        include(ada.client, pid, slug)

    pages = [ada.client.get(of(pid), params={"size": 2, "page": n}).json() for n in (1, 2, 3)]

    assert [each["hits"]["total"] for each in pages] == [3, 3, 3]
    shown = [[each["slug"] for each in page["hits"]["hits"]] for page in pages]
    assert shown == [made[:0:-1], made[:1], []]


def test_a_record_leads_to_its_communities(ada: User) -> None:
    """By a link, as a draft does; a parent leads to its record's."""
    pid = making.draft(ada.client)["id"]
    drafted = ada.client.get(f"{RECORDS}/{pid}/draft").json()["links"]["communities"]
    assert ada.client.get(drafted).json()["hits"]["total"] == 0

    record = making.publish(ada.client, pid)

    assert record["links"]["communities"] == drafted
    parent = ada.client.get(of(record["parent"]["id"]), follow_redirects=True)
    assert parent.json()["hits"]["total"] == 0


def test_all_versions_are_in_a_community(ada: User) -> None:
    """It is the work that is."""
    slug, pid = community(ada.client), making.record(ada.client)["id"]
    include(ada.client, pid, slug)
    following = ada.client.post(f"{RECORDS}/{pid}/versions").json()["id"]

    assert slugs(ada.client, following) == [slug]


def test_racing_writers_put_a_record_in_once_and_take_it_out_once(
    server: Running, ada: User
) -> None:
    """One event each; of those who take it out one does, and the others are told."""
    slug, pid = community(ada.client), making.record(ada.client)["id"]
    with ThreadPoolExecutor(8) as pool:
        put = [*pool.map(lambda _: ada.client.post(of(pid), json=called(slug)), range(8))]
        out = [*pool.map(lambda _: exclude(ada.client, pid, slug), range(8))]

    [(family,)] = asking.query(server, FAMILY, pid)
    assert [each.status_code for each in put] == [200] * 8
    assert sorted(each.status_code for each in out) == [200] + [400] * 7
    for topic in ("family.included", "family.excluded"):
        assert asking.query(server, ABOUT, family, topic) == [(1,)]


@pytest.mark.parametrize(
    ("policies", "role", "status"),
    [
        ({}, None, 200),
        ({"record_policy": "open"}, "reader", 200),
        ({"record_policy": "closed"}, None, 403),
        ({"record_policy": "closed"}, "reader", 200),
        ({"record_policy": "restricted"}, None, 403),
        ({"record_policy": "restricted"}, "reader", 403),
        ({"record_policy": "restricted"}, "curator", 200),
        ({"visibility": "restricted"}, None, 403),
        ({"visibility": "restricted"}, "reader", 200),
    ],
)
def test_a_community_takes_records_as_its_policy_says(
    ada: User, bob: User, policies: dict[str, str], role: str | None, status: int
) -> None:
    """A closed one none from who is no member, a restricted one from curators alone."""
    slug, pid = community(ada.client, **policies), making.draft(bob.client)["id"]
    if role is not None:
        join(ada.client, slug, bob.client, role)

    assert bob.client.post(of(pid), json=called(slug)).status_code == status
    if status == 200:
        assert slugs(bob.client, pid) == [slug]


def test_a_record_is_put_into_all_communities_or_none(ada: User, bob: User) -> None:
    """403 where one does not take it, 400 where one is none."""
    mine, closed = community(bob.client), community(ada.client, record_policy="closed")
    pid = making.record(bob.client)["id"]

    assert bob.client.post(of(pid), json=called(mine, closed)).status_code == 403
    unknown = bob.client.post(of(pid), json=called(mine, "no-such-community"))
    assert unknown.status_code == 400
    assert [each["field"] for each in unknown.json()["errors"]] == ["communities.1.id"]
    assert slugs(bob.client, pid) == []


def test_a_public_record_is_put_into_no_restricted_community(ada: User) -> None:
    """400; a restricted one is."""
    slug = community(ada.client, visibility="restricted")

    public = ada.client.post(of(making.record(ada.client)["id"]), json=called(slug))

    assert public.status_code == 400
    assert [each["field"] for each in public.json()["errors"]] == ["communities"]
    include(ada.client, making.record(ada.client, making.body(CLOSED))["id"], slug)


def test_only_who_manages_a_record_puts_it_anywhere(ada: User, bob: User) -> None:
    """403 also for who may edit it; 404 where there is no record."""
    slug, mine = community(ada.client), community(bob.client)
    pid = making.record(ada.client)["id"]
    include(ada.client, pid, slug)
    join(ada.client, slug, bob.client, "manager")

    assert bob.client.post(of(pid), json=called(mine)).status_code == 403
    assert bob.client.post(of("aaaaa-aaa00"), json=called(mine)).status_code == 404


def test_a_restricted_community_is_told_of_to_its_members_alone(ada: User, bob: User) -> None:
    """Also to who may see the record for another reason, in its list and in its events."""
    slug, other = community(ada.client, visibility="restricted"), community(ada.client)
    pid = making.record(ada.client, making.body(CLOSED))["id"]
    include(ada.client, pid, slug, other)
    join(ada.client, other, bob.client, "reader")

    def told(asker: User) -> list[Any]:
        lines = asker.client.get(f"/objects/{pid}/events").json()
        return [each["changed"]["community"] for each in lines if each["type"] == "family.included"]

    assert sorted(slugs(ada.client, pid)) == sorted([slug, other])
    assert slugs(bob.client, pid) == [other]
    assert [each["community_id"] for each in told(ada)] == [slug, other]
    assert told(bob) == [{"community_id": other, "name": other}]
    join(ada.client, slug, bob.client, "reader")
    assert len(slugs(bob.client, pid)) == len(told(bob)) == 2


def test_what_happens_with_a_restricted_community_leaves_no_trace_for_others(
    ada: User, bob: User
) -> None:
    """In no page of the record's events, their numbers and links; in the record and its tag."""
    slug, other = community(ada.client, visibility="restricted"), community(ada.client)
    pid = making.record(ada.client, making.body(CLOSED))["id"]
    join(ada.client, other, bob.client, "reader")
    include(ada.client, pid, other)

    def shown() -> list[tuple[Any, Any]]:
        record, url = bob.client.get(f"{RECORDS}/{pid}"), f"/objects/{pid}/events?limit=1"
        found: list[tuple[Any, Any]] = [(record.content, record.headers["ETag"])]
        while url:
            page = bob.client.get(url)
            found.append((page.json(), page.headers["Link"]))
            url = page.links.get("next", {}).get("url", "")
        return found

    before = shown()
    include(ada.client, pid, slug)
    exclude(ada.client, pid, slug)
    include(ada.client, pid, slug)

    assert shown() == before
    assert [len(lines) for lines, _ in before[1:]] == [1] * (len(before) - 1)
    exclude(ada.client, pid, other)
    include(ada.client, pid, other)
    assert [lines for lines, _ in shown()[: len(before)]][1:] == [lines for lines, _ in before][1:]
    assert len(shown()) == len(before) + 2


def test_a_page_of_events_ends_among_very_many_that_are_hidden(
    server: Running, ada: User, bob: User
) -> None:
    """No request looks at them all; its link leads on, and nothing else is told of them."""
    slug, other = community(ada.client, visibility="restricted"), community(ada.client)
    pid = making.record(ada.client, making.body(CLOSED))["id"]
    join(ada.client, other, bob.client, "reader")
    include(ada.client, pid, other)
    [(inside,)] = asking.query(server, "SELECT id FROM view.groups WHERE slug = %s", slug)
    before = bob.client.get(f"/objects/{pid}/events").json()

    for _ in range(6):
        asking.decide(server, ada.name, _come_and_go, pid, inside, 100)

    page = bob.client.get(f"/objects/{pid}/events")
    assert page.json() == before
    rest = bob.client.get(page.links["next"]["url"])
    assert (rest.json(), "next" in rest.links) == ([], False)


def _come_and_go(session: Session, pid: str, community: UUID, times: int) -> None:
    """Put a record into a community and take it out, again and again."""
    family = session.find(Family, id=objects.find(session, pid).family)
    for _ in range(times):
        assert family is not None
        event = inclusions.include(family, community)
        assert event is not None
        family = session.change(family, event)
        family = session.change(family, inclusions.exclude(family, community, hidden=True))


def test_a_damaged_inclusion_is_told_of_to_who_manages_the_record(
    server: Running, ada: User, bob: User
) -> None:
    """Of which community it was nobody can say any more: it may be a hidden one."""
    slug, other = community(ada.client, visibility="restricted"), community(ada.client)
    pid = making.record(ada.client, making.body(CLOSED))["id"]
    join(ada.client, other, bob.client, "reader")
    include(ada.client, pid, slug, other)

    def told(asker: User) -> list[bool]:
        lines = asker.client.get(f"/objects/{pid}/events").json()
        return ["damaged" in each for each in lines if each["type"] == "family.included"]

    assert (told(ada), told(bob)) == ([False, False], [False])
    with asking.spoiled(server, INCLUSIONS, pid):
        assert (told(ada), told(bob)) == ([True, True], [])


@pytest.mark.parametrize(
    ("role", "reads", "edits"),
    [
        (None, False, False),
        ("reader", True, False),
        ("curator", True, True),
        ("manager", True, True),
        ("owner", True, True),
    ],
)
def test_members_do_with_a_record_what_their_role_lets_them(
    ada: User, bob: User, *, role: str | None, reads: bool, edits: bool
) -> None:
    """Readers see, curators edit, and nobody manages it through the community."""
    slug = community(ada.client)
    pid = making.record(ada.client, making.body(CLOSED))["id"]
    include(ada.client, pid, slug)
    if role is not None:
        join(ada.client, slug, bob.client, role)

    path = f"{RECORDS}/{pid}"
    assert bob.client.get(path).status_code == (200 if reads else 403)
    assert bob.client.post(f"{path}/draft").status_code == (200 if edits else 403)
    assert bob.client.get(f"{path}/access/links").status_code == 403
    assert exclude(bob.client, pid, slug).status_code == (200 if edits else 403)


def doors(asker: User, pid: str, word: str) -> list[bool]:
    """Whether an asker sees a record, through each door."""
    paths = [
        f"{RECORDS}/{pid}",
        f"{RECORDS}/{pid}/versions",
        f"/records/{pid}",
        f"/objects/{pid}",
        f"/objects/{pid}/versions",
        f"/objects/{pid}/events",
        f"/api/v1/objects/{pid}",
    ]
    answers = [asker.client.get(each, follow_redirects=True) for each in paths]
    assert {each.status_code for each in answers} <= {200, 403}
    return [
        *(each.status_code == 200 for each in answers),
        searching.found(asker.client, word) == [pid],
    ]


def test_a_role_opens_and_closes_records_at_once(ada: User, join: Join) -> None:
    """In every door, whatever was answered and remembered before."""
    slug, word, bob = community(ada.client), searching.word(), join("bob")
    pid = searching.record(ada.client, word, CLOSED)
    include(ada.client, pid, slug)

    for _ in range(2):
        assert not any(doors(bob, pid, word))
        ada.client.post(members(slug), json=named(bob.client, role="reader"))
        assert all(doors(bob, pid, word))
        leave(ada.client, slug, bob.client)
    assert not any(doors(bob, pid, word))


def test_what_is_taken_out_is_closed_at_once(ada: User, bob: User) -> None:
    """And what is put in is open at once."""
    slug, word = community(ada.client), searching.word()
    join(ada.client, slug, bob.client, "reader")
    pid = searching.record(ada.client, word, CLOSED)

    assert not any(doors(bob, pid, word))
    include(ada.client, pid, slug)
    assert all(doors(bob, pid, word))
    exclude(ada.client, pid, slug)
    assert not any(doors(bob, pid, word))


def test_a_deleted_community_opens_nothing(ada: User, bob: User) -> None:
    """From then on, in every door, and no record is told to be in it."""
    slug, word = community(ada.client), searching.word()
    join(ada.client, slug, bob.client, "curator")
    pid = searching.record(ada.client, word, CLOSED)
    include(ada.client, pid, slug)
    assert all(doors(bob, pid, word))

    assert ada.client.delete(f"{COMMUNITIES}/{slug}").status_code == 204

    assert not any(doors(bob, pid, word))
    assert slugs(ada.client, pid) == []


def test_what_members_may_is_among_an_object_s_permissions(ada: User, bob: User) -> None:
    """Where groups' members are asked for; a community itself is neither group nor project."""
    slug, pid = community(ada.client), making.record(ada.client, making.body(CLOSED))["id"]
    join(ada.client, slug, bob.client, "curator")
    include(ada.client, pid, slug)
    me = str(bob.client.get("/api/v1/users/me").json()["user_id"])
    users = f"/objects/{pid}/permissions/users/"

    assert me not in ada.client.get(users).json()
    assert ada.client.get(users, params={"include_groups": ""}).json()[me] == "write"
    assert ada.client.get(f"{users}{me}", params={"include_groups": ""}).json() == "write"
    assert me not in ada.client.get(users, params={"include_projects": ""}).json()
    for kind in ("groups", "projects"):
        assert ada.client.get(f"/objects/{pid}/permissions/{kind}/").json() == {}


def test_who_is_in_a_community_is_not_told_with_an_object_s_permissions(
    ada: User, bob: User, join: Join
) -> None:
    """To whoever was granted the object itself, and is no member."""
    guest = join("guest")
    slug, pid = community(ada.client), making.record(ada.client, making.body(CLOSED))["id"]
    gathering.join(ada.client, slug, bob.client, "curator")
    include(ada.client, pid, slug)
    users, member = f"/objects/{pid}/permissions/users/", number(bob.client)
    granted = ada.client.put(f"{users}{number(guest.client)}", json="read")
    assert granted.status_code == 200

    whole = guest.client.get(users, params={"include_groups": ""}).json()
    one = guest.client.get(f"{users}{member}", params={"include_groups": ""}).json()

    assert member not in whole
    assert one == "none"


def test_a_deleted_community_may_be_taken_off_a_record(ada: User) -> None:
    """So that others have room: a record is in so many at most."""
    slug, pid = community(ada.client), making.record(ada.client)["id"]
    include(ada.client, pid, slug)
    assert ada.client.delete(f"{COMMUNITIES}/{slug}").status_code == 204

    assert exclude(ada.client, pid, slug).status_code == 200
    assert exclude(ada.client, pid, slug).status_code == 400
    assert ada.client.post(of(pid), json=called(slug)).status_code == 400


def test_a_work_whose_newest_version_is_public_is_in_no_restricted_community(ada: User) -> None:
    """Whichever of its versions is named."""
    slug = community(ada.client, visibility="restricted")
    pid = making.record(ada.client, making.body(CLOSED))["id"]
    draft = ada.client.post(f"{RECORDS}/{pid}/versions").json()["id"]
    sent = ada.client.put(f"{RECORDS}/{draft}/draft", json=making.body(OPEN))
    assert sent.status_code == 200
    making.publish(ada.client, draft)

    for each in (pid, draft):
        answer = ada.client.post(of(each), json=called(slug))
        assert answer.status_code == 400
        assert "restricted" in answer.json()["errors"][0]["messages"][0]


@pytest.mark.parametrize(
    "body",
    [{}, {"communities": []}, {"communities": [{}]}, {"communities": ["tin"]}, {"communities": 1}],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_names_no_communities_is_refused(ada: User, body: Any, method: str) -> None:
    """400, by field."""
    pid = making.record(ada.client, making.body(OPEN))["id"]

    answer = ada.client.request(method, of(pid), json=body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("communities")
