"""Anonymous users: where it is enabled, an object may be opened to who is not signed in."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service whose users may open objects to everybody."""
    data = tmp_path_factory.mktemp("anonymous") / "data"
    with Running(data, "--anonymous-users", "true") as running:
        yield running


@pytest.fixture(scope="module")
def owner(open_server: Running) -> Iterator[User]:
    """A user of it."""
    user = asking.user(open_server, "owner")
    with user.client:
        yield user


@pytest.fixture(scope="module")
def stranger(open_server: Running) -> Iterator[httpx.Client]:
    """Somebody who does not sign in."""
    with asking.client(open_server) as client:
        yield client


@pytest.fixture
def number(open_server: Running, owner: User) -> int:
    """An object of the owner's."""
    with asking.client(open_server, open_server.admin_token) as admin:
        under = asking.action(admin)
    return asking.new_object(owner.client, under)


def test_an_object_is_opened_to_everybody_and_closed_again(
    owner: User, stranger: httpx.Client, number: int
) -> None:
    """All its versions, in their lists too, where no login is asked for; at once both times."""
    permission = f"{API}/objects/{number}/permissions/anonymous_users"
    assert owner.client.get(permission).json() == "none"
    for _ in range(3):
        assert stranger.get(f"/objects/{number}/versions/0").status_code == 401

        given = owner.client.put(permission, json="Read")

        assert (given.status_code, given.json()) == (200, "read")
        assert owner.client.get(permission).json() == "read"
        assert stranger.get(f"/objects/{number}/versions/0").status_code == 200
        assert number in [each["object_id"] for each in stranger.get("/objects/").json()]
        assert stranger.get(f"{API}/objects/{number}/versions/0").status_code == 401
        assert owner.client.put(permission, json="none").json() == "none"
    assert stranger.get(f"/objects/{number}/versions/0").status_code == 401


def test_everybody_includes_who_is_signed_in(owner: User, number: int) -> None:
    """So what is open to everybody is public; to close it to everybody leaves what all have."""
    permissions = f"{API}/objects/{number}/permissions"
    owner.client.put(f"{permissions}/anonymous_users", json="read")
    assert owner.client.get(f"{permissions}/public").json() is True
    owner.client.put(f"{permissions}/authenticated_users", json="read")

    owner.client.put(f"{permissions}/anonymous_users", json="none")

    assert owner.client.get(f"{permissions}/authenticated_users").json() == "read"
    assert owner.client.get(f"{permissions}/anonymous_users").json() == "none"


@pytest.mark.parametrize("body", [b"", b"[", b"true", b'"write"', b'"grant"', b'"all"', b"null"])
def test_everybody_together_can_be_given_none_or_read(
    open_server: Running, owner: User, number: int, body: bytes
) -> None:
    """400, and no event."""
    before = asking.stored(open_server)

    refused = owner.client.put(f"{API}/objects/{number}/permissions/anonymous_users", content=body)

    assert refused.status_code == 400
    assert refused.json()["message"]
    assert asking.stored(open_server) == before


def test_who_sees_an_object_as_everybody_does_neither_sees_nor_changes_its_permissions(
    owner: User, stranger: httpx.Client, number: int
) -> None:
    """401."""
    permission = f"/objects/{number}/permissions/anonymous_users"
    owner.client.put(permission, json="read")

    assert stranger.get(permission).status_code == 401
    assert stranger.put(permission, json="none").status_code == 401
