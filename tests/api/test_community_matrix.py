"""The access matrix of communities: each role, each policy, each path.

As in test_access_matrix.py no cell is written by hand: tests/api/matrix/table_of_communities.py has
a line a route, which says of whom, by role and policies, it is. Who has no role is somebody without
a credential, somebody with one, and an administrator, who has no right by office.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from urllib.parse import urlencode

import pytest

from tests.api import asking
from tests.api.inveniordm import making
from tests.api.inveniordm.making import CLOSED, OPEN, RECORDS
from tests.api.matrix import of_communities, others
from tests.api.matrix.cells import door
from tests.api.matrix.of_communities import Asker, Community, World
from tests.api.matrix.table_of_communities import (
    ON_COMMUNITIES,
    OWNER,
    gives,
    joins,
    member,
    seen,
)
from tests.api.matrix.wire import Request, answers
from tests.running import Running

SAID = 40  # wrong cells that are named


@pytest.fixture(scope="module")
def world(server: Running) -> World:
    """The communities of all policies, and who asks."""
    with asking.log(server) as log:
        return of_communities.world(log, server.url, server.admin_token)


def test_who_may_may_and_nobody_else(server: Running, world: World) -> None:
    """In each role, at each route, whatever the policies say: nothing else is answered or shown."""
    _ask(server, world, list(of_communities.spread(world)))


@pytest.mark.soak
def test_whoever_asks_whatever_the_policies_who_may_may(server: Running, world: World) -> None:
    """The long form: each role, each route, all policies."""
    _ask(server, world, list(of_communities.every(world)))


def _ask(server: Running, world: World, asked: Sequence[of_communities.Cell]) -> None:
    """Ask it all; nothing is wrong, and nothing changed."""
    before = asking.stored(server)
    found = of_communities.wrong(world, asked)
    assert asking.stored(server) == before
    assert not found, "\n".join([f"{len(found)} of {len(asked)} cells:", *found[:SAID]])


def test_lists_have_what_may_be_seen_and_nothing_else(world: World) -> None:
    """Of all communities, and of one's own; whoever asks."""
    q = urlencode({"q": world.word, "size": 100})
    for asker in world.askers:
        lists = [Request("GET", f"/api/{of}communities?{q}", asker.headers) for of in ("", "user/")]
        whole, own = (answer for _request, answer in answers(world.url, lists))
        assert own.status == (200 if asker.token else 403)
        for answer, rule in ((whole, seen), (own, member)):
            expected = {
                each.slug
                for each in world.communities
                if not each.ended and answer.status == 200 and rule(each.case(asker))
            }
            said = json.loads(answer.body).get("hits", {"total": 0, "hits": []})
            assert {each["id"] for each in said["hits"]} == expected, asker.name
            assert said["total"] == len(expected)


def test_who_may_makes_himself_a_reader(world: World) -> None:
    """Where a public community is open to members, and nowhere else; everybody may leave."""
    pairs = list(product(world.askers, world.communities))
    joined = [
        (asker, each)
        for (asker, each), status in zip(pairs, _as_members(world, "POST", pairs), strict=True)
        if status == 204
    ]

    assert _as_members(world, "DELETE", joined) == [204] * len(joined)
    assert joined == [pair for pair in pairs if not pair[1].ended and joins(pair[1].case(pair[0]))]


def _as_members(world: World, method: str, pairs: Sequence[tuple[Asker, Community]]) -> list[int]:
    """Have askers name themselves as readers of communities; return the statuses."""
    requests = []
    for asker, each in pairs:
        who = {"type": "user", "id": str(asker.number or world.outsider.number)}
        body = json.dumps({"members": [who], "role": "reader"}).encode()
        path = f"/api/communities/{each.slug}/members"
        requests.append(Request(method, path, asker.headers, body))
    return [answer.status for _request, answer in answers(world.url, requests)]


def test_a_community_takes_records_as_its_policies_say(server: Running, world: World) -> None:
    """From each role; a public record, or a restricted one, in turns."""
    _give(server, world, in_turns=True)


@pytest.mark.soak
def test_each_community_takes_each_record_as_its_policies_say(
    server: Running, world: World
) -> None:
    """The long form: both of each of them."""
    _give(server, world, in_turns=False)


def _give(server: Running, world: World, *, in_turns: bool) -> None:
    """Have each asker put records of his own into each community, and find them in those alone."""
    for at, asker in enumerate(each for each in world.askers if each.token):
        with asking.client(server, asker.token) as client:
            sent = {of["record"]: making.body(of) for of in (OPEN, CLOSED)}
            pids = {of: making.record(client, body)["id"] for of, body in sent.items()}
            asked = [
                (of, each)
                for (of, pid), (turn, each) in product(pids.items(), enumerate(world.communities))
                if not in_turns or (at + turn) % 2 == (of == "public")
            ]
            got = [
                client.post(
                    f"{RECORDS}/{pids[of]}/communities",
                    json={"communities": [{"id": each.slug}]},
                ).status_code
                for of, each in asked
            ]
            expected = [_taken(of, each, asker) for of, each in asked]
            assert got == expected, [
                f"{asker.name}, {of} record: {each}: {was}, not {wanted}"
                for (of, each), was, wanted in zip(asked, got, expected, strict=True)
                if was != wanted
            ]
            for of, pid in pids.items():
                hits = client.get(f"{RECORDS}/{pid}/communities").json()["hits"]["hits"]
                into = zip(asked, got, strict=True)
                taken = {each.slug for (mine, each), was in into if (mine, was) == (of, 200)}
                assert {each["id"] for each in hits} == taken


def _taken(record: str, into: Community, asker: Asker) -> int:
    """Return how a community answers to who puts a record of his into it."""
    if into.ended:
        return 400  # it is none
    if not gives(into.case(asker)):
        return 403
    return 400 if (record, into.visibility) == ("public", "restricted") else 200


def test_a_token_may_what_its_scopes_say(server: Running, world: World) -> None:
    """Each operation with each scope, in the name of who may everything in a community."""
    owner = next(each for each in world.askers if each.role == OWNER)
    there = next(each for each in world.communities if each.visibility == "restricted")
    asked = []
    for scopes in others.SCOPES:
        token = asking.token(server, owner.account, *scopes)
        asker = owner._replace(name=" ".join(scopes), token=token)
        for route in ON_COMMUNITIES:
            needed = "read" if door(route)[0] == "GET" else "write"
            asked += [
                cell if needed in scopes else cell._replace(status=403)
                for cell in of_communities.cells(world, route, asker, there)
            ]
    _ask(server, world, asked)
