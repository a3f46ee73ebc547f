"""Credentials: five ways to show one, what each may do, and that no secret is ever kept."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import sleep
from urllib.parse import quote, unquote

import httpx
import pytest

from domain.account import Token
from domain.commands import accounts
from domain.log import Log, Session
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking, raw
from tests.api.asking import API, PASSWORD, Join, User
from tests.running import Running

ME = f"{API}/users/me"


def basic(name: str, password: str, scheme: str = "Basic") -> dict[str, str]:
    """Return a header with a name and a password."""
    return {"Authorization": f"{scheme} {b64encode(f'{name}:{password}'.encode()).decode()}"}


@contextmanager
def log(running: Running) -> Iterator[Log]:
    """Give the service's log to commands, as the command line has it."""
    with database(DataFolder(running.data), "test") as url:
        settings = Settings(data=running.data).given("embedded", database_url=url)
        with wiring.log(settings) as commands:
            yield commands


# Ways to show a credential.


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Token", "token", "OAuth2"])
def test_a_token_is_shown_under_any_of_three_schemes(
    nobody: httpx.Client, ada: User, scheme: str
) -> None:
    """Whatever their case."""
    answer = nobody.get(ME, headers={"Authorization": f"{scheme} {ada.token}"})

    assert answer.json()["name"] == ada.name


@pytest.mark.parametrize("encoded", [False, True])
def test_a_token_is_shown_in_the_query(nobody: httpx.Client, ada: User, encoded: bool) -> None:
    """Also percent-encoded, and beside other parameters."""
    shown = "".join(f"%{ord(each):02x}" for each in ada.token) if encoded else ada.token

    answer = nobody.get(f"{ME}?limit=1&access_token={shown}&offset=0")

    assert answer.json()["name"] == ada.name


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_a_name_and_its_password_sign_in(nobody: httpx.Client, ada: User, scheme: str) -> None:
    """Whatever the scheme's case; again at once, and then from memory."""
    for _ in range(3):
        answer = nobody.get(ME, headers=basic(ada.name, PASSWORD, scheme))
        assert answer.json()["name"] == ada.name


def test_a_name_is_the_same_in_any_case_and_between_spaces(nobody: httpx.Client, ada: User) -> None:
    """As in SampleDB."""
    for name in (ada.name.upper(), ada.name.capitalize(), f"  {ada.name} "):
        assert nobody.get(ME, headers=basic(name, PASSWORD)).json()["name"] == ada.name


