"""Programs that act for oneself, at /api/me/logins and on the command line: listed, ended."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.account import Profile
from domain.commands import accounts
from tests.api import asking, logging_in
from tests.api.asking import API, Join, User
from tests.running import Running

PATH = "/api/me/logins"
ME = f"{API}/users/me"


def listed(asker: httpx.Client, **query: str) -> list[dict[str, Any]]:
    """The logins that somebody has."""
    answer = asker.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    hits: list[dict[str, Any]] = answer.json()["hits"]["hits"]
    return hits


def password_set(server: Running, name: str) -> None:
    """Give an account another password."""
    asking.operate(server, accounts.change, name, Profile(), password="another")


def test_logins_are_listed_without_their_secrets(join: Join, nobody: httpx.Client) -> None:
    """To who has them, newest first, each with its program, what it may do, since and until when.

    A token of one's own is none, and who only has those sees no program.
    """
    user = join("watcher")
    before = listed(user.client)
    wide = logging_in.tokens(nobody, user.name)
    narrow = logging_in.tokens(nobody, user.name, "write")

    answer = user.client.get(f"{PATH}/")
    hits = answer.json()["hits"]["hits"]

    assert before == []
    assert answer.headers["Cache-Control"] == "no-store"
    assert [list(each) for each in hits] == [
        ["id", "client", "scopes", "expires_at", "created_at"]
    ] * 2
    assert [each["scopes"] for each in hits] == [
        ["read", "write"],
        ["read", "write", "actions", "user:email"],
    ]
    assert {each["client"] for each in hits} == {logging_in.CLIENT}
    since, until = (datetime.fromisoformat(hits[0][each]) for each in ("created_at", "expires_at"))
    assert since <= datetime.now(UTC)
    assert abs(until - since - timedelta(days=180)) <= timedelta(seconds=1)
    for secret in (wide, narrow):
        assert secret["refresh_token"] not in answer.text


def test_an_ended_login_is_void_at_once_in_every_worker(
    server: Running, join: Join, nobody: httpx.Client
) -> None:
    """Its access token, remembered by all of them, and what refreshes; another's goes on."""
    user = join("ender")
    kept, ended = (logging_in.tokens(nobody, user.name) for _ in range(2))
    newest = listed(user.client)[0]["id"]
    with ExitStack() as stack:
        clients = [
            stack.enter_context(asking.client(server, ended["access_token"])) for _ in range(8)
        ]
        assert [each.get(ME).status_code for each in clients * 2] == [200] * 16

        gone = user.client.delete(f"{PATH}/{newest}")

        assert (gone.status_code, gone.content) == (204, b"")
        assert [each.get(ME).status_code for each in clients * 2] == [401] * 16
    refreshed = [
        logging_in.refreshed(nobody, each["refresh_token"]).status_code for each in (ended, kept)
    ]
    assert refreshed == [400, 200]
    assert newest not in [each["id"] for each in listed(user.client)]
    assert user.client.delete(f"{PATH}/{newest}").status_code == 404
    assert user.client.delete(f"{PATH}/none").status_code == 404


def test_a_new_password_ends_every_login_at_once(
    server: Running, join: Join, nobody: httpx.Client
) -> None:
    """In every worker, and a code that was approved by the old one begins none; later ones do."""
    user = join("changer")
    held = [logging_in.tokens(nobody, user.name) for _ in range(2)]
    codes = logging_in.begun(nobody)
    logging_in.decided(nobody, codes.user, user.name)
    with ExitStack() as stack:
        clients = [
            stack.enter_context(asking.client(server, held[0]["access_token"])) for _ in range(8)
        ]
        assert [each.get(ME).status_code for each in clients] == [200] * 8

        password_set(server, user.name)

        assert [each.get(ME).status_code for each in clients] == [401] * 8
    refreshed = [logging_in.refreshed(nobody, each["refresh_token"]) for each in held]
    refused = [*refreshed, logging_in.polled(nobody, codes)]
    assert [each.json()["error"] for each in refused] == ["invalid_grant"] * 3
    assert listed(user.client) == []  # whose own token goes on
    codes = logging_in.begun(nobody)
    assert logging_in.decided(nobody, codes.user, user.name, "another").status_code == 200
    assert logging_in.polled(nobody, codes).status_code == 200
    assert len(listed(user.client)) == 1


