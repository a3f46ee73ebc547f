"""Access tokens: made for a day, refreshed once with what came with them, and ended with others."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from domain.commands import access_tokens, accounts
from domain.log import Log
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import API, PASSWORD, Join, User
from tests.running import Running
from tests.writing import actor

PATH = f"{API}/access_tokens/"
ME = f"{API}/users/me"
FORMAT = "%Y-%m-%d %H:%M:%S"


def bearer(token: str) -> dict[str, str]:
    """Return a header with a token."""
    return {"Authorization": f"Bearer {token}"}


def basic(name: str, password: str) -> dict[str, str]:
    """Return a header with a name and a password."""
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def minted(asker: httpx.Client, label: str = "balance", **headers: str) -> dict[str, str]:
    """Make an access token and return the answer's JSON."""
    made = asker.post(PATH, json={"description": label}, headers=headers)
    assert made.status_code == 201, made.text
    found: dict[str, str] = made.json()
    return found


def refreshed(nobody: httpx.Client, pair: dict[str, str]) -> httpx.Response:
    """Ask for another pair in the place of this one."""
    return nobody.post(PATH, headers=bearer(pair["refresh_token"]))


@contextmanager
def log(running: Running) -> Iterator[Log]:
    """Give the service's log to commands, as the command line has it."""
    with database(DataFolder(running.data), "test") as url:
        settings = Settings(data=running.data).given("embedded", database_url=url)
        with wiring.log(settings) as commands:
            yield commands


def token_id(running: Running, label: str) -> UUID:
    """Return the id of the token with this label."""
    [(found,)] = asking.query(running, "SELECT id FROM view.tokens WHERE label = %s", label)
    return UUID(str(found))


def test_a_password_makes_an_access_token_that_lasts_a_day(nobody: httpx.Client, ada: User) -> None:
    """201 with both tokens, when they end and what they are for; the token signs in."""
    before = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    made = nobody.post(PATH, json={"description": "Wäge-Skript"}, headers=basic(ada.name, PASSWORD))

    pair = made.json()
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    assert list(pair) == [
        "access_token",
        "refresh_token",
        "expiration_utc_datetime",
        "description",
    ]
    assert pair["description"] == "Wäge-Skript"
    lasts = datetime.strptime(pair["expiration_utc_datetime"], FORMAT) - before
    assert timedelta(days=1) <= lasts <= timedelta(days=1, minutes=1)
    assert nobody.get(ME, headers=bearer(pair["access_token"])).json()["name"] == ada.name


def test_an_access_token_may_do_what_it_was_made_with_could(
    nobody: httpx.Client, ada: User, action: int
) -> None:
    """It writes, too; without a slash the address is the same."""
    made = ada.client.post(PATH.rstrip("/"), json={"description": ""})

    answer = nobody.post(
        f"{API}/objects/",
        content=b'{"action_id":%d,"data":{}}' % action,
        headers=bearer(made.json()["access_token"]),
    )

    assert answer.status_code == 201


def test_a_refresh_token_puts_a_new_pair_in_the_place_of_its_own(
    nobody: httpx.Client, ada: User
) -> None:
    """The old ones work no more; label and owner stay; the new ones can be refreshed again."""
    pair = minted(ada.client, "refreshed")
    assert nobody.get(ME, headers=bearer(pair["access_token"])).status_code == 200

    for _ in range(3):
        answer = refreshed(nobody, pair)
        new = answer.json()
        assert answer.status_code == 201
        assert new["description"] == "refreshed"
        assert {pair["access_token"], pair["refresh_token"]}.isdisjoint(new.values())
        assert nobody.get(ME, headers=bearer(pair["access_token"])).status_code == 401
        assert refreshed(nobody, pair).status_code == 401
        assert nobody.get(ME, headers=bearer(new["access_token"])).json()["name"] == ada.name
        pair = new


