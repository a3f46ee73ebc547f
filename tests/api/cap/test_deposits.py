"""Deposits: begun, read, listed, changed, deleted. Source: the CAP specification and its seed."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.api.asking import Join, User, fresh
from tests.api.cap.making import (
    BASIC,
    DEPOSITS,
    YEARS,
    act,
    change,
    deposit,
    new_type,
    published,
    put,
    share,
)

PATCH = {"Content-Type": "application/json-patch+json"}
WHOLE = {
    *("id", "type", "revision", "schema", "experiment", "status", "created_by", "created"),
    *("updated", "metadata", "labels", "files", "is_owner", "access", "links"),
}


def test_a_deposit_is_begun_under_the_open_type_of_a_new_service(ada: User) -> None:
    """201 with Location and ETag; its creator reads, updates and administers it."""
    made = ada.client.post(f"{DEPOSITS}/", json={"$ana_type": "generic", "title": "Tin"})

    shown = made.json()
    email = f"{ada.name}@local.invalid"
    assert made.status_code == 201
    assert re.fullmatch("[0-9a-f]{32}", shown["id"])
    assert made.headers["Location"] == f"{DEPOSITS}/{shown['id']}"
    assert made.headers["ETag"] == f'"{shown["revision"]}"'
    assert set(shown) == WHOLE
    assert shown["metadata"] == {"title": "Tin"}
    assert (shown["type"], shown["status"], shown["is_owner"]) == ("deposit", "draft", True)
    assert shown["schema"] == {"name": "generic", "version": "1.0.0", "fullname": "Generic"}
    assert shown["created_by"]["email"] == email
    for right in ("read", "update", "admin"):
        held = shown["access"][f"deposit-{right}"]
        assert [each["email"] for each in held["users"]] == [email]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", shown["created"])


@pytest.mark.parametrize(
    "body", [{}, {"$ana_type": "none"}, {"$schema": "x"}, {"$ana_type": 1}, [], {"$ana_type": None}]
)
def test_without_a_type_there_is_no_deposit(ada: User, body: Any) -> None:
    """400 for a type that is missing or unknown."""
    refused = ada.client.post(DEPOSITS, json=body)

    assert refused.status_code == 400
    assert set(refused.json()) == {"status", "message"}


def test_the_type_may_be_named_by_its_schema(ada: User) -> None:
    """As its URL has it; at a version that is not its newest 400."""
    schema = "https://cap.example/schemas/deposits/records/generic-v1.0.0.json"

    made = ada.client.post(DEPOSITS, json={"$schema": schema, "a": 1})
    older = ada.client.post(DEPOSITS, json={"$schema": schema.replace("1.0.0", "0.9.0")})

    assert (made.status_code, made.json()["metadata"]) == (201, {"a": 1})
    assert older.status_code == 400


def test_a_schema_is_named_in_500_characters(ada: User) -> None:
    """A longer name, of slashes above all, is 400 before it is gone through."""
    name = "/records/generic-v1.0.0.json"
    longest = "/a" * ((500 - len(name)) // 2) + name

    assert len(longest) == 500
    assert ada.client.post(DEPOSITS, json={"$schema": longest}).status_code == 201
    for long in (f"/{longest}", "/a" * (1 << 20)):
        refused = ada.client.post(DEPOSITS, json={"$schema": long})
        assert refused.status_code == 400
        assert refused.json()["message"] == f"There is no schema {long[:200]}."


def test_what_the_client_sends_back_is_stored_as_the_same(ada: User) -> None:
    """Its second call: PUT of the metadata, an empty object too, answered in the basic shape."""
    made = deposit(ada.client)

    saved = ada.client.put(f"{DEPOSITS}/{made['id']}", json=made["metadata"], headers=BASIC)

    assert saved.status_code == 200
    assert set(saved.json()) == {"pid", "metadata", "created", "updated"}
    assert saved.headers["Content-Type"] == "application/basic+json"
    assert saved.json()["pid"] == made["id"]


def test_members_of_the_service_are_no_metadata(ada: User) -> None:
    """What begins with an underscore, and the schema, are dropped."""
    path = f"{DEPOSITS}/{deposit(ada.client, _x=1)['id']}"

    saved = ada.client.put(path, json={"_deposit": {}, "$schema": "x", "year": 2})

    assert saved.json()["metadata"] == {"year": 2}
    assert ada.client.get(path).json()["metadata"] == {"year": 2}


def test_numbers_stay_as_they_are_spelled(ada: User) -> None:
    """Through PUT and PATCH."""
    path = f"{DEPOSITS}/{deposit(ada.client)['id']}"

    ada.client.put(path, content=b'{"mass": 1.50, "n": 1e3, "a": 0}')
    patch = b'[{"op": "replace", "path": "/a", "value": 2.0}]'
    patched = ada.client.patch(path, content=patch, headers=PATCH)

    assert b"1.50" in patched.content
    assert b"1e3" in patched.content
    assert b"2.0" in patched.content


def test_a_patch_changes_what_it_names(ada: User) -> None:
    """As RFC 6902 says, whatever the client's Content-Type."""
    path = f"{DEPOSITS}/{deposit(ada.client, runs=[1])['id']}"

    done = ada.client.patch(
        path,
        json=[
            {"op": "add", "path": "/runs/-", "value": 2},
            {"op": "add", "path": "/title", "value": "Tin"},
            {"op": "test", "path": "/runs/0", "value": 1},
        ],
        headers=PATCH,
    )

    assert (done.status_code, done.json()["metadata"]) == (200, {"runs": [1, 2], "title": "Tin"})


