"""divio-cli, Divio's published client: unmodified, against a real service.

Source: the Divio specification, "What the real client needs", by its numbers; and the snippets of
Divio's manual, "How to use our API".
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api import asking
from tests.api.asking import User
from tests.api.divio import hosting
from tests.clients import divio_commands
from tests.clients.divio_commands import Ended
from tests.running import Running

Divio = Callable[..., list[Ended]]
PLANS = "/billing/v3/application-plan-groups/"


@pytest.fixture(scope="module")
def user(server: Running) -> Iterator[User]:
    """Whoever uses the client: a service account of one organisation."""
    made = asking.user(server, "divio-cli")
    with made.client:
        yield made


@pytest.fixture(scope="module")
def organisation(user: User) -> str:
    """An organisation that he is in."""
    return hosting.organisation(user.client)


@pytest.fixture
def divio(server: Running, user: User, tmp_path: Path) -> Divio:
    """The client, as he uses it."""

    def run(*commands: list[str]) -> list[Ended]:
        return divio_commands.run(tmp_path, server.url, user.token, *commands)

    return run


def test_the_snippet_of_the_manual(server: Running, user: User) -> None:
    """`curl` with the token in a header is answered with what there is, by absolute URLs."""
    shown = subprocess.run(
        ["curl", "-s", f"{server.url}/apps/v3/", "-H", f"authorization: Token {user.token}"],
        capture_output=True,
        check=True,
    )

    root = json.loads(shown.stdout)

    for name in (
        *("applications", "environments", "domains", "patches", "repositories"),
        *("serviceinstances", "deployments", "builds", "regions"),
    ):
        assert root[name] == f"{server.url}/apps/v3/{name}/"


def test_it_signs_in_and_lists(user: User, organisation: str, divio: Divio) -> None:
    """1, 2, 3, 4: applications with their organisations, regions, services."""
    made = hosting.application(user.client, organisation, name="Tin")
    [region] = user.client.get(f"{hosting.APPS}/regions/").json()["results"]

    login, plain, applications, organisations, regions, services = divio(
        ["login", user.token],
        ["app", "list"],
        ["app", "list", "--json"],
        ["organisations", "list", "--json"],
        ["regions", "list", "--json"],
        ["services", "list", "--region", region["uuid"]],
    )

    assert user.name in login.said
    assert (plain.status, made["uuid"] in plain.said, "Tin" in plain.said) == (0, True, True)
    assert made in applications.json["results"]
    assert organisation in [each["uuid"] for each in organisations.json]
    assert regions.json == [region]
    assert (services.status, "No services found" in services.said) == (0, True), services.said


def test_it_makes_an_application(user: User, organisation: str, divio: Divio) -> None:
    """7: it asks about each field first, and hears of a slug that is taken."""
    slug = asking.fresh("cli")
    [group] = user.client.get(PLANS).json()["results"]
    said = ["--organisation", organisation, "--plan-group", group["uuid"]]
    said += ["--region", group["regions"][0], "--json"]

    def create(name: str, slug: str) -> list[str]:
        return ["app", "create", "-I", "--name", name, "--slug", slug, *said]

    first, taken, wrong = divio(
        create("Tin", slug), create("Lead", slug), create("Lead", "Not a slug")
    )

    [made] = user.client.get(hosting.APPLICATIONS, params={"slug": slug}).json()["results"]
    assert first.json["name"] == made["name"] == "Tin"
    assert (taken.status, "already exists" in taken.said) == (1, True)
    assert (wrong.status, "valid" in wrong.said) == (1, True)


def test_it_deploys_and_shows_what_it_deployed(user: User, organisation: str, divio: Divio) -> None:
    """5, 6: variables of an environment, a deployment to its end, and the list with a limit."""
    made = hosting.application(user.client, organisation)
    [test, _] = hosting.environments(user.client, made["uuid"])
    for name, value, hidden in (("STAGE", "test", False), ("SECRET", "hidden-value", True)):
        hosting.made(
            user.client,
            f"{hosting.APPS}/environment-variables/",
            {"environment": test["uuid"], "name": name, "value": value, "is_sensitive": hidden},
        )
    remote = ["--remote-id", made["uuid"]]

    first, second, listed, limited, variables, log, logs, unknown = divio(
        ["app", "deploy", "test", *remote],
        ["app", "deploy", "test", *remote],
        ["app", "deployments", "--json", "list", "--all-envs", *remote],
        ["app", "deployments", "list", "--limit", "1", *remote],
        ["app", "env-vars", "--json", "list", *remote],
        ["app", "deploy-log", "test", *remote],
        ["app", "logs", "test", "--utc", *remote],
        ["app", "deployments", "list", "--remote-id", "a" * 26],
    )

    for ended in (first, second, limited, log, logs):
        assert ended.status == 0, ended.said
    deployments: Any = user.client.get(
        f"{hosting.APPS}/deployments/", params={"environment": test["uuid"]}
    ).json()["results"]
    assert len(deployments) == 2
    assert all(each["uuid"] in listed.said for each in deployments)
    assert "There were 2 results available" in limited.said
    assert ("STAGE" in variables.said, "hidden-value" in variables.said) == (True, False)
    assert deployments[0]["uuid"] in log.said
    assert unknown.status == 1


def test_it_tells_that_a_token_does_not_hold(server: Running, tmp_path: Path) -> None:
    """8: in its own words for 401, and in ours."""
    [refused] = divio_commands.run(tmp_path, server.url, "wrong", ["organisations", "list"])

    assert refused.status == 1
    assert "This token is not valid." in refused.said
