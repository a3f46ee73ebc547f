"""Actions: made by administrators, read by every user."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running

WEIGHING: dict[str, Any] = {
    "title": "Weighing",
    "type": "object",
    "properties": {"name": {"title": "Name", "type": "text"}},
    "required": ["name"],
}


def sampledb_action(admin: httpx.Client, schema: Any = WEIGHING, **fields: Any) -> int:
    """Make an action with a schema in SampleDB's language."""
    return asking.action(admin, schema, schema_language="sampledb", **fields)


def shown(asker: User, number: int) -> dict[str, Any]:
    """Return an action as it is shown."""
    found: dict[str, Any] = asker.client.get(f"{API}/actions/{number}").json()
    return found


def edit(asker: User, number: int, **members: Any) -> httpx.Response:
    """Post members to an action."""
    return asker.client.post(f"{API}/actions/{number}", json=members)


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

    found = bob.client.get(f"{API}/actions/{number}")
    listed = bob.client.get(f"{API}/actions/").json()

    assert found.status_code == 200
    assert found.json() in listed
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

    found = admin.client.get(f"{API}/actions/{number}").json()

    ids = {"sample": -99, "measurement": -98, "simulation": -97}
    assert (found["type"], found["type_id"]) == (type_, ids[type_])


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
        ({"instrument_id": 999_999}, "instrument_id"),
        ({"instrument_id": 10**18}, "instrument_id"),
        ({"instrument_id": -1}, "instrument_id"),
        ({"instrument_id": True}, "instrument_id"),
        ({"instrument_id": "1"}, "instrument_id"),
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


def test_an_action_may_have_an_instrument(admin: User, ada: User) -> None:
    """It is shown with the instrument's number, and keeps it."""
    made = admin.client.post(f"{API}/instruments/", json={"name": "Scale"})
    instrument = int(made.headers["Location"].rpartition("/")[2])

    number = asking.action(admin.client, instrument_id=instrument)

    assert shown(ada, number)["instrument_id"] == instrument
    assert edit(admin, number, name="other", instrument_id=instrument).status_code == 200
    assert edit(admin, number, instrument_id=None).status_code == 400
    assert shown(ada, asking.action(admin.client, instrument_id=None))["instrument_id"] is None


# Changed.


def test_an_administrator_renames_describes_and_hides_an_action(admin: User, ada: User) -> None:
    """200 with the action as it is now, for every reader; a text is kept as it was sent."""
    number = asking.action(admin.client)
    before = shown(admin, number)

    name = " Wägung \u2028 2 "
    edited = edit(admin, number, name=name, description="Fein", is_hidden=True)

    assert edited.status_code == 200
    assert edited.json() == {
        **before,
        "name": name,
        "description": "Fein",
        "is_hidden": True,
    }
    assert shown(ada, number) == edited.json()
    assert edited.json() in ada.client.get(f"{API}/actions/").json()
    assert edit(admin, number, description=None, is_hidden=False).json() == {
        **before,
        "name": name,
    }


def test_objects_are_made_under_an_action_that_is_hidden(admin: User, ada: User) -> None:
    """It is only not to be offered: as in SampleDB it is listed, says so and works."""
    number = asking.action(admin.client)
    edit(admin, number, is_hidden=True)

    assert asking.new_object(ada.client, number) > 0


def test_another_schema_is_for_what_is_made_from_now_on(admin: User, ada: User) -> None:
    """What was made before keeps the one it satisfied."""
    number = sampledb_action(admin.client)
    data = json.dumps({"name": {"_type": "text", "text": "tin"}})
    made = asking.new_object(ada.client, number, data)
    properties = {**WEIGHING["properties"], "note": {"title": "Note", "type": "text"}}
    schema = {**WEIGHING, "properties": properties, "required": ["name", "note"]}

    edited = edit(admin, number, schema=schema)

    assert edited.json()["schema"] == schema
    refused = asking.post(ada.client, f"{API}/objects/", data, action_id=number)
    assert refused.json()["error_paths"] == [["note"]]
    old = ada.client.get(f"{API}/objects/{made}/versions/0").json()
    assert old["schema"] == WEIGHING


