"""Scripts of other web pages, as a browser lets them use the API."""

from __future__ import annotations

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User

PAGE = {"Origin": "https://notebook.example"}


def test_a_script_of_any_page_may_read_an_answer(
    ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """Success, 304, and every refusal: 400, 401, 403, 404, 405."""
    number = asking.new_object(ada.client, action)
    url = f"{API}/objects/{number}/versions/0"
    tag = ada.client.get(url).headers["ETag"]

    answers = [
        ada.client.get(url, headers=PAGE),
        ada.client.get(url, headers=PAGE | {"If-None-Match": tag}),
        ada.client.post(f"{API}/objects/", headers=PAGE, content=b"{"),
        nobody.get(url, headers=PAGE),
        bob.client.get(url, headers=PAGE),
        ada.client.get(f"{API}/objects/999999999", headers=PAGE),
        ada.client.delete(url, headers=PAGE),
    ]

    assert [each.status_code for each in answers] == [200, 304, 400, 401, 403, 404, 405]
    assert {each.headers["Access-Control-Allow-Origin"] for each in answers} == {"*"}
    # What a browser adds of itself, it keeps to itself.
    assert not any("Access-Control-Allow-Credentials" in each.headers for each in answers)


def test_a_script_sees_the_headers_that_lead_on(ada: User, bob: User, action: int) -> None:
    """Of an object's history too: links, tags, places, instants; a refusal is readable as well."""
    number = asking.new_object(ada.client, action)
    asking.new_version(ada.client, number, "{}")
    base = f"{API}/objects/{number}"
    paths = ("", "/versions", "/versions/0", "/timemap", "/events", "/versions/0/diff/1")

    answers = [
        *(ada.client.get(f"{base}{path}", headers=PAGE) for path in paths),
        ada.client.post(f"{base}/restore", headers=PAGE, json={"version": 0}),
        bob.client.get(f"{base}/timemap", headers=PAGE),
        ada.client.get(f"{base}?as_of=x", headers=PAGE),
    ]

    assert [each.status_code for each in answers] == [302, 200, 200, 200, 200, 200, 201, 403, 400]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        exposed = set(answer.headers["Access-Control-Expose-Headers"].lower().split(", "))
        assert {"link", "etag", "location", "memento-datetime"} <= exposed


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/objects/", "POST"),
        ("/objects/1/versions/", "POST"),
        ("/objects/1/versions/0", "GET"),
        ("/objects/1/permissions/public", "PUT"),
        ("/objects/1/restore", "POST"),
    ],
)
def test_a_browser_that_asks_first_is_told_what_may_be_sent(
    nobody: httpx.Client, path: str, method: str
) -> None:
    """Without a login: a browser shows none when it asks."""
    asked = {"Access-Control-Request-Method": method} | {
        "Access-Control-Request-Headers": "authorization,content-type"
    }

    told = nobody.options(f"{API}{path}", headers=PAGE | asked)

    assert told.status_code == 200
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    assert method in told.headers["Access-Control-Allow-Methods"].split(", ")
    sent = told.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "idempotency-key"} <= set(sent)