def test_what_was_refreshed_is_refused_at_once_by_every_worker(
    server: Running, nobody: httpx.Client, ada: User
) -> None:
    """Remembered by both workers, refreshed, and never answered again."""
    pair = minted(ada.client)
    for _ in range(10):
        with ExitStack() as stack:
            clients = [
                stack.enter_context(asking.client(server, pair["access_token"])) for _ in range(6)
            ]
            for client in clients * 2:
                assert client.get(ME).status_code == 200
            pair = refreshed(nobody, pair).json()
            assert [client.get(ME).status_code for client in clients] == [401] * 6


def test_of_eight_who_refresh_with_the_same_token_one_gets_a_pair(
    server: Running, ada: User
) -> None:
    """Ten times, over both workers; the pair that was given works, the others get 401."""
    pair = minted(ada.client)
    with ExitStack() as stack:
        clients = [stack.enter_context(asking.client(server)) for _ in range(8)]
        threads = stack.enter_context(ThreadPoolExecutor(8))
        for _ in range(10):
            answers = list(threads.map(refreshed, clients, [pair] * 8))
            assert sorted(each.status_code for each in answers) == [201] + [401] * 7
            [pair] = [each.json() for each in answers if each.status_code == 201]
            answer = clients[0].get(ME, headers=bearer(pair["access_token"]))
            assert answer.json()["name"] == ada.name


def test_a_refresh_token_is_good_for_nothing_else(
    nobody: httpx.Client, ada: User, action: int
) -> None:
    """Neither in a header nor in a query nor as a password; an access token refreshes nothing."""
    pair = minted(ada.client)
    secret = pair["refresh_token"]
    object_ = b'{"action_id":%d,"data":{}}' % action

    answers = [
        nobody.get(ME, headers=bearer(secret)),
        nobody.get(f"{ME}?access_token={secret}"),
        nobody.get(ME, headers=basic(ada.name, secret)),
        nobody.get("/objects/", headers=bearer(secret)),
        nobody.get("/api/events", headers=bearer(secret)),
        nobody.post(f"{API}/objects/", content=object_, headers=bearer(secret)),
        nobody.post(PATH, json={"description": "x"}, headers=basic(ada.name, secret)),
    ]

    assert [each.status_code for each in answers] == [401] * 7
    assert refreshed(nobody, pair).status_code == 201


def test_an_access_token_makes_no_other(nobody: httpx.Client, ada: User) -> None:
    """403: it is refreshed with its refresh token alone."""
    pair = minted(ada.client)

    answer = nobody.post(PATH, json={"description": "x"}, headers=bearer(pair["access_token"]))

    assert answer.status_code == 403
    assert "refresh" in answer.json()["message"]


@pytest.mark.parametrize("scopes", [("read",), ("write",), ("write", "actions")])
def test_a_token_that_lacks_a_scope_makes_no_access_token(
    server: Running, nobody: httpx.Client, ada: User, scopes: tuple[str, ...]
) -> None:
    """403: it would make itself another that can more, or lasts longer."""
    narrow = asking.token(server, ada.name, *scopes)

    answer = nobody.post(PATH, json={"description": "x"}, headers=bearer(narrow))

    assert answer.status_code == 403


def test_nobody_makes_no_access_token(nobody: httpx.Client) -> None:
    """401, and 405 for what is no POST."""
    assert nobody.post(PATH, json={"description": "x"}).status_code == 401
    assert nobody.get(PATH).status_code == 405


def test_a_pair_does_not_outlive_what_it_was_made_with(
    server: Running, nobody: httpx.Client, ada: User
) -> None:
    """Neither made nor refreshed does it last beyond the token's own end."""
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    with log(server) as commands:
        issued = commands.run(accounts.OPERATOR, accounts.issue_token, ada.name, expires_at=ends)

    made = nobody.post(PATH, json={"description": "x"}, headers=bearer(issued.secret)).json()
    again = refreshed(nobody, made).json()

    said = {made["expiration_utc_datetime"], again["expiration_utc_datetime"]}
    assert said == {ends.strftime(FORMAT)}


