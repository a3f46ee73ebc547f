"""Deployments of environments. Source: the Divio specification, "deployments"."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from domain import variable as variables
from tests.api import asking
from tests.api.asking import User
from tests.api.divio import deploying, hosting
from tests.api.divio.deploying import DEPLOYMENTS, VARIABLES, deployed, hex_of, variable
from tests.api.divio.hosting import ENVIRONMENTS, UUID


@pytest.fixture
def environments(member: User, organisation: str) -> list[dict[str, Any]]:
    """Test and live of an application of their own."""
    application = hosting.application(member.client, organisation)
    return hosting.environments(member.client, application["uuid"])


def listed(asker: User, **asked: str) -> list[str]:
    """The ids of a list of deployments."""
    answer = asker.client.get(DEPLOYMENTS, params=asked)
    assert answer.status_code == 200, answer.text
    return [each["uuid"] for each in answer.json()["results"]]


def values(asker: User, deployment: dict[str, Any]) -> dict[str, Any]:
    """The variables of a deployment."""
    path = f"{DEPLOYMENTS}{deployment['uuid']}/environment-variables"
    answer = asker.client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json()["environment"] == deployment["environment"]
    found: dict[str, Any] = answer.json()["environment_variables"]
    return found


def test_a_deployment_is_done_when_it_is_answered(
    member: User, environments: list[dict[str, Any]]
) -> None:
    """With success and what it took; its environment says that it was the last."""
    environment, live = environments

    answer = member.client.post(
        DEPLOYMENTS, json={"environment": environment["uuid"], "build_mode": "FULL"}
    )
    made = answer.json()

    assert (answer.status_code, answer.headers["Location"]) == (
        201,
        f"{DEPLOYMENTS}{made['uuid']}/",
    )
    assert UUID.fullmatch(made["uuid"])
    assert made["started_at"] == made["ended_at"]
    assert made == {
        "uuid": made["uuid"],
        "environment": environment["uuid"],
        "build_mode": "FULL",
        "status": "success",
        "success": True,
        "percent": 100,
        "started_at": made["started_at"],
        "ended_at": made["ended_at"],
        "environment_variables": [],
    }
    assert member.client.get(answer.headers["Location"]).json() == made
    last = {"uuid": made["uuid"]}
    shown = hosting.environments(member.client, environment["application"])
    assert [each["last_finished_deployment"] for each in shown] == [last, None]
    one = member.client.get(f"{ENVIRONMENTS}{environment['uuid']}/").json()
    assert one["last_finished_deployment"] == last
    assert listed(member, environment=live["uuid"]) == []


def test_a_deployment_keeps_the_variables_of_its_moment(
    member: User, environments: list[dict[str, Any]]
) -> None:
    """What changes later shows in the next one; sensitive values show in none."""
    environment, _ = environments
    stage = variable(member.client, environment, "STAGE", "one")
    where = f"{VARIABLES}{stage['uuid']}/"
    variable(member.client, environment, "TOKEN", asking.fresh("secret"), is_sensitive=True)
    first = deployed(member.client, environment)
    member.client.patch(where, json={"value": "two"})
    variable(member.client, environment, "MORE", "")
    second = deployed(member.client, environment)
    member.client.delete(where)

    assert first["environment_variables"] == ["STAGE", "TOKEN"]
    assert values(member, first) == {"STAGE": "one", "TOKEN": None}
    assert values(member, second) == {"STAGE": "two", "TOKEN": None, "MORE": ""}
    assert member.client.get(f"{DEPLOYMENTS}{first['uuid']}/").json() == first


def test_a_deployment_has_many_and_long_variables(
    member: User, environments: list[dict[str, Any]]
) -> None:
    """Their names in lists, a bounded number of lines of a page; and all their values."""
    environment, _ = environments
    several = {f"NAME_{each}": "v" * 400 for each in range(variables.MOST)}
    assert deploying.put(member.client, environment, several).status_code == 201

    made = deployed(member.client, environment)

    [line] = member.client.get(
        DEPLOYMENTS, params={"environment": environment["uuid"], "page_size": 1000}
    ).json()["results"]
    assert line == made
    assert made["environment_variables"] == list(several)
    assert values(member, made) == several


def test_a_deployment_is_a_version_of_its_environment(
    member: User, environments: list[dict[str, Any]]
) -> None:
    """One that says in the environment's history what was deployed."""
    environment, _ = environments
    made = deployed(member.client, environment, build_mode="FULL")
    record = hex_of(environment)

    versions = member.client.get(f"/objects/{record}/versions").json()
    events = member.client.get(f"/objects/{record}/events").json()

    assert len(versions) == 2
    changed = [each["changed"] for each in events]
    (said,) = [each["deployment"] for each in changed if "deployment" in each]
    assert said["build_mode"] == "FULL"
    assert said["id"].replace("-", "") == hex_of(made)


