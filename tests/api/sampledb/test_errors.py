"""How SampleDB's door words a refusal, and which refusal comes first."""

from __future__ import annotations

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User

KNOWN = [
    ("GET", f"{API}/objects/"),
    ("GET", f"{API}/objects/999999999"),
    ("GET", f"{API}/objects/999999999/versions/0"),
    ("GET", f"{API}/objects/not-an-id"),
    ("POST", f"{API}/objects/"),
    ("POST", f"{API}/objects/999999999/versions/"),
    ("GET", f"{API}/actions/"),
    ("GET", f"{API}/actions/999999999"),
    ("POST", f"{API}/actions/"),
    ("GET", f"{API}/users/"),
    ("GET", f"{API}/users/999999999"),
    ("GET", f"{API}/users/me"),
]

UNKNOWN = [
    "/",
    "/api",
    f"{API}/",
    f"{API}/nothing",
    f"{API}/objects/1/",
    f"{API}/objects/1/versions/0/",
    f"{API}/objects/1/nothing",
    f"{API}/actions/1/",
    f"{API}/users/me/",
    "/objects/1/",
    "/Objects/",
]


@pytest.mark.parametrize(("method", "path"), KNOWN)
def test_a_known_route_asks_for_a_login_before_it_says_anything(
    nobody: httpx.Client, method: str, path: str
) -> None:
    """401 with the challenge, whether the thing is there or not, with or without a body."""
    answer = nobody.request(method, path, content=b"{" if method == "POST" else None)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Authentication Required"'
    assert list(answer.json()) == ["message"]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_route_is_not_found_for_everyone(
    nobody: httpx.Client, ada: User, path: str
) -> None:
    """404 in the same words, also without a login and with a bad one."""
    url = f"{str(nobody.base_url).rstrip('/')}{path}"
    bad = {"Authorization": "Bearer no-such-token"}

    answers = [nobody.get(url), ada.client.get(url), nobody.get(url, headers=bad)]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.content for answer in answers}) == 1
    assert list(answers[0].json()) == ["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", f"{API}/objects/", "GET, HEAD, OPTIONS, POST"),
        ("PUT", f"{API}/objects/1", "GET, HEAD, OPTIONS"),
        ("POST", f"{API}/objects/1", "GET, HEAD, OPTIONS"),
        ("POST", f"{API}/objects/1/versions/0", "GET, HEAD, OPTIONS"),
        ("PATCH", f"{API}/actions/1", "GET, HEAD, OPTIONS, POST"),
        ("POST", f"{API}/users/", "GET, HEAD, OPTIONS"),
        ("DELETE", "/objects/1/versions/0", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_is_not_there_is_refused_to_everyone(
    nobody: httpx.Client, method: str, path: str, allowed: str
) -> None:
    """405 in JSON with Allow, before any login."""
    answer = nobody.request(method, path)

    assert answer.status_code == 405
    assert sorted(answer.headers["Allow"].split(", ")) == allowed.split(", ")
    assert list(answer.json()) == ["message"]
    assert method in answer.json()["message"]


def test_a_method_that_nobody_knows_is_refused(nobody: httpx.Client) -> None:
    """4xx in JSON, not a failure."""
    answer = nobody.request("BREW", f"{API}/objects/")

    assert answer.status_code in {400, 405}
    assert list(answer.json()) == ["message"]


def test_options_lists_the_methods(nobody: httpx.Client) -> None:
    """200 with Allow, without a login."""
    answer = nobody.options(f"{API}/objects/")

    assert answer.status_code == 200
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "name", ["999999999", "0", "-1", "1.0", "x", "9" * 18, "9" * 19, "9" * 400, "aaaaa-bbbbb"]
)
@pytest.mark.parametrize("page", ["", "/versions/0"])
def test_an_object_that_is_not_there_is_named_in_the_refusal(
    ada: User, name: str, page: str
) -> None:
    """404 with the id asked for, however far from a number it is."""
    answer = ada.client.get(f"{API}/objects/{name}{page}")

    assert answer.status_code == 404
    assert name in answer.json()["message"]


@pytest.mark.parametrize("version", ["1", "-1", "x", "1.0", "9" * 9, "9" * 10, "9" * 400])
def test_a_version_that_is_not_there_is_named_in_the_refusal(
    ada: User, action: int, version: str
) -> None:
    """404 with the version asked for."""
    number = asking.new_object(ada.client, action)

    answer = ada.client.get(f"{API}/objects/{number}/versions/{version}")

    assert answer.status_code == 404
    assert version in answer.json()["message"]


@pytest.mark.parametrize(
    ("proper", "other"),
    [
        ("objects/{}", "objects/0{}"),
        ("objects/{}/versions/0", "objects/0{}/versions/0"),
        ("objects/{}/versions/0", "objects/{}/versions/00"),
        ("actions/{}", "actions/0{}"),
    ],
)
def test_a_number_with_leading_zeros_names_nothing(
    ada: User, action: int, proper: str, other: str
) -> None:
    """404: each thing has one number, so each version one tag."""
    number = action if "actions" in proper else asking.new_object(ada.client, action)

    found = ada.client.get(f"{API}/{proper.format(number)}")
    missed = ada.client.get(f"{API}/{other.format(number)}")

    assert found.status_code in {200, 302}
    assert missed.status_code == 404


def test_a_missing_version_comes_before_a_missing_right(ada: User, bob: User, action: int) -> None:
    """As in SampleDB: 404 for a version that is not there, else 403."""
    number = asking.new_object(ada.client, action)

    assert bob.client.get(f"{API}/objects/{number}/versions/1").status_code == 404
    assert bob.client.get(f"{API}/objects/{number}/versions/0").status_code == 403


def test_a_missing_right_comes_before_a_wrong_body(ada: User, bob: User, action: int) -> None:
    """Who may not write learns nothing about the schema."""
    number = asking.new_object(ada.client, action)

    refused = bob.client.post(f"{API}/objects/{number}/versions/", content=b"{")

    assert refused.status_code == 403


@pytest.mark.parametrize("path", [f"{API}/objects/1", f"{API}/nothing", "/health", "/openapi.json"])
def test_no_answer_leaves_its_type_to_be_guessed(nobody: httpx.Client, path: str) -> None:
    """`nosniff` on answers and refusals of every kind, each with its own name."""
    answer = nobody.get(path)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Request-Id"]


def test_a_wrong_document_names_every_fault_and_its_path(admin: User, ada: User) -> None:
    """`message` lists them, `error_paths` leads to each, indexes as text."""
    under = asking.action(
        admin.client,
        {
            "type": "object",
            "required": ["name"],
            "properties": {"list": {"type": "array", "items": {"type": "integer"}}},
        },
    )

    refused = asking.post(
        ada.client, f"{API}/objects/", '{"list":[1,"two",3,"four"]}', action_id=under
    )

    assert refused.status_code == 400
    assert sorted(refused.json()) == ["error_paths", "message"]
    assert [path for path in refused.json()["error_paths"] if path[:1] == ["list"]] == [
        ["list", "1"],
        ["list", "3"],
    ]
    lines = refused.json()["message"].splitlines()
    assert lines[0] == "validation failed:"
    assert len(lines) == 1 + len(refused.json()["error_paths"])
    assert any("name" in line for line in lines)