def test_an_action_may_be_sent_back_as_it_is(server: Running, admin: User) -> None:
    """With every key that it is shown with; what is said already is not said again."""
    for type_ in ("sample", "template"):
        number = sampledb_action(admin.client, type=type_)
        before = asking.stored(server)
        found = admin.client.get(f"{API}/actions/{number}")

        again = edit(admin, number, **found.json())

        assert (again.status_code, again.json()) == (200, found.json())
        assert again.headers["ETag"] == found.headers["ETag"]
        assert edit(admin, number).json() == found.json()
        assert asking.stored(server) == before


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": None}, "name"),
        ({"name": ["x"]}, "name"),
        ({"description": 7}, "description"),
        ({"is_hidden": "true"}, "is_hidden"),
        ({"is_hidden": None}, "is_hidden"),
        ({"is_hidden": 1}, "is_hidden"),
        ({"schema": None}, "schema"),
        ({"schema": []}, "schema"),
        ({"schema": {"type": "object"}}, "title"),
        ({"schema": {**WEIGHING, "required": []}}, "name"),
        ({"type": "measurement"}, "type"),
        ({"type_id": -98}, "type_id"),
        ({"type_id": -99.0}, "type_id"),
        ({"action_id": 999_999}, "action_id"),
        ({"user_id": None}, "user_id"),
        ({"instrument_id": 1}, "instrument_id"),
        ({"schema_language": "sampledb"}, "schema_language"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_its_name(
    server: Running, admin: User, fields: dict[str, Any], named: str
) -> None:
    """400 with the key or the fault in the message; nothing changes."""
    number = sampledb_action(admin.client)
    before = asking.stored(server)

    refused = edit(admin, number, **{"name": "other"} | fields)

    assert refused.status_code == 400
    assert named in refused.json()["message"]
    assert asking.stored(server) == before


def test_who_is_no_administrator_changes_no_action(admin: User, ada: User) -> None:
    """403, whatever the body; 404 comes before it."""
    number = asking.action(admin.client)

    assert edit(ada, number, name="mine").status_code == 403
    assert edit(ada, number, colour="red").status_code == 403
    assert edit(ada, 999_999, name="mine").status_code == 404
    assert edit(admin, 999_999, name="mine").status_code == 404


def test_a_change_with_an_idempotency_key_is_made_once(admin: User) -> None:
    """Sent again it is answered as the first time, though the action was changed meanwhile."""
    number = sampledb_action(admin.client)
    headers = {"Idempotency-Key": asking.fresh("edit")}
    path = f"{API}/actions/{number}"

    first = admin.client.post(path, json={"name": "first"}, headers=headers)
    edit(admin, number, name="second")
    again = admin.client.post(path, json={"name": "first"}, headers=headers)

    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert shown(admin, number)["name"] == "second"


def test_an_action_that_was_changed_is_shown_as_it_was_made_to_who_makes_it_again(
    admin: User,
) -> None:
    """Its name, its schema and all."""
    headers = {"Idempotency-Key": asking.fresh("make")}
    body = {"name": "first", "type": "sample", "schema": WEIGHING}
    made = admin.client.post(f"{API}/actions/", json=body, headers=headers)
    edit(admin, made.json()["action_id"], name="second", schema={**WEIGHING, "title": "Other"})

    again = admin.client.post(f"{API}/actions/", json=body, headers=headers)

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == made.content


# Lists.


def test_who_has_an_action_is_told_so_until_it_changes(admin: User, ada: User) -> None:
    """304 for its tag, and for that of the list."""
    number = asking.action(admin.client)
    paths = (f"{API}/actions/{number}", f"{API}/actions/")
    tags = {path: ada.client.get(path).headers["ETag"] for path in paths}

    def statuses() -> list[int]:
        return [
            ada.client.get(path, headers={"If-None-Match": tag}).status_code
            for path, tag in tags.items()
        ]

    assert statuses() == [304, 304]
    edit(admin, number, name="other")
    assert statuses() == [200, 200]


def test_a_long_list_of_actions_comes_in_pieces(admin: User, bob: User) -> None:
    """It is the same list, each action as it is by its number."""
    schema = {"description": "x" * 300_000}
    numbers = [asking.action(admin.client, schema) for _ in range(3)]

    listed = bob.client.get(f"{API}/actions/")

    assert listed.headers.get("Transfer-Encoding") == "chunked"
    found = {each["action_id"]: each for each in listed.json()}
    assert [found[number] for number in numbers] == [shown(bob, number) for number in numbers]


# Templates.


def with_mass(**more: Any) -> dict[str, Any]:
    """Return a template's schema: a name, tags, a mass."""
    properties = {
        **WEIGHING["properties"],
        "tags": {"title": "Tags", "type": "tags"},
        "mass": {"title": "Mass", "type": "quantity", "units": "g"},
        **more,
    }
    return {**WEIGHING, "properties": properties, "required": ["name", "mass"]}


def holding(template: int) -> dict[str, Any]:
    """Return a schema with an object whose properties are those of a template."""
    inside = {"title": "Part", "type": "object", "properties": {}, "template": template}
    return {**WEIGHING, "properties": {**WEIGHING["properties"], "part": inside}}


def test_a_template_is_an_action_of_its_own_type(admin: User, ada: User) -> None:
    """SampleDB calls it custom; no objects are made under it."""
    number = sampledb_action(admin.client, with_mass(), type="template")

    refused = asking.post(ada.client, f"{API}/objects/", "{}", action_id=number)

    assert (shown(ada, number)["type"], shown(ada, number)["type_id"]) == ("custom", -96)
    assert refused.status_code == 400
    assert "disabled" in refused.json()["message"]


def test_a_templates_properties_are_put_into_the_schemas_that_name_it(
    admin: User, ada: User
) -> None:
    """But for name, tags and hazards; and they are asked of every object."""
    template = sampledb_action(admin.client, with_mass(), type="template")

    number = sampledb_action(admin.client, holding(template))

    part = shown(ada, number)["schema"]["properties"]["part"]
    assert part["template"] == template
    assert part["title"] == "Part"
    assert list(part["properties"]) == ["mass"]
    assert part["required"] == ["mass"]
    name = {"_type": "text", "text": "tin"}
    data = {"name": name, "part": {"mass": {"_type": "quantity", "magnitude": 2.5}}}
    made = asking.new_object(ada.client, number, json.dumps(data))
    stored = ada.client.get(f"{API}/objects/{made}/versions/0").json()["data"]
    assert stored["part"]["mass"]["units"] == "g"
    refused = asking.post(
        ada.client, f"{API}/objects/", json.dumps({"name": name, "part": {}}), action_id=number
    )
    assert refused.json()["error_paths"] == [["part", "mass"]]


def test_an_action_keeps_its_template_as_it_was_until_it_is_edited(admin: User) -> None:
    """Then it has the template's present properties."""
    template = sampledb_action(admin.client, with_mass(), type="template")
    number = sampledb_action(admin.client, holding(template))
    edit(admin, template, schema=with_mass(note={"title": "Note", "type": "text"}))

    def names() -> list[str]:
        return list(shown(admin, number)["schema"]["properties"]["part"]["properties"])

    assert names() == ["mass"]
    edit(admin, number, name="other")
    assert names() == ["mass"]
    edit(admin, number, schema=shown(admin, number)["schema"])
    assert names() == ["mass", "note"]


def test_templates_may_name_templates(admin: User) -> None:
    """A large schema too, whose templates are put in by another process."""
    inner = sampledb_action(admin.client, with_mass(), type="template")
    outer = sampledb_action(admin.client, holding(inner), type="template")
    schema = holding(outer)
    schema["properties"]["name"]["note"] = "x" * 100_000

    number = sampledb_action(admin.client, schema)

    part = shown(admin, number)["schema"]["properties"]["part"]
    assert list(part["properties"]) == ["part"]
    assert list(part["properties"]["part"]["properties"]) == ["mass"]


def test_what_is_no_template_is_refused(admin: User) -> None:
    """An action of another type, none at all, no number, and a template that leads to itself."""
    usual = sampledb_action(admin.client)
    template = sampledb_action(admin.client, with_mass(), type="template")
    outer = sampledb_action(admin.client, holding(template), type="template")
    body = {"name": "x", "type": "sample"}

    for named in (usual, 999_999, -1, 10**15, True, "1", None):
        schema = holding(named)  # type: ignore[arg-type]  # what is no number is refused too
        refused = admin.client.post(f"{API}/actions/", json=body | {"schema": schema})
        assert refused.status_code == 400, named
        assert "template must be" in refused.json()["message"]
    for number, named in ((template, template), (template, outer)):
        refused = edit(admin, number, schema=holding(named))
        assert refused.status_code == 400
        assert "recursively" in refused.json()["message"]


def test_templates_that_multiply_are_refused(admin: User) -> None:
    """400, not a schema of gigabytes."""
    large = with_mass(note={"title": "Note", "type": "text", "note": "x" * 400_000})
    template = sampledb_action(admin.client, large, type="template")
    part = holding(template)["properties"]["part"]
    schema = {
        **WEIGHING,
        "properties": {**WEIGHING["properties"], **{f"p{n}": part for n in range(100)}},
    }

    body = {"name": "x", "type": "sample", "schema": schema}
    refused = admin.client.post(f"{API}/actions/", json=body)

    assert refused.status_code == 400
    assert "too large together" in refused.json()["message"]


def test_a_template_has_a_schema_in_sampledbs_language(admin: User) -> None:
    """A JSON Schema could not be put into one."""
    body = {"name": "x", "type": "template", "schema_language": "json-schema", "schema": {}}

    refused = admin.client.post(f"{API}/actions/", json=body)

    assert refused.status_code == 400
    assert "schema_language" in refused.json()["message"]