def test_lists_have_the_newest_first(member: User, environments: list[dict[str, Any]]) -> None:
    """Of an application, of an environment, one, or page by page."""
    test, live = environments
    application = test["application"]
    made = [deployed(member.client, each)["uuid"] for each in (test, live, test)]
    page = member.client.get(
        DEPLOYMENTS, params={"application": application, "page_size": 2, "page": 2}
    ).json()

    assert listed(member, application=application) == made[::-1]
    assert listed(member, environment=test["uuid"]) == [made[2], made[0]]
    assert listed(member, application=application, environment=live["uuid"]) == [made[1]]
    assert listed(member, uuid=made[0]) == [made[0]]
    assert (page["count"], [each["uuid"] for each in page["results"]]) == (3, made[:1])
    assert "page=" not in page["previous"]
    assert listed(member, application="no id") == []
    assert listed(member, environment=application) == []
    beyond = member.client.get(DEPLOYMENTS, params={"environment": test["uuid"], "page": 2})
    assert beyond.status_code == 404


def test_a_deployment_has_a_log(member: User, environments: list[dict[str, Any]]) -> None:
    """Text, at a path with a slash or without."""
    made = deployed(member.client, environments[1])

    for path in ("logs", "logs/"):
        answer = member.client.get(f"{DEPLOYMENTS}{made['uuid']}/{path}")
        assert answer.status_code == 200
        assert set(answer.json()) == {"uuid", "logs"}
        assert answer.json()["uuid"] == made["uuid"]
        assert "live" in answer.json()["logs"]


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, {"environment"}),
        ({"environment": None}, {"environment"}),
        ({"environment": "2" * 26}, {"environment"}),
        ({"environment": "live"}, {"environment"}),
        ({"environment": "2" * 26, "build_mode": {}}, {"environment", "build_mode"}),
        ({"build_mode": "m" * 101}, {"environment", "build_mode"}),
    ],
)
def test_a_wrong_deployment_is_refused_by_its_fields(
    ada: User, sent: dict[str, Any], named: set[str]
) -> None:
    """400 for each that is wrong."""
    refused = ada.client.post(DEPLOYMENTS, json=sent)

    assert (refused.status_code, set(refused.json())) == (400, named), refused.text


def test_racing_deployments_are_each_made(member: User, environments: list[dict[str, Any]]) -> None:
    """Each is a version of its own, and one was the last."""
    environment, _ = environments

    def deploy(_: int) -> dict[str, Any]:
        return deployed(member.client, environment)

    with ThreadPoolExecutor(4) as pool:
        made = {each["uuid"] for each in pool.map(deploy, range(6))}

    found = listed(member, environment=environment["uuid"])
    assert (len(made), set(found)) == (6, made)
    shown = member.client.get(f"{ENVIRONMENTS}{environment['uuid']}/").json()
    assert shown["last_finished_deployment"] == {"uuid": found[0]}
    versions = member.client.get(f"/objects/{hex_of(environment)}/versions").json()
    assert len(versions) == 7


def test_a_repeated_request_deploys_once(member: User, environments: list[dict[str, Any]]) -> None:
    """By its key."""
    key = {"Idempotency-Key": asking.fresh("key")}
    body = {"environment": environments[0]["uuid"]}

    first, again = (member.client.post(DEPLOYMENTS, json=body, headers=key) for _ in range(2))

    assert (first.status_code, again.json()) == (201, first.json())
    assert listed(member, environment=body["environment"]) == [first.json()["uuid"]]


def test_another_organisations_deployments_are_not_there(
    bob: User, member: User, environments: list[dict[str, Any]]
) -> None:
    """Not in a list, nor by their ids; none is made of its environments."""
    environment, _ = environments
    made = deployed(member.client, environment)
    where = f"{DEPLOYMENTS}{made['uuid']}/"

    found = [
        bob.client.get(f"{where}{below}").status_code
        for below in ("", "logs/", "environment-variables/")
    ]
    refused = bob.client.post(DEPLOYMENTS, json={"environment": environment["uuid"]})

    assert found == [404, 404, 404]
    assert listed(bob, application=environment["application"]) == []
    assert listed(bob, uuid=made["uuid"]) == []
    assert (refused.status_code, set(refused.json())) == (400, {"environment"})
    assert listed(member, environment=environment["uuid"]) == [made["uuid"]]


def test_deployments_of_a_deleted_environment_are_not_there(
    member: User, environments: list[dict[str, Any]]
) -> None:
    """As it is not."""
    environment, live = environments
    made, other = (deployed(member.client, each) for each in environments)
    assert member.client.delete(f"{ENVIRONMENTS}{environment['uuid']}/").status_code == 204

    assert member.client.get(f"{DEPLOYMENTS}{made['uuid']}/").status_code == 404
    assert listed(member, application=live["application"]) == [other["uuid"]]


def test_a_deployment_that_was_erased_is_gone(
    admin: User, member: User, environments: list[dict[str, Any]]
) -> None:
    """With what its version said; the one before is the last again."""
    environment, _ = environments
    variable(member.client, environment, "STAGE", "one")
    first, second = (deployed(member.client, environment) for _ in range(2))
    variable(member.client, environment, "MORE", "two")

    erased = admin.client.post(
        f"/objects/{hex_of(environment)}/erasures", json={"reason": "law", "versions": [3, 3]}
    )

    assert erased.status_code == 201, erased.text
    assert member.client.get(f"{DEPLOYMENTS}{second['uuid']}/").status_code == 404
    assert listed(member, environment=environment["uuid"]) == [first["uuid"]]
    shown = member.client.get(f"{ENVIRONMENTS}{environment['uuid']}/").json()
    assert shown["last_finished_deployment"] == {"uuid": first["uuid"]}
