"""/apps/v3/schema.json: what of the OpenAPI document is Divio's."""

from __future__ import annotations

import httpx
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.api.asking import User
from tests.api.divio import hosting
from tests.api.divio.hosting import APPS


def test_the_schema_is_that_of_this_door_alone(ada: User, nobody: httpx.Client) -> None:
    """Valid, with bodies as JSON and as forms; it takes a token as everything does."""
    answer = ada.client.get(f"{APPS}/schema.json")

    document = answer.json()
    validate(document)
    assert {path.split("/")[1] for path in document["paths"]} == {"apps", "iam", "billing"}
    body = document["paths"][hosting.APPLICATIONS]["post"]["requestBody"]
    assert set(body["content"]) == {"application/json", "application/x-www-form-urlencoded"}
    assert nobody.get(f"{APPS}/schema.json").status_code == 401


def test_answers_are_as_the_schema_says(ada: User) -> None:
    """Of reads, lists and what was made."""
    document = ada.client.get(f"{APPS}/schema.json").json()
    organisation = hosting.organisation(ada.client)
    made = hosting.application(ada.client, organisation)
    [test, _] = hosting.environments(ada.client, made["uuid"])
    variable = {"environment": test["uuid"], "name": "STAGE", "value": "test"}
    named = hosting.made(ada.client, f"{APPS}/environment-variables/", variable)
    deployed = hosting.made(ada.client, f"{APPS}/deployments/", {"environment": test["uuid"]})
    members = f"{hosting.ORGANISATIONS}{organisation}/members/"
    ids = {
        hosting.APPLICATIONS: made["uuid"],
        hosting.ENVIRONMENTS: test["uuid"],
        hosting.ORGANISATIONS: organisation,
        f"{APPS}/environment-variables/": named["uuid"],
        f"{APPS}/deployments/": deployed["uuid"],
        f"{APPS}/regions/": made["region"],
        "/billing/v3/application-plan-groups/": made["plan_group"],
    }

    wrong = []
    for path, operations in document["paths"].items():
        collection, brace, _ = path.partition("{")
        where = path.replace("{uuid}", ids.get(collection, ""))
        if (brace and collection not in ids) or "{member}" in path or "get" not in operations:
            continue
        params = {"environment": test["uuid"]} if path.endswith("/environment-variables/") else {}
        answer = ada.client.get(where, params=params)
        schema = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        checked = Draft202012Validator(schema | {"components": document["components"]})
        wrong += [f"{path}: {each.message}" for each in checked.iter_errors(answer.json())]
    assert wrong == []
    assert ada.client.get(members).json()["count"] == 1


def test_of_every_path_the_schema_says_what_options_answers(ada: User) -> None:
    """OPTIONS may be asked wherever something may."""
    document = ada.client.get(f"{APPS}/schema.json").json()

    for path, operations in document["paths"].items():
        content = operations["options"]["responses"]["200"]["content"]
        assert content["application/json"]["schema"]["$ref"].endswith("/divio.Options"), path