def test_a_password_is_not_the_same_in_another_case(nobody: httpx.Client, ada: User) -> None:
    """Nor between spaces."""
    for password in (PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", ""):
        assert nobody.get(ME, headers=basic(ada.name, password)).status_code == 401


def test_a_token_is_a_password_for_its_own_account_only(
    nobody: httpx.Client, ada: User, bob: User
) -> None:
    """Git-like clients know nothing but Basic."""
    own = nobody.get(ME, headers=basic(ada.name, ada.token))
    others = nobody.get(ME, headers=basic(bob.name, ada.token))
    nobodys = nobody.get(ME, headers=basic("no-such-user", ada.token))

    assert own.json()["name"] == ada.name
    assert (others.status_code, nobodys.status_code) == (401, 401)


def test_a_token_shown_as_a_password_keeps_its_scopes(
    server: Running, nobody: httpx.Client, ada: User, action: int
) -> None:
    """It is the token that acts, not the account."""
    reader = asking.token(server, ada.name, "read")

    answer = nobody.post(
        f"{API}/objects/",
        content=b'{"action_id":%d,"data":{}}' % action,
        headers=basic(ada.name, reader),
    )

    assert answer.status_code == 403


def test_a_name_and_a_password_may_hold_any_character(
    server: Running, nobody: httpx.Client
) -> None:
    """UTF-8, and colons after the first."""
    name, password = asking.fresh("Ägid"), "p:ä ss😀:"
    made = server.cli("user", "create", name, "--password", password)

    answer = nobody.get(ME, headers=basic(name, password))

    assert made.returncode == 0
    assert answer.json()["name"] == name


def test_a_credential_that_is_wrong_is_refused_where_none_is_needed(
    nobody: httpx.Client, ada: User
) -> None:
    """Who shows one means to be somebody."""
    for headers in ({"Authorization": "Bearer wrong"}, basic(ada.name, "wrong")):
        assert nobody.get("/objects/", headers=headers).status_code == 401
    assert nobody.get("/objects/").status_code == 200


# What a token may do.


def test_a_token_that_reads_may_not_write(
    server: Running, admin: User, ada: User, action: int
) -> None:
    """403 for every POST, of an administrator too; every GET goes through."""
    number = asking.new_object(ada.client, action)
    reader = asking.token(server, ada.name, "read")
    officer = asking.token(server, admin.name, "read")

    with asking.client(server, reader) as client, asking.client(server, officer) as office:
        assert client.get(f"{API}/objects/{number}/versions/0").status_code == 200
        assert client.get(f"{API}/objects/").status_code == 200
        refused = [
            asking.post(client, f"{API}/objects/", "{}", action_id=action),
            asking.post(client, f"{API}/objects/{number}/versions/", "{}"),
            office.post(
                f"{API}/actions/",
                json={
                    "name": "x",
                    "type": "sample",
                    "schema_language": "json-schema",
                    "schema": {},
                },
            ),
        ]
    assert [answer.status_code for answer in refused] == [403] * 3
    assert all("write" in answer.json()["message"] for answer in refused)
    assert ada.client.get(f"{API}/objects/{number}/versions/1").status_code == 404


def test_a_token_that_reads_is_refused_before_a_body_is_read(
    server: Running, ada: User, action: int
) -> None:
    """The answer comes though of 9 MiB announced only the first byte was sent."""
    reader = asking.token(server, ada.name, "read")
    number = asking.new_object(ada.client, action)

    for path in ("objects/", f"objects/{number}/versions/", "actions/"):
        length = f"Content-Length: {9 << 20}"
        request = raw.request("POST", f"{API}/{path}", reader, length, body=b"{")
        assert raw.send(server, request).status == 403


def test_a_token_that_writes_also_reads(server: Running, ada: User, action: int) -> None:
    """`read` is always there."""
    with asking.client(server, asking.token(server, ada.name, "write")) as client:
        number = asking.new_object(client, action)
        assert client.get(f"{API}/objects/{number}/versions/0").status_code == 200


def test_a_token_that_was_revoked_is_refused_at_once_by_every_worker(
    server: Running, ada: User
) -> None:
    """Ten times: remembered by both workers, revoked, and never answered again."""
    for _ in range(10):
        with log(server) as commands:
            issued = commands.run(accounts.OPERATOR, accounts.issue_token, ada.name)
            clients = [asking.client(server, issued.secret) for _ in range(6)]
            for client in clients * 2:
                assert client.get(ME).status_code == 200
            commands.run(accounts.OPERATOR, _revoke, issued.token)
        after = [client.get(ME).status_code for client in clients]
        for client in clients:
            client.close()
        assert after == [401] * 6


def test_a_token_that_is_revoked_while_a_body_comes_writes_nothing(
    server: Running, ada: User, action: int
) -> None:
    """401 when the body's end has come, though its beginning was let in."""
    before = asking.stored(server)
    body = b'{"action_id":%d,"data":{}}' % action
    with log(server) as commands:
        issued = commands.run(accounts.OPERATOR, accounts.issue_token, ada.name)
        length = f"Content-Length: {len(body)}"
        request = raw.request("POST", f"{API}/objects/", issued.secret, length, body=body[:-1])
        with raw.opened(server, request) as connection:
            sleep(0.2)  # it is let in
            commands.run(accounts.OPERATOR, _revoke, issued.token)
            connection.sendall(body[-1:])
            answer = raw.received(connection)

    assert answer.status == 401
    assert asking.stored(server)[1] == before[1]


def _revoke(session: Session, token: Token) -> Token:
    return accounts.revoke_token(session, token)


def test_a_token_ends_at_its_time_though_it_is_remembered(server: Running, ada: User) -> None:
    """What is remembered of it does not outlive it."""
    ends = datetime.now(UTC) + timedelta(seconds=1)
    with log(server) as commands:
        issued = commands.run(accounts.OPERATOR, accounts.issue_token, ada.name, expires_at=ends)
    with asking.client(server, issued.secret) as client:
        assert client.get(ME).status_code == 200
        sleep(max(0, (ends - datetime.now(UTC)).total_seconds()) + 0.05)
        assert client.get(ME).status_code == 401


# Failures.


def test_the_eleventh_failure_within_a_minute_must_wait_in_every_worker(
    server: Running, join: Join
) -> None:
    """429 with Retry-After; the right password and the token pass all the same."""
    user = join("guessed")

    def ask(password: str) -> httpx.Response:
        headers = {**basic(user.name, password), "Connection": "close"}
        return httpx.get(f"{server.url}{ME}", headers=headers)

    first = [ask(f"guess {n}").status_code for n in range(10)]
    workers, later = set(), []
    for n in range(60):
        later.append(ask(f"guess {10 + n}"))
        workers.add(later[-1].headers["X-Request-Id"].split("-")[0])
        if len(workers) == 2:
            break

    assert first == [401] * 10
    assert len(workers) == 2
    assert {answer.status_code for answer in later} == {429}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in later)
    assert all(list(answer.json()) == ["message"] for answer in later)
    assert ask(PASSWORD).status_code == 200
    assert user.client.get(ME).status_code == 200


def test_failures_of_one_name_do_not_delay_another(nobody: httpx.Client, join: Join) -> None:
    """The count is kept by name and address."""
    victim, other = join("victim"), join("other")
    for n in range(12):
        nobody.get(ME, headers=basic(victim.name, f"guess {n}"))

    assert nobody.get(ME, headers=basic(other.name, "wrong")).status_code == 401


