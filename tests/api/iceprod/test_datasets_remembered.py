"""A dataset that workers remember is shown as it is now, and to those who may see it now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from domain.commands import dataset_groups
from tests.api import asking
from tests.api.asking import API, Join, User
from tests.api.iceprod import submitting
from tests.api.iceprod.submitting import DATASETS
from tests.running import Running

CONNECTIONS = 4  # of which each worker has some, as a rule
TIMES = 20


@pytest.fixture(scope="module")
def reader(join: Join) -> User:
    """Somebody who was granted nothing."""
    return join("reading")


@pytest.fixture(scope="module")
def readers(server: Running, reader: User) -> Iterator[list[httpx.Client]]:
    """His connections."""
    with ExitStack() as stack:
        yield [stack.enter_context(asking.client(server, reader.token)) for _ in range(CONNECTIONS)]


def statuses(readers: list[httpx.Client], dataset: str) -> set[int]:
    """How each connection is answered, twice."""
    path = f"{DATASETS}/{dataset}"
    return {each.get(path).status_code for each in readers * 2}


def test_what_was_changed_is_shown_at_once(ada: User, readers: list[httpx.Client]) -> None:
    """By its id and by its number, on every connection; also where another door has changed it."""
    dataset = submitting.made(ada.client)
    number = submitting.shown(ada.client, dataset)["dataset"]

    for turn in range(1, TIMES):
        assert submitting.put(ada.client, dataset, "priority", turn) == 200
        for each in readers:
            assert submitting.shown(each, dataset)["priority"] == turn
            assert submitting.shown(each, str(number))["priority"] == turn
    restored = ada.client.post(f"/objects/{number}/restore", json={"version": 3})
    assert restored.status_code == 201, restored.text
    assert {submitting.shown(each, dataset)["priority"] for each in readers} == {3}


def test_who_may_no_longer_see_it_does_not(
    ada: User, reader: User, readers: list[httpx.Client]
) -> None:
    """As soon as that was answered, whoever else it is remembered for."""
    dataset = submitting.made(ada.client, group="simprod", auth_groups_read=[])
    number = submitting.shown(ada.client, dataset)["dataset"]
    who = reader.client.get(f"{API}/users/me").json()["user_id"]
    grant = f"{API}/objects/{number}/permissions/users/{who}"

    for _ in range(TIMES // 4):
        assert statuses(readers, dataset) == {403}
        submitting.shown(ada.client, dataset)
        assert ada.client.put(grant, json="read").status_code == 200
        assert statuses(readers, dataset) == {200}
        assert ada.client.put(grant, json="none").status_code == 200
    assert statuses(readers, dataset) == {403}


def test_who_has_left_its_group_does_not_see_it(
    ada: User, server: Running, reader: User, readers: list[httpx.Client]
) -> None:
    """Nor while it is remembered for the others of the group."""
    dataset = submitting.made(ada.client, group="simprod", auth_groups_read=[])

    asking.operate(server, dataset_groups.add, "simprod", reader.name)
    within = statuses(readers, dataset)
    asking.operate(server, dataset_groups.remove, "simprod", reader.name)

    assert (within, statuses(readers, dataset)) == ({200}, {403})


def test_what_is_no_dataset_is_not_remembered_as_one(
    ada: User, action: int, readers: list[httpx.Client]
) -> None:
    """Though it may be seen by other doors."""
    number = asking.new_object(ada.client, action)

    for path in (f"{DATASETS}/{number}", f"{DATASETS}/none"):
        assert {each.get(path).status_code for each in (*readers, ada.client) * 2} == {403}
