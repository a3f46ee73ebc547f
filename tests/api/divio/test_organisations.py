"""Organisations and who is in them. Source: the Divio specification, "Organisations"."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.asking import Join, User
from tests.api.divio import deploying, hosting
from tests.api.divio.hosting import APPLICATIONS, IAM, ORGANISATIONS, UUID
from tests.running import Running


def test_who_asks_is_told_who_he_is(ada: User) -> None:
    """With an id, and an address that he is known by."""
    me = ada.client.get(f"{IAM}/me/").json()

    assert set(me) == {"uuid", "email", "first_name", "last_name"}
    assert UUID.fullmatch(me["uuid"])
    assert (me["email"], me["first_name"]) == (f"{ada.name}@local.invalid", ada.name)


def test_an_organisation_is_its_members_alone(ada: User, bob: User, admin: User) -> None:
    """Not an administrator's of the service either: 404, and in no list of theirs."""
    uuid = hosting.organisation(ada.client)
    path = f"{ORGANISATIONS}{uuid}/"

    assert UUID.fullmatch(uuid)
    assert ada.client.get(path).json()["uuid"] == uuid
    assert ada.client.get(ORGANISATIONS, params={"uuid": uuid}).json()["count"] == 1
    for other in (bob, admin):
        assert other.client.get(path).status_code == 404
        assert other.client.get(ORGANISATIONS, params={"uuid": uuid}).json()["count"] == 0
        assert other.client.patch(path, json={"name": "Lead"}).status_code == 404
        assert other.client.get(f"{path}members/").status_code == 404
        assert other.client.post(f"{path}members/", json={}).status_code == 404


def test_a_member_is_added_and_leaves(ada: User, bob: User) -> None:
    """By who leads it; what is in it is there as long."""
    uuid = hosting.organisation(ada.client)
    path = f"{ORGANISATIONS}{uuid}/members/"

    added = ada.client.post(path, json={"email": bob.name, "role": "MEMBER"})
    member = added.json()["uuid"]
    seen = [bob.client.get(each).status_code for each in (path, f"{path}{member}/")]
    refused = bob.client.post(path, json={"email": bob.name, "role": "ADMIN"})
    renamed = [
        each.client.patch(f"{ORGANISATIONS}{uuid}/", json={"name": "Lead"}) for each in (bob, ada)
    ]
    left = ada.client.delete(f"{path}{member}/")

    assert (added.status_code, added.json()["role"]) == (201, "MEMBER")
    assert seen == [200, 200]
    assert [each.status_code for each in renamed] == [403, 200]
    assert renamed[1].json()["name"] == "Lead"
    assert (refused.status_code, set(refused.json())) == (403, {"detail"})
    assert (left.status_code, bob.client.get(path).status_code) == (204, 404)
    assert ada.client.delete(f"{path}{member}/").status_code == 404


def test_everybody_may_leave(ada: User, bob: User) -> None:
    """Also who was put in without being asked; of others only who leads it may take anybody out."""
    uuid = hosting.organisation(ada.client)
    path = f"{ORGANISATIONS}{uuid}/members/"
    me = ada.client.get(f"{IAM}/me/").json()["uuid"]
    other = hosting.join(ada.client, uuid, bob)

    assert bob.client.delete(f"{path}{me}/").status_code == 403
    assert bob.client.delete(f"{path}{other}/").status_code == 204
    assert bob.client.get(path).status_code == 404


def test_the_last_administrator_stays(ada: User, bob: User) -> None:
    """400, until there is another."""
    uuid = hosting.organisation(ada.client)
    path = f"{ORGANISATIONS}{uuid}/members/"
    me = ada.client.get(f"{IAM}/me/").json()["uuid"]

    assert ada.client.delete(f"{path}{me}/").status_code == 400
    assert ada.client.patch(f"{path}{me}/", json={"role": "MEMBER"}).status_code == 400
    other = hosting.join(ada.client, uuid, bob)
    raised = ada.client.patch(f"{path}{other}/", json={"role": "ADMIN"})
    assert (raised.status_code, raised.json()["role"]) == (200, "ADMIN")
    assert ada.client.delete(f"{path}{me}/").status_code == 204
    assert ada.client.get(path).status_code == 404


def test_addresses_of_others_take_a_scope(server: Running, ada: User, join: Join) -> None:
    """Without it one is told one's own."""
    narrow = join("narrow", "read", "write")
    uuid = hosting.organisation(ada.client)
    hosting.join(ada.client, uuid, narrow)

    lines = narrow.client.get(f"{ORGANISATIONS}{uuid}/members/").json()["results"]

    assert {each["name"]: each["email"] for each in lines} == {
        ada.name: None,
        narrow.name: f"{narrow.name}@local.invalid",
    }


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": None}, {"name": ["This field may not be null."]}),
        ({"name": " "}, {"name": ["This field may not be blank."]}),
        ({"name": {}}, {"name": ["Not a valid string."]}),
        ({"name": "x" * 256}, {"name": ["Ensure this field has no more than 255 characters."]}),
    ],
)
def test_a_wrong_organisation_is_told_by_field(
    ada: User, body: dict[str, Any], wrong: dict[str, Any]
) -> None:
    """400 with a list of what is wrong with each."""
    refused = ada.client.post(ORGANISATIONS, json=body)

    assert (refused.status_code, refused.json()) == (400, wrong)


def test_a_service_account_sees_one_organisation(ada: User, bob: User, join: Join) -> None:
    """The one that it was put into, and of every list no more than what is in it."""
    service = join("service")
    first, second = (hosting.organisation(each.client) for each in (ada, bob))
    mine = hosting.application(ada.client, first)
    others = hosting.application(bob.client, second)
    hosting.join(ada.client, first, service)

    listed = service.client.get(APPLICATIONS).json()
    organisations = service.client.get(ORGANISATIONS).json()

    assert [each["uuid"] for each in listed["results"]] == [mine["uuid"]]
    assert [each["uuid"] for each in organisations["results"]] == [first]
    for way in (f"{others['uuid']}/", f"?slug={others['slug']}", f"?uuid={others['uuid']}"):
        answer = service.client.get(f"{APPLICATIONS}{way}")
        assert others["slug"] not in answer.text
        assert answer.status_code == (404 if way.endswith("/") else 200)
    both = [
        hosting.environments(each.client, one["uuid"]) for each, one in ((ada, mine), (bob, others))
    ]
    for each, [environment, _] in zip((ada, bob), both, strict=True):
        deploying.deployed(each.client, environment)
        deploying.variable(each.client, environment, "STAGE", "test")
    theirs = {"application": others["uuid"]}, {"environment": both[1][0]["uuid"]}
    for path, asked in (
        (hosting.ENVIRONMENTS, theirs[:1]),
        (deploying.DEPLOYMENTS, theirs),
        (deploying.VARIABLES, theirs),
    ):
        assert [service.client.get(path, params=each).json()["count"] for each in asked] == [
            0 for _ in asked
        ]
    shown = service.client.get(hosting.ENVIRONMENTS).json()["results"]
    assert [each["uuid"] for each in shown] == [each["uuid"] for each in both[0]]
    assert service.client.get(deploying.DEPLOYMENTS).json()["count"] == 1
    refused = service.client.post(
        APPLICATIONS, json={"name": "a", "slug": mine["slug"] + "x", "organisation": second}
    )
    assert (refused.status_code, set(refused.json())) == (400, {"organisation"})