@pytest.mark.parametrize(
    "patch",
    [
        b"",
        b"{}",
        b"[1]",
        b'[{"op":"none","path":"/a"}]',
        b'[{"op":"remove","path":"/none"}]',
        b'[{"op":"test","path":"/a","value":2}]',
        b'[{"op":"add","path":"a","value":2}]',
        b'[{"op":"add","path":null,"value":2}]',
        b'[{"op":"replace","path":"","value":[]}]',
        b'[{"op":"copy","path":"/b"}]',
        b"[%s]" % b",".join(b'{"op":"copy","from":"","path":"/%d"}' % n for n in range(40)),
        b"[%s]" % b",".join([b'{"op":"add","path":"/a","value":[[1]]}'] * 10_001),
    ],
)
def test_a_bad_patch_changes_nothing(ada: User, patch: bytes) -> None:
    """400; what copies without end as well."""
    made = deposit(ada.client, a=1)
    path = f"{DEPOSITS}/{made['id']}"

    refused = ada.client.patch(path, content=patch, headers=PATCH)

    assert refused.status_code == 400, refused.text
    assert ada.client.get(path).json()["revision"] == made["revision"]


def test_metadata_of_the_wrong_shape_is_refused_by_its_fields(admin: User, ada: User) -> None:
    """422; each field is a list of texts, positions in arrays too."""
    kind = new_type(admin.client)
    path = f"{DEPOSITS}/{deposit(ada.client, kind)['id']}"
    wrong = {"runs": [{"year": 1}, {"year": "x"}]}

    put = ada.client.put(path, json=wrong)
    made = ada.client.post(DEPOSITS, json={"$ana_type": kind, **wrong})
    patch = [{"op": "add", "path": "/title", "value": 1}]
    patched = ada.client.patch(path, json=patch, headers=PATCH)

    assert [each.status_code for each in (put, made, patched)] == [422, 422, 422]
    assert put.json()["status"] == 422
    [error] = put.json()["errors"]
    assert error["field"] == ["runs", "1", "year"]
    assert isinstance(error["message"], str)


def test_a_stale_revision_is_refused(ada: User) -> None:
    """412; the present one passes."""
    made = ada.client.post(DEPOSITS, json={"$ana_type": "generic"})
    path, tag = made.headers["Location"], made.headers["ETag"]

    assert ada.client.put(path, json={"a": 1}, headers={"If-Match": tag}).status_code == 200
    for send in (ada.client.put, ada.client.patch):
        refused = send(path, json={"a": 2}, headers={"If-Match": tag})
        assert refused.status_code == 412
    assert ada.client.delete(path, headers={"If-Match": tag}).status_code == 412


@pytest.mark.parametrize("state", ["draft", "published"])
def test_an_action_for_a_stale_revision_is_refused(ada: User, bob: User, state: str) -> None:
    """412 for each that the status allows, and nothing changes; the present one passes."""
    made = deposit(ada.client)
    path = f"{DEPOSITS}/{made['id']}"
    if state == "published":
        act(ada.client, made["id"], "publish")
    actions = ["clone", "permissions"]
    actions += ["edit"] if state == "published" else ["upload", "disconnect_webhook", "publish"]
    before = ada.client.get(path)
    tag = before.headers["ETag"]

    def status(action: str, tag: str) -> int:
        body = [change(bob.name, "read")] if action == "permissions" else None
        url = f"{path}/actions/{action}"
        return ada.client.post(url, json=body, headers={"If-Match": tag}).status_code

    for stale in ('"0"', "999", '"none"'):
        assert {status(each, stale) for each in actions} == {412}
    assert ada.client.get(path).content == before.content
    assert {status(each, tag) for each in actions} <= {201, 202}


