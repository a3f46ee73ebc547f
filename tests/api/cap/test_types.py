"""Types of deposits: listed, read, made by administrators. Source: the CAP specification."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api import asking
from tests.api.asking import User, fresh
from tests.api.cap.making import DEPOSITS, YEARS, act, deposit, new_type
from tests.running import Running

SCHEMAS = "/api/jsonschemas"
MEMBERS = {
    *("name", "version", "fullname", "is_indexed", "use_deposit_as_record"),
    *("deposit_schema", "record_schema", "config"),
}

IN_A_CIRCLE = {
    "properties": {"a": {"$ref": "#/definitions/a"}},
    "definitions": {"a": {"not": {"$ref": "#/definitions/a"}}},
}


def test_me_is_told_which_types_there_are(admin: User, ada: User) -> None:
    """The generic one first; with the address that one is known by."""
    name = new_type(admin.client, fullname="Tin runs")

    me = ada.client.get("/api/me").json()

    assert set(me) == {"id", "email", "deposit_groups", "profile", "roles"}
    assert me["email"] == f"{ada.name}@local.invalid"
    assert me["deposit_groups"][0]["deposit_group"] == "generic"
    [mine] = [each for each in me["deposit_groups"] if each["deposit_group"] == name]
    assert (mine["name"], mine["schema_path"]) == (
        "Tin runs",
        f"deposits/records/{name}-v1.0.0.json",
    )


def test_a_type_is_read_in_each_of_its_versions(admin: User, ada: User) -> None:
    """The newest unless one is named; what there is none of is 404."""
    name = new_type(admin.client)
    later = {"name": name, "version": "1.10.0", "deposit_schema": {"title": "Later"}}
    made = admin.client.post(SCHEMAS, json=later)

    newest = ada.client.get(f"{SCHEMAS}/{name}?resolve=True").json()
    first = ada.client.get(f"{SCHEMAS}/{name}/1.0.0/?resolve=True").json()

    assert made.status_code == 201
    assert made.headers["Location"] == f"{SCHEMAS}/{name}/1.10.0"
    assert set(newest) == MEMBERS
    assert (newest["version"], newest["deposit_schema"]) == ("1.10.0", {"title": "Later"})
    assert (first["version"], first["deposit_schema"]) == ("1.0.0", YEARS)
    for path in (f"{name}/2.0.0", "none", "none/1.0.0"):
        assert ada.client.get(f"{SCHEMAS}/{path}").status_code == 404
    listed = {each["name"]: each["version"] for each in ada.client.get(SCHEMAS).json()}
    assert listed["generic"] == "1.0.0"
    assert listed[name] == "1.10.0"


def test_a_version_is_later_than_those_before(admin: User) -> None:
    """409 for the same and for an older one; numbers, not texts, are compared."""
    name = new_type(admin.client, version="1.9.0")

    for version, status in (("1.9.0", 409), ("1.8.0", 409), ("1.10.0", 201)):
        body = {"name": name, "version": version, "deposit_schema": {}}
        assert admin.client.post(SCHEMAS, json=body).status_code == status


def test_one_schema_may_be_for_both(admin: User) -> None:
    """And without one of its own a record may say anything."""
    both = new_type(admin.client, use_deposit_as_record=True)
    open_ = new_type(admin.client)

    assert admin.client.get(f"{SCHEMAS}/{both}").json()["record_schema"] == YEARS
    assert admin.client.get(f"{SCHEMAS}/{open_}").json()["record_schema"] == {}


def test_only_administrators_make_types(ada: User) -> None:
    """403 for others."""
    body = {"name": fresh("type"), "version": "1.0.0", "deposit_schema": {}}

    assert ada.client.post(SCHEMAS, json=body).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": None}, ["name"]),
        ({"name": "a b"}, ["name"]),
        ({"version": "1.0"}, ["version"]),
        ({"deposit_schema": []}, ["deposit_schema"]),
        ({"deposit_schema": {"type": 1}}, ["deposit_schema", "type"]),
        ({"deposit_schema": {"$ref": "https://tin.example/x"}}, ["deposit_schema", "$ref"]),
        (
            {"deposit_schema": {"items": {"$ref": "file:///etc/hostname#"}}},
            ["deposit_schema", "items", "$ref"],
        ),
        ({"deposit_schema": {"$ref": "#"}}, ["deposit_schema"]),
        ({"record_schema": IN_A_CIRCLE}, ["record_schema", "definitions", "a"]),
        ({"record_schema": {"pattern": "(?=a)"}}, ["record_schema", "pattern"]),
        ({"config": 1}, ["config"]),
        ({"fullname": ""}, ["fullname"]),
        ({"use_deposit_as_record": 1}, ["use_deposit_as_record"]),
    ],
)
def test_a_type_that_cannot_be_is_refused_by_its_fields(
    admin: User, wrong: dict[str, Any], field: list[str]
) -> None:
    """422, also for a schema that refers elsewhere, or to itself, or is not linear in time."""
    body = {"name": fresh("type"), "version": "1.0.0", "deposit_schema": {}}

    refused = admin.client.post(SCHEMAS, json=body | wrong)

    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] == field


def test_a_schema_may_recur_where_documents_end(admin: User, ada: User) -> None:
    """Parts of parts are held to it at any depth; as many as none could check are refused."""
    part = {"properties": {"name": {"type": "string"}, "parts": {"items": {"$ref": "#"}}}}
    name = new_type(admin.client, part)
    right: dict[str, Any] = {"name": "tin"}
    wrong: dict[str, Any] = {"name": 1}
    for _ in range(15):
        right, wrong = {"parts": [right]}, {"parts": [wrong]}

    assert deposit(ada.client, name, **right)["metadata"] == right
    refused = ada.client.post(DEPOSITS, json={"$ana_type": name, **wrong})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == ["parts", "0"] * 15 + ["name"]
    again = {f"d{at}": {"allOf": [{"$ref": f"#/definitions/d{at - 1}"}] * 9} for at in range(1, 9)}
    bomb = {"definitions": {"d0": part, **again}, "items": {"$ref": "#/definitions/d8"}}
    body = {"name": fresh("type"), "version": "1.0.0", "deposit_schema": bomb}
    refused = admin.client.post(SCHEMAS, json=body)
    assert refused.status_code == 422
    assert "100,000" in refused.json()["errors"][0]["message"]


def test_deposits_are_held_to_the_newest_version(admin: User, ada: User) -> None:
    """From its making on; what was saved before stays until it is saved again."""
    name = new_type(admin.client)
    path = f"{DEPOSITS}/{deposit(ada.client, name, title='Tin')['id']}"
    strict = {"type": "object", "properties": {"title": {"type": "integer"}}}
    later = {"name": name, "version": "2.0.0", "deposit_schema": strict}
    admin.client.post(SCHEMAS, json=later)

    assert ada.client.get(path).json()["metadata"] == {"title": "Tin"}
    assert ada.client.get(path).json()["schema"]["version"] == "2.0.0"
    assert ada.client.put(path, json={"title": "Tin"}).status_code == 422
    assert ada.client.put(path, json={"title": 1}).status_code == 200


def test_of_a_hidden_type_no_deposit_begins(server: Running, admin: User, ada: User) -> None:
    """Neither by its name nor as a clone, also for administrators; those that are there go on."""
    name = new_type(admin.client)
    made = deposit(ada.client, name)
    action = "SELECT a.number FROM view.actions a JOIN view.records r ON r.action = a.id"
    [[number]] = asking.query(server, f"{action} WHERE r.id = %s", made["id"])

    hidden = admin.client.post(f"{asking.API}/actions/{number}", json={"is_hidden": True})

    assert hidden.is_success, hidden.text
    path = f"{DEPOSITS}/{made['id']}"
    for user in (ada, admin):
        begun = user.client.post(DEPOSITS, json={"$ana_type": name})
        cloned = user.client.post(f"{path}/actions/clone")
        assert begun.status_code == cloned.status_code == 400
        assert "no analysis type" in begun.json()["message"]
        assert "no analysis type" in cloned.json()["message"]
    assert ada.client.put(path, json={"title": "Tin"}).status_code == 200
    assert act(ada.client, made["id"], "publish")["recid"]


def test_what_somebody_calls_a_type_is_not_repeated_at_length(ada: User) -> None:
    """A refusal is short, whatever is refused."""
    name = "x" * 1_000_000

    for member in ("$ana_type", "$schema"):
        refused = ada.client.post(DEPOSITS, json={member: name})
        assert refused.status_code == 400
        assert len(refused.content) < 1000
