"""Actions: made by administrators, read by every user."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api import asking
from tests.api.asking import API, User


def test_an_administrator_makes_an_action_and_is_shown_it(admin: User) -> None:
    """201 with its Location and the whole action, as it is read later."""
    body = {
        "name": asking.fresh("weighing"),
        "description": "On the small scale",
        "type": "measurement",
        "schema_language": "json-schema",
        "schema": {"type": "object", "required": ["mass"]},
    }

    made = admin.client.post(f"{API}/actions/", json=body)

    number = made.json()["action_id"]
    assert made.status_code == 201
    assert made.headers["Location"] == f"{API}/actions/{number}"
    assert made.json() == {
        "action_id": number,
        "instrument_id": None,
        "user_id": admin.client.get(f"{API}/users/me").json()["user_id"],
        "type": "measurement",
        "type_id": -98,
        "name": body["name"],
        "description": "On the small scale",
        "is_hidden": False,
        "schema": body["schema"],
    }
    assert admin.client.get(made.headers["Location"]).content == made.content


def test_every_user_may_read_every_action(admin: User, bob: User) -> None:
    """In the list, by number, and make objects with it."""
    number = asking.action(admin.client)

    shown = bob.client.get(f"{API}/actions/{number}")
    listed = bob.client.get(f"{API}/actions/").json()

    assert shown.status_code == 200
    assert shown.json() in listed
    assert asking.new_object(bob.client, number) > 0


def test_actions_are_listed_by_number(bob: User) -> None:
    """Each once, lowest first."""
    numbers = [each["action_id"] for each in bob.client.get(f"{API}/actions/").json()]

    assert numbers == sorted(set(numbers))


def test_who_is_no_administrator_makes_no_action(ada: User) -> None:
    """403, whatever the body."""
    body = {"name": "mine", "type": "sample", "schema_language": "json-schema", "schema": {}}

    assert ada.client.post(f"{API}/actions/", json=body).status_code == 403


@pytest.mark.parametrize("type_", ["sample", "measurement", "simulation"])
def test_an_action_has_one_of_three_types(admin: User, type_: str) -> None:
    """Each with SampleDB's number for it."""
    number = asking.action(admin.client, type=type_)

    shown = admin.client.get(f"{API}/actions/{number}").json()

    ids = {"sample": -99, "measurement": -98, "simulation": -97}
    assert (shown["type"], shown["type_id"]) == (type_, ids[type_])


def test_a_schema_keeps_its_order_and_its_bytes(admin: User, ada: User) -> None:
    """In the action and in each version made under it."""
    schema = '{ "type":"object", "x":1.0, "properties":{"b":{}, "a":{"const":1e2}} }'
    body = '{"name":"%s","type":"sample","schema_language":"json-schema","schema":%s}'
    made = admin.client.post(
        f"{API}/actions/", content=(body % (asking.fresh("ordered"), schema)).encode()
    )
    number = asking.new_object(ada.client, made.json()["action_id"], "{}")

    assert made.status_code == 201
    assert schema.encode() in ada.client.get(made.headers["Location"]).content
    assert schema.encode() in ada.client.get(f"{API}/objects/{number}/versions/0").content


def test_an_empty_description_is_null(admin: User) -> None:
    """As SampleDB shows it."""
    number = asking.action(admin.client, description="")

    assert admin.client.get(f"{API}/actions/{number}").json()["description"] is None


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 7}, "name"),
        ({"description": None}, "description"),
        ({"description": ["x"]}, "description"),
        ({"type": "custom"}, "type"),
        ({"type": None}, "type"),
        ({"type": -99}, "type"),
        ({"schema": None}, "schema"),
        ({"schema": True}, "schema"),
        ({"schema": "{}"}, "schema"),
        ({"schema": []}, "schema"),
        ({"schema_language": "xml"}, "schema_language"),
        ({"schema_language": None}, "schema_language"),
        ({"action_id": 3}, "action_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_its_name(
    admin: User, fields: dict[str, Any], named: str
) -> None:
    """400 with the key in the message; no action is made."""
    body = {"name": "x", "type": "sample", "schema_language": "json-schema", "schema": {}}
    before = admin.client.get(f"{API}/actions/").content

    refused = admin.client.post(f"{API}/actions/", json=body | fields)

    assert refused.status_code == 400
    assert named in refused.json()["message"]
    assert admin.client.get(f"{API}/actions/").content == before


@pytest.mark.parametrize("missing", ["name", "type", "schema"])
def test_a_field_that_is_missing_is_named(admin: User, missing: str) -> None:
    """400 with the key in the message."""
    body = {"name": "x", "type": "sample", "schema_language": "json-schema", "schema": {}}
    del body[missing]

    refused = admin.client.post(f"{API}/actions/", json=body)

    assert refused.status_code == 400
    assert missing in refused.json()["message"]


@pytest.mark.parametrize(
    "draft",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ],
)
def test_a_schema_may_be_of_every_draft_from_4_to_2020_12(
    admin: User, ada: User, draft: str
) -> None:
    """And it decides on what is made under it."""
    schema = {"$schema": draft, "properties": {"mass": {"type": "number"}}}
    number = asking.action(admin.client, schema)

    refused = asking.post(ada.client, f"{API}/objects/", '{"mass":"x"}', action_id=number)

    assert refused.json()["error_paths"] == [["mass"]]
    assert asking.new_object(ada.client, number, '{"mass":1}') > 0


def test_references_within_a_schema_are_followed(admin: User, ada: User) -> None:
    """`$ref` into its own `$defs`."""
    schema = {"$ref": "#/$defs/thing", "$defs": {"thing": {"required": ["mass"]}}}
    number = asking.action(admin.client, schema)

    refused = asking.post(ada.client, f"{API}/objects/", "{}", action_id=number)

    assert refused.status_code == 400
    assert "mass" in refused.json()["message"]


@pytest.mark.parametrize("number", ["999999", "0", "-1", "x", "1.0", "9" * 30, "\u0661", "1/"])
def test_an_action_that_is_not_there_is_not_found(ada: User, number: str) -> None:
    """Whatever stands in the place of its number."""
    answer = ada.client.get(f"{API}/actions/{number}")

    assert answer.status_code == 404
    assert list(json.loads(answer.content)) == ["message"]
