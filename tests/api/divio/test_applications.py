"""Applications and environments. Source: the Divio specification, "Endpoints"."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from domain import hosted
from tests.api import asking
from tests.api.asking import User
from tests.api.divio import hosting
from tests.api.divio.hosting import APPLICATIONS, APPS, ENVIRONMENTS, UUID
from tests.running import Running

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_an_application_begins_with_two_environments(member: User, organisation: str) -> None:
    """Test, then live; it says what was sent, and what else it has by itself."""
    slug = asking.fresh("slug")
    sent = {"name": "Tin", "slug": slug, "organisation": organisation}

    answer = member.client.post(APPLICATIONS, json=sent)
    made = answer.json()
    both = hosting.environments(member.client, made["uuid"])

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{APPLICATIONS}{made['uuid']}/"
    assert {name: made[name] for name in sent} == sent
    assert (made["repository"], made["app_template"], made["branch"]) == (None, None, "main")
    assert made["release_commands"] == []
    assert all(UUID.fullmatch(made[each]) for each in ("uuid", "region", "plan_group"))
    assert [each["slug"] for each in both] == ["test", "live"]
    assert {each["application"] for each in both} == {made["uuid"]}
    assert {each["last_finished_deployment"] for each in both} == {None}
    assert member.client.get(answer.headers["Location"]).json() == made


def test_a_form_is_taken_as_json_is(ada: User, organisation: str) -> None:
    """As public scripts send it; anything else is 415."""
    slug = asking.fresh("slug")
    sent = {"name": "Tin & lead", "slug": slug, "organisation": organisation, "repository": ""}

    made = ada.client.post(APPLICATIONS, data=sent)
    text = ada.client.post(
        APPLICATIONS, content=b"name=Tin", headers={"Content-Type": "text/plain"}
    )
    parts = ada.client.post(APPLICATIONS, files={"name": b"Tin"})

    assert (made.status_code, made.json()["name"]) == (201, "Tin & lead")
    for refused in (text, parts):
        assert (refused.status_code, set(refused.json())) == (415, {"detail"})


def test_a_list_is_no_text(ada: User, organisation: str) -> None:
    """Of JSON it is refused; of a form that says something several times, the last is taken."""
    sent = {"slug": asking.fresh("slug"), "organisation": organisation, "name": ["x", "y"]}

    refused = ada.client.post(APPLICATIONS, json=sent)
    made = ada.client.post(APPLICATIONS, data=sent)

    assert (refused.status_code, refused.json()) == (400, {"name": ["Not a valid string."]})
    assert (made.status_code, made.json()["name"]) == (201, "y")


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, {"name", "slug", "organisation"}),
        ({"slug": "good-one"}, {"name", "organisation"}),
        ({"name": "good"}, {"slug", "organisation"}),
        ({"name": "a", "slug": "Not Good"}, {"slug", "organisation"}),
        ({"name": "a", "slug": "-a"}, {"slug", "organisation"}),
        ({"name": "a", "slug": "a", "organisation": None}, {"organisation"}),
        ({"name": "a", "slug": "a", "organisation": ""}, {"organisation"}),
        ({"name": "a", "slug": "a", "organisation": "2" * 26}, {"organisation"}),
        ({"name": "a", "slug": "a", "organisation": [1]}, {"organisation"}),
        (
            {"name": ["a", "b"], "slug": {"a": 1}, "organisation": 5},
            {"name", "slug", "organisation"},
        ),
        ({"name": "a", "slug": ["a"], "organisation": ["a"]}, {"slug", "organisation"}),
        ({"name": [], "slug": [], "organisation": []}, {"name", "slug", "organisation"}),
        ({"repository": "a" * 26, "region": "b", "plan_group": 1}, {"repository", "region"}),
        ({"release_commands": "make"}, {"release_commands"}),
        ({"release_commands": [{"label": 1}]}, {"release_commands"}),
    ],
)
def test_a_wrong_application_is_told_by_field(
    ada: User, sent: dict[str, Any], named: set[str]
) -> None:
    """400; a field that is good is not named."""
    refused = ada.client.post(APPLICATIONS, json=sent)

    assert refused.status_code == 400, refused.text
    told = refused.json()
    assert named <= set(told)
    assert all(isinstance(each, list) for each in told.values())
    good = {name for name, value in sent.items() if isinstance(value, str)} - named - {"slug"}
    assert not good & set(told)


def test_an_application_says_so_much_and_no_more(ada: User, organisation: str) -> None:
    """What each command may have, not all may have together, through whatever door."""
    made = hosting.application(ada.client, organisation)
    at = f"/objects/{hosting.pid_of(ada.client, made)}/versions"
    data = ada.client.get(f"{at}/0").json()["data"]
    long = {"label": "a", "command": "c" * hosted.COMMAND}
    most = hosted.LARGEST // hosted.COMMAND - 1

    def said(count: int) -> int:
        sent = {"data": data | {"release_commands": [long] * count}}
        return ada.client.post(f"{at}/", json=sent).status_code

    assert [said(most), said(most + 2)] == [201, 400]
    [listed] = ada.client.get(APPLICATIONS, params={"slug": made["slug"]}).json()["results"]
    assert listed == made | {"release_commands": [long] * most}


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"\xff", b'{"name":"a","name":"b"}'])
def test_bad_json_is_a_mistake_of_the_users(ada: User, body: bytes) -> None:
    """400, in one of the two shapes."""
    refused = ada.client.post(
        APPLICATIONS, content=body, headers={"Content-Type": "application/json"}
    )

    assert refused.status_code == 400
    assert set(refused.json()) <= {"detail", "non_field_errors"}


def test_a_slug_is_taken_once(ada: User, bob: User, organisation: str) -> None:
    """By whomever; it is free again when its application was deleted."""
    other = hosting.organisation(bob.client)
    made = hosting.application(ada.client, organisation)
    sent = {"name": "a", "slug": made["slug"], "organisation": other}

    taken = bob.client.post(APPLICATIONS, json=sent)
    alone = bob.client.post(APPLICATIONS, json={"slug": made["slug"]})
    gone = ada.client.delete(f"{APPLICATIONS}{made['uuid']}/")
    freed = bob.client.post(APPLICATIONS, json=sent)

    assert (taken.status_code, set(taken.json())) == (400, {"slug"})
    assert "slug" in alone.json()
    assert (gone.status_code, freed.status_code) == (204, 201)


@pytest.mark.parametrize("wanted", [{}, {"versions": [0, 0]}])
def test_the_slug_of_what_was_erased_is_free(
    admin: User, ada: User, organisation: str, wanted: dict[str, Any]
) -> None:
    """As after a deletion: what was erased does not go on, nor does it come back."""
    made = hosting.application(ada.client, organisation)
    [first, _] = hosting.environments(ada.client, made["uuid"])
    new = {name: made[name] for name in ("name", "slug", "organisation")}
    same = {name: first[name] for name in ("application", "slug")}

    for each, path, sent in ((first, ENVIRONMENTS, same), (made, APPLICATIONS, new)):
        at = hosting.object_of(each)
        data = ada.client.get(f"{at}/versions/0").json()["data"]
        erased = admin.client.post(f"{at}/erasures", json={"reason": "a"} | wanted)
        assert erased.status_code == 201, erased.text
        again = ada.client.post(f"{at}/versions/", json={"data": data})
        back = ada.client.post(f"{at}/restore", json={"version": 0})
        assert (again.status_code, back.status_code) == (410, 410), (again.text, back.text)
        assert hosting.made(ada.client, path, sent)["slug"] == each["slug"]


def test_a_change_is_a_version(ada: User, member: User, organisation: str) -> None:
    """What is so already is none; others keep what they said; what is fixed stays."""
    made = hosting.application(ada.client, organisation)
    path = f"{APPLICATIONS}{made['uuid']}/"

    same = member.client.patch(path, json={"name": made["name"]})
    changed = member.client.patch(path, json={"name": "Lead", "slug": "other", "uuid": "x"})
    wrong = member.client.patch(path, json={"name": None})

    assert (same.status_code, same.json()) == (200, made)
    assert (changed.status_code, changed.json()) == (200, made | {"name": "Lead"})
    assert (wrong.status_code, set(wrong.json())) == (400, {"name"})
    [number] = [
        each["object_id"]
        for each in ada.client.get("/objects/?limit=5").json()
        if each["data"].get("slug") == made["slug"]
    ]
    assert len(ada.client.get(f"/objects/{number}/versions").json()) == 2


def test_only_who_leads_deletes_an_application(
    ada: User, member: User, bob: User, organisation: str
) -> None:
    """It and its environments are gone then, and in no list."""
    made = hosting.application(member.client, organisation)
    path = f"{APPLICATIONS}{made['uuid']}/"
    [first, _] = hosting.environments(member.client, made["uuid"])

    refused = [each.client.delete(path).status_code for each in (bob, member)]
    done = ada.client.delete(path)

    assert (refused, done.status_code) == ([404, 403], 204)
    assert done.content == b""
    assert ada.client.get(path).status_code == 404
    assert ada.client.delete(path).status_code == 404
    assert hosting.environments(ada.client, made["uuid"]) == []
    assert ada.client.get(f"{ENVIRONMENTS}{first['uuid']}/").status_code == 404
    copied = ada.client.post(f"{ENVIRONMENTS}{first['uuid']}/copy/", json={"new_slug": "a"})
    assert copied.status_code == 404


def test_an_environment_is_copied(member: User, organisation: str) -> None:
    """Under another slug, with what it says."""
    made = hosting.application(member.client, organisation)
    [test, _] = hosting.environments(member.client, made["uuid"])
    path = f"{ENVIRONMENTS}{test['uuid']}/"
    member.client.patch(path, json={"branch": "next"})

    copied = member.client.post(f"{path}copy/", json={"new_slug": "stage"})
    taken = member.client.post(f"{path}copy/", json={"new_slug": "live"})
    wrong = member.client.post(f"{path}copy/", json={})

    assert (copied.status_code, copied.json()["branch"]) == (201, "next")
    slugs = [each["slug"] for each in hosting.environments(member.client, made["uuid"])]
    assert slugs == ["test", "live", "stage"]
    for refused in (taken, wrong):
        assert (refused.status_code, set(refused.json())) == (400, {"new_slug"})
    assert member.client.delete(path).status_code == 204
    again = member.client.post(
        ENVIRONMENTS, json={"application": made["uuid"], "slug": "test", "branch": "main"}
    )
    assert again.status_code == 201


def test_an_environment_has_a_log(ada: User, organisation: str) -> None:
    """A line a version, deployments among them, oldest first; `next` leads on."""
    made = hosting.application(ada.client, organisation)
    [test, _] = hosting.environments(ada.client, made["uuid"])
    path = f"{ENVIRONMENTS}{test['uuid']}/"

    first = ada.client.get(f"{path}logs/").json()
    ada.client.patch(path, json={"branch": "next"})
    deployed = hosting.made(ada.client, f"{APPS}/deployments/", {"environment": test["uuid"]})
    following = ada.client.get(first["next"]).json()
    none = ada.client.get(f"{path}logs/", params={"to_ts": "2001-01-01T00:00:00Z"}).json()

    assert [set(each) for each in first["results"]] == [{"timestamp", "service", "message"}]
    assert [deployed["uuid"] in each["message"] for each in following["results"]] == [False, True]
    assert none["results"] == []
    assert ada.client.get(f"{path}logs/", params={"from_ts": "soon"}).status_code == 400


def test_lists_are_filtered_and_paged(ada: User) -> None:
    """By fields; `next` and `previous` are absolute and keep the filters."""
    organisation = hosting.organisation(ada.client)
    made = [hosting.application(ada.client, organisation, name=f"n{each}") for each in range(3)]

    def listed(**params: Any) -> dict[str, Any]:
        asked = {"organisation": organisation} | params
        answer = ada.client.get(APPLICATIONS, params=asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    whole, first = listed(), listed(page_size=2)
    second = ada.client.get(first["next"]).json()

    assert [each["uuid"] for each in whole["results"]] == [each["uuid"] for each in made]
    assert (whole["count"], whole["next"], whole["previous"]) == (3, None, None)
    assert first["next"].startswith(str(ada.client.base_url))
    assert "organisation=" in first["next"]
    assert [each["uuid"] for each in first["results"] + second["results"]] == [
        each["uuid"] for each in made
    ]
    assert ada.client.get(second["previous"]).json() == first
    for name in ("slug", "name", "uuid"):
        assert listed(**{name: made[1][name]})["results"] == [made[1]]
        assert listed(**{name: "none\0"})["count"] == 0
    assert listed(page_size="many")["count"] == 3
    for page in ("3", "0", "-1", "two", ""):
        asked = {"organisation": organisation, "page_size": "2", "page": page}
        refused = ada.client.get(APPLICATIONS, params=asked)
        assert (refused.status_code, set(refused.json())) == (404, {"detail"})


def test_a_body_of_a_read_is_passed_over(ada: User) -> None:
    """The client sends `{}` with each."""
    answer = ada.client.request("GET", APPLICATIONS, json={})

    assert answer.status_code == 200


@pytest.mark.parametrize("authorization", [None, "Token", "Token wrong", "Basic !", "Hello x"])
@pytest.mark.parametrize("path", [f"{APPS}/", APPLICATIONS, "/iam/v3/me/"])
def test_each_request_needs_a_token(
    nobody: httpx.Client, ada: User, path: str, authorization: str | None
) -> None:
    """401 with the name of the scheme; what the query has is none."""
    headers = {} if authorization is None else {"Authorization": authorization}

    refused = nobody.get(path, headers=headers, params={"access_token": ada.token})

    assert (refused.status_code, set(refused.json())) == (401, {"detail"})
    assert refused.headers["WWW-Authenticate"] == "Token"
    assert nobody.options(path, headers=headers).status_code == 401


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN"])
def test_the_scheme_is_written_in_any_case(nobody: httpx.Client, ada: User, scheme: str) -> None:
    """The header too."""
    headers = {"authorization": f"{scheme} {ada.token}"}

    assert nobody.get(f"{APPS}/", headers=headers).status_code == 200


def test_the_root_leads_to_the_collections(ada: User) -> None:
    """By absolute URLs, each of which answers."""
    root = ada.client.get(f"{APPS}/").json()

    named = ("applications", "environments", "domains", "patches", "repositories", "builds")
    assert {*named, "serviceinstances", "regions"} <= set(root)
    for name, url in root.items():
        assert url == str(ada.client.base_url.join(f"{APPS}/{name}/"))
        if name not in ("deployments", "environment-variables"):
            assert ada.client.get(url).json()["results"] is not None


@pytest.mark.parametrize("path", [f"{APPS}/x/", f"{APPS}/x", "/iam/v3/x/", "/billing/v3/x"])
def test_what_is_unknown_is_worded_alike(ada: User, path: str) -> None:
    """404 with a detail; and 405."""
    unknown = ada.client.get(path)
    method = ada.client.put(APPLICATIONS)

    assert (unknown.status_code, set(unknown.json())) == (404, {"detail"})
    assert (method.status_code, set(method.json())) == (405, {"detail"})


def test_options_tell_what_may_be_sent(ada: User) -> None:
    """The fields of a POST, each with its type."""
    told = ada.client.options(APPLICATIONS)

    assert told.status_code == 200
    assert told.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert told.json()["actions"]["POST"]["slug"]["required"] is True
    assert told.json()["parses"] == ["application/json", FORM["Content-Type"]]


def test_a_post_that_is_sent_again_is_carried_out_once(ada: User, organisation: str) -> None:
    """And answered with what it made."""
    slug, key = asking.fresh("slug"), {"Idempotency-Key": asking.fresh("key")}
    sent = {"name": "Tin", "slug": slug, "organisation": organisation}

    first, second = (ada.client.post(APPLICATIONS, json=sent, headers=key) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"


def test_the_one_plan_group_is_in_the_one_region(ada: User) -> None:
    """As the client asks for them before it makes an application."""
    [group] = ada.client.get("/billing/v3/application-plan-groups/").json()["results"]
    [region] = ada.client.get(f"{APPS}/regions/", params={"uuid": group["regions"][0]}).json()[
        "results"
    ]

    assert group["regions"] == [region["uuid"]]
    assert ada.client.get(f"{APPS}/regions/{region['uuid']}/").json() == region
    assert ada.client.get(f"{APPS}/regions/none/").status_code == 404
    assert ada.client.get(f"{APPS}/services/").json()["results"] == []


def test_of_many_who_take_a_slug_at_once_one_has_it(
    ada: User, organisation: str, server: Running
) -> None:
    """The others are told by field that it is taken."""
    sent = hosting.body(organisation)

    def make(_: int) -> httpx.Response:
        with asking.client(server, ada.token) as client:
            return client.post(APPLICATIONS, json=sent)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(make, range(4)))

    assert sorted(each.status_code for each in answers) == [201, 400, 400, 400]
    assert {tuple(each.json()) for each in answers if each.status_code == 400} == {("slug",)}


def test_what_was_erased_is_gone_with_what_was_of_it(
    ada: User, admin: User, organisation: str
) -> None:
    """404, as if it had never been there."""
    made = hosting.application(ada.client, organisation)
    [test, _] = hosting.environments(ada.client, made["uuid"])
    pid = hosting.pid_of(ada.client, made)
    hosting.join(ada.client, organisation, admin)

    erased = admin.client.post(f"/objects/{pid}/erasures", json={"reason": "tin"})

    assert erased.is_success, erased.text
    for path in (f"{APPLICATIONS}{made['uuid']}/", f"{ENVIRONMENTS}{test['uuid']}/"):
        for method in ("GET", "PATCH", "DELETE"):
            assert ada.client.request(method, path, json={}).status_code == 404, path
    copied = ada.client.post(f"{ENVIRONMENTS}{test['uuid']}/copy/", json={"new_slug": "a"})
    assert copied.status_code == 404