def test_a_name_that_nobody_has_is_refused_in_the_same_words(
    nobody: httpx.Client, join: Join
) -> None:
    """Nobody learns which names there are."""
    known = nobody.get(ME, headers=basic(join("known").name, "wrong"))
    unknown = nobody.get(ME, headers=basic(asking.fresh("unknown"), "wrong"))

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


# What is kept.


def test_passwords_and_tokens_are_kept_as_digests(server: Running, ada: User) -> None:
    """argon2id at 19 MiB and two passes; SHA-256."""
    [(password,)] = asking.query(
        server, "SELECT password FROM view.accounts WHERE name = %s", ada.name
    )
    digest = sha256(ada.token.encode()).digest()
    [(count,)] = asking.query(server, "SELECT count(*) FROM view.tokens WHERE digest = %s", digest)

    assert password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert count == 1


def test_a_token_is_not_logged_however_an_address_is_written(
    server: Running, nobody: httpx.Client, ada: User
) -> None:
    """In path, query and headers, in any case and percent-encoded; no answer repeats a query."""
    encoded = ["".join(f"%{ord(each):{form}}" for each in ada.token) for form in ("02x", "02X")]
    shown = [ada.token, *encoded]
    names = ("access_token", "ACCESS_token", "access%5Ftoken", "%61ccess_t%4fken", "x", "%C3%A4")
    before = len(asking.logged(server))

    for token in shown:
        for place in ("/objects/{}", "/objects/1/versions/{}", f"{API}/users/{{}}", "/{}", "/a={}"):
            nobody.get(place.format(token))
        for query in (*(f"{name}={token}" for name in names), f"a=1;access_token={token}", token):
            for path in ("/objects/no-such-object", f"{API}/nothing", f"{API}/actions/0"):
                answer = nobody.get(f"{path}?{query}", headers={"Referer": f"/?{query}"})
                assert answer.status_code in {401, 404}
                assert ada.token not in unquote(answer.text)
    for scheme in ("bearer", "BASIC", "tOkEn", "Digest", "Bogus"):
        answer = nobody.get("/objects/0", headers={"Authorization": f"{scheme} {ada.token}"})
        assert ada.token not in answer.text

    logged = asking.logged(server)[before:]
    assert logged.count('"method":"GET"') > 90
    assert ada.token not in unquote(logged)


def test_no_secret_stands_in_the_logs_or_the_data_folder(
    server: Running, join: Join, nobody: httpx.Client, action: int
) -> None:
    """Whatever way it was shown, and whatever went wrong with the request that showed it."""
    user = join("careful")
    wrong = "a-wrong-secret-that-was-shown"
    reader = asking.token(server, user.name, "read")
    bearer = {"Authorization": f"Bearer {user.token}"}
    number = asking.new_object(user.client, action)

    for scheme in ("Bearer", "Token", "OAuth2", "Basic", "Digest", "Bogus"):
        for secret in (user.token, wrong, PASSWORD):
            nobody.get(ME, headers={"Authorization": f"{scheme} {secret}"})
    for name in (user.name, "nobody-at-all"):
        for secret in (PASSWORD, wrong, user.token):
            nobody.get(ME, headers=basic(name, secret))
    for path in (ME, f"{API}/objects/{number}", f"{API}/nothing", "/health", "/objects/"):
        for secret in (user.token, reader, wrong, quote(PASSWORD)):
            for key in ("access_token", "ACCESS_TOKEN", "refresh_token", "password", "code"):
                nobody.get(f"{path}?a=1&{key}={secret}&b=2")
            nobody.delete(f"{path}?access_token={secret}")
            nobody.get(path, headers={"Referer": f"{server.url}{path}?access_token={secret}"})
            nobody.get(path, headers={"Cookie": f"token={secret}"})
    user.client.post(f"{API}/objects/?access_token={reader}", content=b"{")
    for broken in ("Transfer-Encoding: chunked", "Content-Length: x", "Bad Header: 1"):
        target = f"{API}/objects/?access_token={user.token}"
        raw.send(server, raw.request("POST", target, user.token, broken, body=b"zz\r\n"))
    server.cli("token", "create", user.name, "--name", "label")
    nobody.get(f"{ME}?access%5Ftoken={user.token}", headers=bearer)

    shown = [user.token, reader, wrong, PASSWORD, quote(PASSWORD)]
    shown += [server.admin_token, server.admin_password]
    shown += [
        basic(name, secret)["Authorization"].split()[1].rstrip("=")
        for name in (user.name, "nobody-at-all")
        for secret in (PASSWORD, wrong, user.token)
    ]
    files = [server.log, *(path for path in server.data.rglob("*") if path.is_file())]
    found = [
        (path.name, secret)
        for path in files
        for content in [path.read_bytes()]
        for secret in shown
        if secret.encode() in content
    ]
    assert len(files) > 100  # PostgreSQL's too
    assert found == []
