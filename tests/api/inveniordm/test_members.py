"""Members of communities over HTTP. Source: InvenioRDM, "Members"."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.asking import Join, User
from tests.api.inveniordm.gathering import community, join, leave, members, named, number

CLOSED = {"member_policy": "closed"}
RESTRICTED = {"visibility": "restricted"}


def roles(asker: User, slug: str) -> dict[str, str]:
    """The role of each member, by name, as a member is told."""
    answer = asker.client.get(members(slug))
    assert answer.status_code == 200, answer.text
    return {each["member"]["name"]: each["role"] for each in answer.json()["hits"]["hits"]}


def put(asker: User, slug: str, *who: User, role: str) -> int:
    """The status of giving members a role."""
    body = named(*(each.client for each in who), role=role)
    return asker.client.put(members(slug), json=body).status_code


def test_who_makes_a_community_owns_it(ada: User) -> None:
    """And is told what they may do about it."""
    slug = community(ada.client)

    listed = ada.client.get(members(slug)).json()
    [hit] = listed["hits"]["hits"]

    assert (listed["hits"]["total"], listed["sortBy"]) == (1, "name")
    assert hit["member"] == {
        "type": "user",
        "id": number(ada.client),
        "name": ada.name,
        "description": "",
    }
    assert (hit["role"], hit["is_current_user"], hit["visible"]) == ("owner", True, True)
    assert not hit["permissions"]["can_leave"]  # the last owner stays


@pytest.mark.parametrize("role", ["reader", "curator", "manager", "owner"])
def test_a_member_is_added_changed_and_taken_out(ada: User, bob: User, role: str) -> None:
    """204 each time."""
    slug = community(ada.client, **CLOSED)

    join(ada.client, slug, bob.client, role)
    assert roles(bob, slug) == {ada.name: "owner", bob.name: role}
    assert put(ada, slug, bob, role="curator") == 204
    assert roles(bob, slug)[bob.name] == "curator"
    leave(ada.client, slug, bob.client)
    assert roles(ada, slug) == {ada.name: "owner"}


def test_members_are_told_to_members_alone(ada: User, bob: User, join: Join) -> None:
    """403 for others; the public is told who leads."""
    slug = community(ada.client)
    carl = join("carl")
    ada.client.post(members(slug), json=named(carl.client, role="curator"))

    assert bob.client.get(members(slug)).status_code == 403
    [hit] = bob.client.get(f"{members(slug)}/public").json()["hits"]["hits"]
    assert set(hit) == {"id", "member"}
    assert hit["member"]["name"] == ada.name


def test_nobody_is_told_who_leads_a_restricted_community(ada: User, bob: User) -> None:
    """But its members."""
    slug = community(ada.client, **RESTRICTED)

    assert bob.client.get(f"{members(slug)}/public").status_code == 403
    join(ada.client, slug, bob.client, "reader")
    assert bob.client.get(f"{members(slug)}/public").status_code == 200


def test_members_come_in_pages(ada: User, bob: User, admin: User) -> None:
    """By name, with links that repeat what was asked."""
    slug = community(ada.client)
    ada.client.post(members(slug), json=named(bob.client, admin.client, role="reader"))

    first = ada.client.get(members(slug), params={"size": 2}).json()
    second = ada.client.get(first["links"]["next"]).json()
    names = [each["member"]["name"] for page in (first, second) for each in page["hits"]["hits"]]

    assert names == sorted([ada.name, bob.name, admin.name], key=str.lower)
    assert second["hits"]["total"] == 3
    assert set(second["links"]) == {"self", "prev"}
    assert ada.client.get(members(slug), params={"page": 9}).json()["hits"]["hits"] == []


def test_everybody_makes_themselves_readers_of_an_open_community(ada: User, bob: User) -> None:
    """Not curators, and nobody else a reader."""
    slug = community(ada.client, member_policy="open")

    assert bob.client.post(members(slug), json=named(bob.client, role="curator")).status_code == 403
    assert bob.client.post(members(slug), json=named(ada.client, role="reader")).status_code == 403
    join(bob.client, slug, bob.client, "reader")
    assert roles(bob, slug)[bob.name] == "reader"
    leave(bob.client, slug, bob.client)
    assert bob.client.get(members(slug)).status_code == 403


@pytest.mark.parametrize("policies", [CLOSED, RESTRICTED])
def test_nobody_joins_a_closed_or_restricted_community(
    ada: User, bob: User, policies: dict[str, str]
) -> None:
    """403: the restricted ones have members to be restricted to."""
    slug = community(ada.client, **{"member_policy": "open", **policies})

    assert bob.client.post(members(slug), json=named(bob.client, role="reader")).status_code == 403


def test_managers_give_every_role_but_the_owner_s(ada: User, bob: User, join: Join) -> None:
    """Curators and readers none."""
    carl, slug = join("carl"), community(ada.client, **CLOSED)
    ada.client.post(members(slug), json=named(bob.client, role="manager"))

    assert bob.client.post(members(slug), json=named(carl.client, role="owner")).status_code == 403
    assert (
        bob.client.post(members(slug), json=named(carl.client, role="curator")).status_code == 204
    )
    assert put(bob, slug, ada, role="reader") == 403
    assert put(carl, slug, bob, role="reader") == 403
    assert bob.client.request("DELETE", members(slug), json=named(ada.client)).status_code == 403
    assert roles(ada, slug) == {ada.name: "owner", bob.name: "manager", carl.name: "curator"}


def test_the_last_owner_stays(ada: User, bob: User) -> None:
    """400, in InvenioRDM's shape, until somebody else owns the community too."""
    slug = community(ada.client)
    refused = ada.client.request("DELETE", members(slug), json=named(ada.client))

    assert refused.status_code == 400
    assert refused.json() == {
        "status": 400,
        "message": "A validation error occurred.",
        "errors": [
            {"field": "members", "messages": ["A community keeps at least one owner."]},
        ],
    }
    assert put(ada, slug, ada, role="reader") == 400
    join(ada.client, slug, bob.client, "owner")
    leave(ada.client, slug, ada.client)
    assert roles(bob, slug) == {bob.name: "owner"}