def test_a_pair_ends_with_the_token_it_was_made_with(
    server: Running, nobody: httpx.Client, ada: User
) -> None:
    """A revoke of that one closes both at once, however often they were refreshed."""
    with log(server) as commands:
        issued = commands.run(accounts.OPERATOR, accounts.issue_token, ada.name)
        pair = minted(nobody, **bearer(issued.secret))
        pair = refreshed(nobody, pair).json()
        assert nobody.get(ME, headers=bearer(pair["access_token"])).status_code == 200

        commands.run(accounts.OPERATOR, accounts.revoke, issued.token.id)

    assert nobody.get(ME, headers=bearer(pair["access_token"])).status_code == 401
    assert refreshed(nobody, pair).status_code == 401


def test_a_pair_that_was_revoked_is_not_refreshed(
    server: Running, nobody: httpx.Client, ada: User
) -> None:
    """401 for both of its tokens."""
    pair = minted(ada.client, label := asking.fresh("revoked"))
    with log(server) as commands:
        commands.run(accounts.OPERATOR, accounts.revoke, token_id(server, label))

    assert nobody.get(ME, headers=bearer(pair["access_token"])).status_code == 401
    assert refreshed(nobody, pair).status_code == 401


def test_a_pair_that_has_expired_is_not_refreshed(
    server: Running, nobody: httpx.Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in SampleDB, both end at the same time."""
    with log(server) as commands:
        monkeypatch.setattr(access_tokens, "LIFETIME", timedelta(seconds=-1))
        owner = commands.run(accounts.OPERATOR, accounts.named, ada.name)
        made = commands.run(actor(owner.id), access_tokens.mint, "expired", None)

    assert nobody.get(ME, headers=bearer(made.access)).status_code == 401
    assert nobody.post(PATH, headers=bearer(made.refresh)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "x",
        {"description": None},
        {"description": 7},
        {"description": "x", "scopes": ["read"]},
        {"description": "x", "expiration_utc_datetime": "2999-01-01 00:00:00"},
        {"description": "x" * 1001},
        {"description": "a\0b"},
        {"Description": "x"},
    ],
)
def test_a_body_that_is_not_a_description_is_refused(server: Running, ada: User, body: Any) -> None:
    """400 with a message; nothing is stored."""
    before = asking.stored(server)

    refused = ada.client.post(PATH, json=body)

    assert refused.status_code == 400
    assert refused.json()["message"]
    assert asking.stored(server) == before


def test_a_pair_is_not_shown_again_for_an_idempotency_key(nobody: httpx.Client, ada: User) -> None:
    """409: nobody can show it again; one pair was made."""
    headers = {"Idempotency-Key": asking.fresh("pair")}
    label = asking.fresh("once")

    made = minted(ada.client, label, **headers)
    again = ada.client.post(PATH, json={"description": label}, headers=headers)

    assert again.status_code == 409
    assert "token" not in again.json()
    assert nobody.get(ME, headers=bearer(made["access_token"])).status_code == 200


def test_of_a_pair_only_digests_are_kept(
    server: Running, nobody: httpx.Client, admin: User, join: Join
) -> None:
    """Neither data nor logs nor the feed hold a secret; the feed holds no digest either."""
    pair = minted(join("digests").client)
    new = refreshed(nobody, pair).json()
    secrets = [each[key] for each in (pair, new) for key in ("access_token", "refresh_token")]

    files = [server.log, *(path for path in server.data.rglob("*") if path.is_file())]
    found = [
        path.name
        for path in files
        for content in [path.read_bytes()]
        if any(secret.encode() in content for secret in secrets)
    ]
    shown = server.cli("replay", "--all").stdout

    assert found == []
    assert "token.refreshed" in shown
    assert not any(secret in shown for secret in secrets)
    assert '"refresh_digest":' not in shown