def test_another_profile_ends_no_login(server: Running, join: Join, nobody: httpx.Client) -> None:
    """The password is the same."""
    user = join("mover")
    held = logging_in.tokens(nobody, user.name)

    asking.operate(server, accounts.change, user.name, Profile(affiliation="Pole"))

    assert logging_in.refreshed(nobody, held["refresh_token"]).status_code == 200
    assert len(listed(user.client)) == 1


def test_a_stranger_neither_sees_nor_ends_anothers_login(
    ada: User, bob: User, admin: User, nobody: httpx.Client
) -> None:
    """404 in the words for none; an administrator is a stranger here too."""
    logging_in.tokens(nobody, ada.name)
    hers = listed(ada.client)[0]["id"]

    for stranger in (bob, admin):
        assert hers not in stranger.client.get(PATH, params={"size": "1000"}).text
        refused, unknown = (stranger.client.delete(f"{PATH}/{each}") for each in (hers, uuid4()))
        assert (refused.status_code, unknown.status_code) == (404, 404)
        assert refused.json() == unknown.json()
    assert listed(ada.client)[0]["id"] == hers


@pytest.mark.parametrize("scopes", [("read",), ("write", "actions")])
def test_a_narrow_token_lists_and_ends_nothing(
    server: Running, ada: User, nobody: httpx.Client, scopes: tuple[str, ...]
) -> None:
    """403; and without a credential 401."""
    logging_in.tokens(nobody, ada.name)
    path = f"{PATH}/{listed(ada.client)[0]['id']}"
    with asking.client(server, asking.token(server, ada.name, *scopes)) as narrow:
        answers = (narrow.get(PATH), narrow.delete(path), nobody.get(PATH), nobody.delete(path))

    assert [each.status_code for each in answers] == [200, 403, 401, 401]


def test_the_list_goes_on_where_a_page_ended(join: Join, nobody: httpx.Client) -> None:
    """Each login once; 400 for no place."""
    user = join("many programs")
    for _ in range(3):
        logging_in.tokens(nobody, user.name)
    every = [each["id"] for each in listed(user.client)]

    seen, path = [], f"{PATH}?size=2"
    while path:
        page = user.client.get(path).json()
        seen += [each["id"] for each in page["hits"]["hits"]]
        path = page["links"].get("next")

    assert (len(every), seen) == (3, every)
    for wrong in ("after=none", "size=0", "size=1001", "size=x"):
        assert user.client.get(f"{PATH}?{wrong}").status_code == 400


def test_the_operator_lists_and_ends_them(
    server: Running, join: Join, nobody: httpx.Client
) -> None:
    """By `muniment login`; an ended one is said to be, also after a new password."""
    user = join("lost laptop")
    held = [logging_in.tokens(nobody, user.name) for _ in range(2)]
    first = listed(user.client)[-1]["id"]

    ended = server.cli("login", "revoke", first)
    again = server.cli("login", "revoke", first)
    shown = server.cli("login", "list", user.name).stdout.splitlines()
    password_set(server, user.name)
    after = server.cli("login", "list", user.name).stdout.splitlines()

    assert (ended.returncode, again.returncode) == (0, 1)
    assert "was revoked" in again.stderr
    assert [each.split("  ")[1].split()[0] for each in shown] == ["until", "ended"]
    assert [each.split("  ")[1] for each in after] == ["ended", "ended"]
    assert first in shown[1]
    with asking.client(server, held[0]["access_token"]) as program:
        assert program.get(ME).status_code == 401


def test_logins_are_made_again_from_the_log(
    server: Running, join: Join, nobody: httpx.Client
) -> None:
    """Which of them hold, too."""
    user = join("rebuilt")
    logging_in.tokens(nobody, user.name)
    password_set(server, user.name)
    codes = logging_in.begun(nobody)
    logging_in.decided(nobody, codes.user, user.name, "another")
    logging_in.polled(nobody, codes)
    before = listed(user.client)

    rebuilt = server.cli("rebuild", "logins", "accounts")

    assert rebuilt.returncode == 0, rebuilt.stderr
    assert len(before) == 1
    assert listed(user.client) == before