def test_what_is_deleted_is_gone(ada: User, bob: User) -> None:
    """204, then 410; to strangers 403 as before, and what never was is 404."""
    path = f"{DEPOSITS}/{deposit(ada.client)['id']}"
    headers = {"Content-type": "application/json"}  # and no body, as the client has it

    assert ada.client.delete(path, headers=headers).status_code == 204

    assert ada.client.get(path, headers=headers).status_code == 410
    assert ada.client.put(path, json={}).status_code == 410
    assert bob.client.get(path).status_code == 403
    assert ada.client.get(f"{DEPOSITS}/{'0' * 32}").status_code == 404
    assert ada.client.get(f"{DEPOSITS}/none").status_code == 404


def test_every_representation_is_had_by_accept(ada: User) -> None:
    """Their fields, their own media types; any other is 406."""
    path = f"{DEPOSITS}/{deposit(ada.client)['id']}"

    def shown(kind: str) -> dict[str, Any]:
        answer = ada.client.get(path, headers={"Accept": kind})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == (kind if "+" in kind else "application/json")
        found: dict[str, Any] = answer.json()
        return found

    email = f"{ada.name}@local.invalid"
    held = {"users": [email], "roles": []}
    assert set(shown("application/json")) == set(shown("*/*")) == WHOLE
    assert set(shown("application/form+json")) == WHOLE | {
        *("can_update", "can_admin", "can_review", "schemas")
    }
    assert shown("application/permissions+json") == {
        "permissions": {"read": held, "update": held, "admin": held}
    }
    assert shown("application/repositories+json") == {"webhooks": []}
    assert ada.client.get(path, headers={"Accept": "text/html"}).status_code == 406


def test_one_lists_what_is_edited_and_may_be_seen(join: Join) -> None:
    """Drafts alone, one's own and what is shared with one; the last changed first."""
    eve, dan = join("eve"), join("dan")
    first, second = deposit(eve.client, title="Tin"), deposit(eve.client, title="Lead")
    done = published(eve.client, title="Done")
    foreign = deposit(dan.client, title="Foreign tin")
    deposit(dan.client)
    share(dan.client, foreign["id"], eve.name, "read")
    ada_first = eve.client.put(f"{DEPOSITS}/{first['id']}", json={"title": "Tin"})
    assert ada_first.status_code == 200
    eve.client.put(f"{DEPOSITS}/{first['id']}", json={"title": "More tin"})

    def ids(query: str) -> list[str]:
        answer = eve.client.get(f"{DEPOSITS}{query}")
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"hits", "links", "aggregations"}
        assert len(answer.json()["hits"]["hits"]) <= answer.json()["hits"]["total"]
        return [each["id"] for each in answer.json()["hits"]["hits"]]

    assert ids("") == ids("/?sort=mostrecent") == [first["id"], foreign["id"], second["id"]]
    assert ids("?by_me=True&type=generic") == [first["id"], second["id"]]
    assert ids("?type=none") == []
    assert ids("?q=tin") == [first["id"], foreign["id"]]
    assert ids("?size=1&page=3") == [second["id"]]
    act(eve.client, done["id"], "edit")
    assert ids("?q=done") == [done["id"]]


def test_a_list_leads_to_the_pages_beside(join: Join) -> None:
    """By links that hold no credential; hits in the representation asked for."""
    eve = join("eve")
    made = [deposit(eve.client)["id"] for _ in range(3)]

    path = f"{DEPOSITS}?size=1&page=2&access_token={eve.token}"
    listed = eve.client.get(path, headers=BASIC).json()

    assert listed["hits"]["total"] == 3
    assert [each["pid"] for each in listed["hits"]["hits"]] == [made[1]]
    assert set(listed["links"]) == {"self", "next", "prev"}
    assert eve.token not in str(listed)
    following = eve.client.get(listed["links"]["next"]).json()
    assert [each["id"] for each in following["hits"]["hits"]] == [made[0]]


@pytest.mark.parametrize("query", ["page=0", "size=x", "size=101", "by_me=maybe", "sort=none"])
def test_a_list_is_asked_for_in_numbers(ada: User, query: str) -> None:
    """400 for what is none, or for an order that there is not."""
    assert ada.client.get(f"{DEPOSITS}?{query}").status_code == 400


def test_who_does_not_sign_in_is_told_nothing(nobody: httpx.Client, ada: User) -> None:
    """401, in this door's words, also for a token that does not hold."""
    path = f"{DEPOSITS}/{deposit(ada.client)['id']}"

    for each in (DEPOSITS, path, "/api/me", "/api/jsonschemas"):
        for query in ("", "?access_token=none"):
            refused = nobody.get(f"{each}{query}")
            assert refused.status_code == 401
            assert refused.json()["status"] == 401
            assert refused.json()["message"]


