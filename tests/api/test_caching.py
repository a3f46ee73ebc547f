"""What caches may keep: nothing for others, nothing without asking, unless an answer says so."""

from __future__ import annotations

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User


@pytest.mark.parametrize(
    "path",
    [
        *("/objects/", "/objects/{number}", "/objects/{number}/versions/0"),
        *("/objects/{number}/versions/", "/objects/{number}/events", "/objects/{number}/timemap"),
        *("/objects/{number}/permissions/users/", "/objects/{number}/permissions/public"),
        *("/actions/", "/actions/{action}", "/users/", "/users/me"),
    ],
)
def test_an_answer_is_kept_for_who_asked_and_asked_for_again(
    ada: User, action: int, path: str
) -> None:
    """What may be seen depends on who asks, and changes."""
    number = asking.new_object(ada.client, action)

    answer = ada.client.get(API + path.format(number=number, action=action))

    assert answer.is_success or answer.is_redirect
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_refusal_is_not_kept(ada: User, bob: User, nobody: httpx.Client, action: int) -> None:
    """Of any kind: by who asks, by what is asked, by where."""
    number = asking.new_object(ada.client, action)
    asking.new_version(ada.client, number, '{"name":null}')
    path = f"{API}/objects/{number}"
    merge = {"Accept": "application/merge-patch+json"}

    answers = [
        nobody.get(path),
        bob.client.get(path),
        bob.client.head(path),
        ada.client.get(f"{API}/nothing"),
        ada.client.get(f"{path}/versions/9"),
        ada.client.delete(path),
        ada.client.get(f"{path}?as_of=x"),
        ada.client.get(f"{path}/versions/0/diff/1", headers=merge),
        ada.client.post(f"{path}/restore", json={}),
    ]

    statuses = [401, 403, 403, 404, 404, 405, 400, 406, 400]
    assert [each.status_code for each in answers] == statuses
    assert {each.headers["Cache-Control"] for each in answers} == {"no-store"}