def test_of_two_owners_who_leave_at_once_one_stays(ada: User, bob: User) -> None:
    """Whoever comes second."""
    for _ in range(4):
        slug = community(ada.client)
        join(ada.client, slug, bob.client, "owner")
        bodies = [(each, named(each.client)) for each in (ada, bob)]
        with ThreadPoolExecutor(2) as pool:
            left = pool.map(
                lambda each, slug=slug: each[0].client.request(
                    "DELETE", members(slug), json=each[1]
                ),
                bodies,
            )
            assert sorted(each.status_code for each in left) == [204, 400]


def test_racing_owners_add_a_member_once(ada: User, bob: User) -> None:
    """The others are told that it is one."""
    slug, body = community(ada.client), named(bob.client, role="reader")
    with ThreadPoolExecutor(8) as pool:
        added = [*pool.map(lambda _: ada.client.post(members(slug), json=body), range(8))]

    assert sorted(each.status_code for each in added) == [204] + [400] * 7
    assert roles(ada, slug)[bob.name] == "reader"


def test_who_is_a_member_is_not_added_and_who_is_none_is_not_changed(ada: User, bob: User) -> None:
    """400, and nothing of the request is done."""
    slug = community(ada.client)

    twice = ada.client.post(members(slug), json=named(bob.client, ada.client, role="reader"))
    assert (twice.status_code, roles(ada, slug)) == (400, {ada.name: "owner"})
    assert put(ada, slug, bob, role="reader") == 400
    out = ada.client.request("DELETE", members(slug), json=named(bob.client))
    assert [each["field"] for each in out.json()["errors"]] == ["members"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["members", "role"]),
        ({"members": [], "role": "king"}, ["members", "role"]),
        ({"members": [{"type": "group", "id": "it"}], "role": "reader"}, ["members.0"]),
        ({"members": [{"type": "user"}, {"type": "user", "id": "x"}]}, ["members.0", "members.1"]),
        ({"members": [{"type": "user", "id": "987654321"}], "role": "reader"}, ["members"]),
        ({"members": [{"type": "user", "id": True}], "role": 3}, ["members.0", "role"]),
    ],
)
def test_what_names_no_members_is_refused_by_field(
    ada: User, body: dict[str, Any], fields: list[str]
) -> None:
    """400 with everything that is wrong."""
    slug = community(ada.client)

    answer = ada.client.post(members(slug), json=body)

    assert answer.status_code == 400
    assert {each["field"] for each in answer.json()["errors"]} >= set(fields)
    assert roles(ada, slug) == {ada.name: "owner"}


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_is_no_object_is_refused(ada: User, body: bytes, method: str) -> None:
    """400."""
    slug = community(ada.client)

    assert ada.client.request(method, members(slug), content=body).status_code == 400


def test_a_community_that_is_not_there_has_no_members(ada: User) -> None:
    """404; 410 when it was deleted."""
    slug = community(ada.client)
    ada.client.delete(f"/api/communities/{slug}")

    for path, status in ((members("no-such-community"), 404), (members(slug), 410)):
        assert ada.client.get(path).status_code == status
        assert ada.client.post(path, json=named(ada.client, role="reader")).status_code == status