@pytest.mark.parametrize("way", ["OAuth2 {}", "Bearer {}", "?access_token={}"])
def test_a_token_is_shown_as_the_seed_says(ada: User, nobody: httpx.Client, way: str) -> None:
    """In the query, or in the header by either name; with and without a slash at the end."""
    depid = deposit(ada.client)["id"]
    shown = way.format(ada.token)
    query = shown if shown.startswith("?") else ""
    headers = {} if query else {"Authorization": shown}

    for path in (DEPOSITS, f"{DEPOSITS}/{depid}", "/api/records"):
        for slash in ("", "/"):
            answer = nobody.get(f"{path}{slash}{query}", headers=headers)
            assert answer.status_code == 200, path


def test_deep_conditional_schemas_are_decided_on_rightly(admin: User, ada: User) -> None:
    """Draft-04's oneOf and dependencies, within one another. How fast: scripts/bench."""
    schema: dict[str, Any] = YEARS
    for level in range(40):
        schema = {
            "type": "object",
            "properties": {"kind": {"enum": ["a", "b"]}, "in": schema},
            "dependencies": {"kind": {"required": ["in"]}},
            "oneOf": [
                {"properties": {"kind": {"enum": ["a"]}}},
                {"properties": {"kind": {"enum": ["b"]}}, "required": ["kind", f"x{level}"]},
            ],
        }
    kind = new_type(admin.client, schema)
    right: dict[str, Any] = {"title": "Tin"}
    wrong: dict[str, Any] = {"title": 1}
    for _ in range(40):
        right, wrong = {"kind": "a", "in": right}, {"kind": "a", "in": wrong}

    assert ada.client.post(DEPOSITS, json={"$ana_type": kind, **right}).status_code == 201
    refused = ada.client.post(DEPOSITS, json={"$ana_type": kind, **wrong})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == ["in"] * 40 + ["title"]
    assert ada.client.post(DEPOSITS, json={"$ana_type": kind, "kind": "a"}).status_code == 422


def test_what_is_nested_without_end_is_refused(ada: User) -> None:
    """400, in metadata as in a patch."""
    path = f"{DEPOSITS}/{deposit(ada.client)['id']}"
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000

    assert ada.client.put(path, content=deep).status_code == 400
    patch = b'[{"op":"add","path":"/a","value":%s}]' % deep
    assert ada.client.patch(path, content=patch, headers=PATCH).status_code == 400


def test_what_was_erased_is_gone(admin: User, ada: User) -> None:
    """410 for a deposit and its record, and it is in no list; its files are nowhere."""
    word = fresh("orpiment")
    made = deposit(ada.client, title=word)
    put(ada.client, made, "a", word.encode())
    recid = act(ada.client, made["id"], "publish")["recid"]
    act(ada.client, made["id"], "edit")
    lists = [f"{path}?q={word}" for path in (DEPOSITS, "/api/records")]

    def listed() -> list[bool]:
        return [f'"{word}"' in ada.client.get(path).text for path in lists]

    assert listed() == [True, True]
    erased = admin.client.post(f"/objects/{recid}/erasures", json={"reason": "Asked to"})

    assert erased.status_code == 201, erased.text
    for path in (f"{DEPOSITS}/{made['id']}", f"/api/records/{recid}"):
        for headers in ({}, BASIC):
            assert ada.client.get(path, headers=headers).status_code == 410
    assert ada.client.get(f"{made['links']['bucket']}/a").status_code in (404, 410)
    assert ada.client.post(f"{DEPOSITS}/{made['id']}/actions/edit").status_code in (403, 404, 410)
    assert ada.client.post(f"{DEPOSITS}/{made['id']}/actions/clone").status_code == 410
    assert listed() == [False, False]


def test_large_metadata_goes_the_same_ways(admin: User, ada: User) -> None:
    """Begun, replaced, patched, refused by field, published, under a schema that is large too."""
    many = {f"p{number}": {"type": "string"} for number in range(5_000)}
    kind = new_type(admin.client, {**YEARS, "properties": YEARS["properties"] | many})
    notes = {f"p{number}": "tin " * 20 for number in range(5_000)}
    made = deposit(ada.client, kind, **notes, _hidden=1)
    path = f"{DEPOSITS}/{made['id']}"

    replaced = ada.client.put(path, json=notes | {"title": "Tin", "$schema": "x"})
    patch: list[dict[str, Any]] = [{"op": "replace", "path": "/title", "value": "Lead"}]
    patched = ada.client.patch(path, json=patch, headers=PATCH)
    wrong = ada.client.put(path, json=notes | {"p7": 1})
    wrong_patch = ada.client.patch(path, json=[{"op": "remove", "path": "/none"}], headers=PATCH)
    done = act(ada.client, made["id"], "publish")

    assert made["metadata"] == notes
    assert replaced.json()["metadata"] == notes | {"title": "Tin"}
    assert patched.json()["metadata"]["title"] == "Lead"
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, ["p7"])
    assert wrong_patch.status_code == 400
    assert done["metadata"] == notes | {"title": "Lead"}
