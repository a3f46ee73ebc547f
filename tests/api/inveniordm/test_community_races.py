"""Who may something in a community, while others see to it that he may not.

Two requests at once have an order, whichever it is: what is taken was there when the other, which
made it impossible, had been answered.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api.asking import User
from tests.api.inveniordm import making
from tests.api.inveniordm.communing import COMMUNITIES, body
from tests.api.inveniordm.gathering import (
    called,
    community,
    exclude,
    include,
    join,
    members,
    named,
    of,
)

ROUNDS = 5
CLOSED = {"record_policy": "closed"}


def records(slug: str) -> str:
    """Return where a community's records are."""
    return f"{COMMUNITIES}/{slug}/records"


def listed(asker: httpx.Client, slug: str) -> list[str]:
    """The records of a community."""
    answer = asker.get(records(slug))
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["hits"]["hits"]]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make calls at once and return what each gives."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(call) for call in calls]]


ENDING: dict[str, Callable[[httpx.Client, str, dict[str, Any]], httpx.Response]] = {
    "taken-out": lambda ada, slug, bob: ada.request("DELETE", members(slug), json=bob),
    "policy": lambda ada, slug, _bob: ada.put(
        f"{COMMUNITIES}/{slug}", json=body(slug, {"record_policy": "restricted"})
    ),
}


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(100, marks=pytest.mark.soak)])
@pytest.mark.parametrize("how", ENDING)
def test_nothing_is_taken_from_who_may_not_give_it_any_more(
    ada: User, bob: User, how: str, rounds: int
) -> None:
    """A member who is taken out, or whom a new policy shuts out, while he puts a record in.

    When who leads the community has the answer, the record is in it, or never will be.
    """
    who = named(bob.client)
    for _ in range(rounds):
        pid = making.record(bob.client)["id"]
        slug = community(ada.client, **CLOSED)
        join(ada.client, slug, bob.client, "reader")

        def end(slug: str = slug) -> tuple[int, list[str]]:
            status = ENDING[how](ada.client, slug, who).status_code
            return status, listed(ada.client, slug)

        def put(slug: str = slug, pid: str = pid) -> int:
            return bob.client.post(of(pid), json=called(slug)).status_code

        (ended, there), taken = at_once(end, put)

        assert ended in (200, 204)
        assert (taken, there) in ((200, [pid]), (403, []))
        assert listed(ada.client, slug) == there
        assert bob.client.post(of(pid), json=called(slug)).status_code == 403


def test_nothing_is_in_a_community_that_ends_meanwhile(ada: User, bob: User) -> None:
    """It is put into one that is there, or refused; then it is in none."""
    pid = making.record(bob.client)["id"]
    for _ in range(ROUNDS):
        slug = community(ada.client)

        def end(slug: str = slug) -> int:
            return ada.client.delete(f"{COMMUNITIES}/{slug}").status_code

        def put(slug: str = slug) -> int:
            return bob.client.post(of(pid), json=called(slug)).status_code

        ended, taken = at_once(end, put)

        assert (ended, taken) in ((204, 200), (204, 400))
        assert bob.client.get(of(pid)).json()["hits"]["hits"] == []


def test_of_two_curators_who_take_a_record_out_at_once_one_does(ada: User, bob: User) -> None:
    """At the record's address or at the community's: the other is told that it is not there."""
    slug, pid = community(ada.client), making.record(ada.client)["id"]
    join(ada.client, slug, bob.client, "curator")
    out = {"records": [{"id": pid}]}
    for _ in range(ROUNDS):
        include(ada.client, pid, slug)

        statuses = at_once(
            lambda: exclude(ada.client, pid, slug).status_code,
            lambda: bob.client.request("DELETE", records(slug), json=out).status_code,
        )

        assert sorted(statuses) == [200, 400]
        assert listed(ada.client, slug) == []


def test_of_two_managers_who_take_each_other_out_one_does(
    ada: User, bob: User, admin: User
) -> None:
    """The other is none any more when he comes to it."""
    slug = community(ada.client, **CLOSED)
    both = (bob.client, admin.client)
    for _ in range(ROUNDS):
        for each in both:
            join(ada.client, slug, each, "manager")

        def take_out(by: httpx.Client, whom: httpx.Client) -> int:
            return by.request("DELETE", members(slug), json=named(whom)).status_code

        statuses = at_once(
            lambda: take_out(*both),
            lambda: take_out(*both[::-1]),
        )

        assert sorted(statuses) == [204, 403]
        left = ada.client.get(members(slug)).json()["hits"]["hits"]
        assert sorted(each["role"] for each in left) == ["manager", "owner"]
        stays = both[statuses.index(204)]
        assert ada.client.request("DELETE", members(slug), json=named(stays)).status_code == 204
