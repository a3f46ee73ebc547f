"""Device logins: codes, the page, tokens, refresh, revocation. Source: RFC 8628, RFC 7009."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from math import log2

import httpx
import psycopg
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from domain.secrets import hash_password, token_digest
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from tests.api import asking, logging_in
from tests.api.asking import Join, User
from tests.running import Running

EXPIRE = """
UPDATE es.device_code SET expires_at = now() - %s::interval WHERE user_code = %s RETURNING 1
"""
REPLACE = "UPDATE view.accounts SET password = %s WHERE name = %s RETURNING 1"
BREAK = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
 WHERE wait_event_type = 'Lock' AND query LIKE '%%logins%%'
"""


def error(answer: httpx.Response) -> tuple[int, str]:
    """The status and OAuth's word for what is wrong."""
    return answer.status_code, answer.json()["error"]


def test_discovery_leads_to_every_endpoint(nobody: httpx.Client) -> None:
    """Absolute addresses below the issuer, and the means that a client looks for."""
    told = nobody.get("/oauth/.well-known/openid-configuration").json()

    assert told["issuer"] == f"{nobody.base_url}/oauth".replace("//oauth", "/oauth")
    for name in ("token_endpoint", "device_authorization_endpoint", "jwks_uri"):
        assert told[name].startswith(f"{told['issuer']}/")
    assert logging_in.DEVICE_GRANT in told["grant_types_supported"]
    assert "refresh_token" in told["grant_types_supported"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert nobody.get(told["jwks_uri"]).status_code == 200


def test_discovery_is_as_the_rule_has_it(nobody: httpx.Client) -> None:
    """RFC 8414, by authlib's reading of it; a program needs no secret at either endpoint.

    There is no endpoint with response types: authlib takes that for a member that is missing.
    """
    told = nobody.get("/oauth/.well-known/openid-configuration").json()

    AuthorizationServerMetadata(told | {"response_types_supported": ["none"]}).validate()

    assert told["response_types_supported"] == []
    for endpoint in ("token", "revocation"):
        assert told[f"{endpoint}_endpoint_auth_methods_supported"] == ["none"]


def test_keys_are_told_without_their_private_parts(nobody: httpx.Client) -> None:
    """Six members each, and nothing of what signs."""
    [key, *_] = nobody.get("/oauth/jwks").json()["keys"]

    assert set(key) == {"kty", "kid", "use", "alg", "n", "e"}
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_codes_are_long_enough_and_short_enough(nobody: httpx.Client) -> None:
    """At least 40 bits and at most 12 characters for people to type."""
    codes = logging_in.begun(nobody)

    others = [logging_in.begun(nobody).user for _ in range(40)]
    drawn = {letter for user in others for letter in user if letter != "-"}
    assert re.fullmatch(r"[A-Z0-9-]{1,12}", codes.user)
    # As many letters as were seen at least, each with a chance of its own in each place.
    assert log2(len(drawn)) * len(codes.user.replace("-", "")) >= 40
    for place in (each for each, letter in enumerate(codes.user) if letter != "-"):
        assert len({user[place] for user in others}) > 5
    assert len({*others, codes.user}) == 41
    assert codes.told["verification_uri_complete"].endswith(f"/oauth/device?user_code={codes.user}")
    assert 1 <= codes.told["interval"] <= 5


def test_an_approved_code_is_redeemed_once(ada: User, nobody: httpx.Client) -> None:
    """The first poll after the approval succeeds; a second is refused."""
    codes = logging_in.begun(nobody)
    pending = logging_in.polled(nobody, codes)
    page = logging_in.decided(nobody, codes.user.lower().replace("-", " "), ada.name)

    first, second = (logging_in.polled(nobody, codes) for _ in range(2))

    assert error(pending) == (400, "authorization_pending")
    assert page.status_code == 200
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    assert (first.json()["token_type"], first.json()["expires_in"]) == ("Bearer", 3600)
    assert error(second) == (400, "invalid_grant")


def test_of_many_who_redeem_one_code_one_does(ada: User, server: Running) -> None:
    """On as many connections."""
    with asking.client(server) as client:
        codes = logging_in.begun(client)
        logging_in.decided(client, codes.user, ada.name)

    def redeem(_: int) -> int:
        with asking.client(server) as each:
            return logging_in.polled(each, codes).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(redeem, range(8))) == [200] + [400] * 7


def test_of_two_workers_that_redeem_one_code_one_does(ada: User, server: Running) -> None:
    """On a connection to each, at once, time and again; the other says that it is used."""
    with ExitStack() as stack:
        workers: dict[str, httpx.Client] = {}
        for _ in range(100):
            client = stack.enter_context(asking.client(server))
            asked = client.get("/oauth/.well-known/openid-configuration")
            workers.setdefault(asked.headers["X-Request-ID"][:10], client)  # which each begins so
            if len(workers) == 2:
                break
        one, other = workers.values()
        with ThreadPoolExecutor(2) as pool:
            for _ in range(5):
                codes = logging_in.begun(one)
                logging_in.decided(other, codes.user, ada.name)
                both = pool.map(logging_in.polled, (one, other), (codes, codes))
                lost, won = sorted(both, key=lambda each: -each.status_code)
                assert won.status_code == 200
                assert error(lost) == (400, "invalid_grant")


def test_a_code_is_taken_only_with_its_login(ada: User, server: Running) -> None:
    """What breaks off while the login is stored is tried again, and succeeds."""
    with asking.client(server) as client, ThreadPoolExecutor(1) as pool:
        codes = logging_in.begun(client)
        logging_in.decided(client, codes.user, ada.name)
        with database(DataFolder(server.data), "test") as url, psycopg.connect(url) as conn:
            conn.execute("LOCK TABLE view.logins IN EXCLUSIVE MODE")
            broken = pool.submit(logging_in.polled, client, codes)
            with psycopg.connect(url, autocommit=True) as beside:
                while not beside.execute(BREAK).fetchall() and not broken.done():
                    time.sleep(0.01)
            conn.rollback()
        answers = [broken.result(), logging_in.polled(client, codes)]

    assert [each.status_code for each in answers] == [503, 200]


def test_an_impatient_poll_is_told_to_slow_down(nobody: httpx.Client) -> None:
    """While nobody has decided."""
    codes = logging_in.begun(nobody)

    answers = [error(logging_in.polled(nobody, codes)) for _ in range(2)]

    assert answers == [(400, "authorization_pending"), (400, "slow_down")]


def test_a_code_that_has_expired_is_worth_nothing(
    ada: User, server: Running, nobody: httpx.Client
) -> None:
    """On the page, and to the program, which is told why."""
    codes = logging_in.begun(nobody)
    asking.query(server, EXPIRE, "59 minutes", token_digest(codes.user))
    logging_in.begun(nobody)  # clears away what nobody is told of any more

    assert logging_in.decided(nobody, codes.user, ada.name).status_code == 400
    assert error(logging_in.polled(nobody, codes)) == (400, "expired_token")


def test_that_a_code_has_expired_is_told_for_an_hour(server: Running, nobody: httpx.Client) -> None:
    """Then nothing is left of it, and it is as one that there never was."""
    codes = logging_in.begun(nobody)
    asking.query(server, EXPIRE, "61 minutes", token_digest(codes.user))
    logging_in.begun(nobody)

    assert error(logging_in.polled(nobody, codes)) == (400, "invalid_grant")


def test_a_refused_code_gives_nothing(ada: User, nobody: httpx.Client) -> None:
    """And cannot be approved any more."""
    codes = logging_in.begun(nobody)

    assert logging_in.decided(nobody, codes.user, ada.name, approve="no").status_code == 200

    assert error(logging_in.polled(nobody, codes)) == (400, "access_denied")
    assert logging_in.decided(nobody, codes.user, ada.name).status_code == 400


@pytest.mark.parametrize("verifier", ["", "x" * 43])
def test_a_code_is_worth_nothing_without_its_verifier(
    ada: User, nobody: httpx.Client, verifier: str
) -> None:
    """PKCE; the wrong one takes nothing from the right one."""
    codes = logging_in.begun(nobody)
    logging_in.decided(nobody, codes.user, ada.name)

    wrong = logging_in.polled(nobody, codes, code_verifier=verifier)

    assert error(wrong) == (400, "invalid_grant")
    assert logging_in.polled(nobody, codes).status_code == 200


def test_a_code_that_was_guessed_at_a_hundred_times_is_dead(
    ada: User, nobody: httpx.Client
) -> None:
    """Also for who has the right verifier, and on the page; passwords count as verifiers do."""
    codes = logging_in.begun(nobody)
    for _ in range(99):
        logging_in.polled(nobody, codes, code_verifier="guess")
    living = error(logging_in.polled(nobody, codes))

    logging_in.decided(nobody, codes.user, ada.name, "guess")

    assert living[1] in ("authorization_pending", "slow_down")
    assert logging_in.decided(nobody, codes.user, ada.name).status_code == 400
    assert error(logging_in.polled(nobody, codes)) == (400, "invalid_grant")


def test_a_wrong_password_leaves_the_code_pending(ada: User, nobody: httpx.Client) -> None:
    """403, and as often as it is wrong: nobody is told to come again later, by 429."""
    codes = logging_in.begun(nobody)

    wrong = {
        logging_in.decided(nobody, codes.user, ada.name, "wrong").status_code for _ in range(12)
    }

    assert wrong == {403}
    assert error(logging_in.polled(nobody, codes)) == (400, "authorization_pending")
    assert logging_in.decided(nobody, codes.user, ada.name).status_code == 200


def test_a_password_that_was_replaced_approves_nothing(
    join: Join, server: Running, nobody: httpx.Client
) -> None:
    """Nor signs in on the page of tokens, also before the worker that remembers it knows of it."""
    user = join("replacing")
    form = {"do": "sign-in", "username": user.name, "password": asking.PASSWORD}
    codes = [logging_in.begun(nobody) for _ in range(2)]

    def answers(codes: logging_in.Codes) -> list[int]:
        page = nobody.post("/account/settings/applications/", data=form)
        return [logging_in.decided(nobody, codes.user, user.name).status_code, page.status_code]

    before = answers(codes[0])
    # As in the moment after it was stored, in which nobody has told the workers.
    [(old,)] = asking.query(server, "SELECT password FROM view.accounts WHERE name = %s", user.name)
    asking.query(server, REPLACE, hash_password("another"), user.name)
    after = answers(codes[1])
    asking.query(server, REPLACE, old, user.name)

    assert (before, after) == ([200, 200], [403, 403])


def test_failures_of_one_keep_nobody_else_out(ada: User, bob: User, nobody: httpx.Client) -> None:
    """From the same address, where honest logins come in bursts."""
    codes = [logging_in.begun(nobody) for _ in range(8)]
    for each in codes:
        logging_in.decided(nobody, each.user, ada.name, "wrong")

    answers = {logging_in.decided(nobody, each.user, bob.name).status_code for each in codes}

    assert answers == {200}


def test_a_token_is_no_password_on_the_page(server: Running, nobody: httpx.Client) -> None:
    """A login has all scopes, the token may not."""
    reader = asking.user(server, "reader", "read")
    codes = logging_in.begun(nobody)

    assert logging_in.decided(nobody, codes.user, reader.name, reader.token).status_code == 403


@pytest.mark.parametrize("code", ["", "BCDFG-BCDFG", "\0", "<script>"])
def test_a_code_that_nobody_has_is_refused(ada: User, nobody: httpx.Client, code: str) -> None:
    """And never part of the page as it was sent."""
    refused = logging_in.decided(nobody, code, ada.name)

    assert refused.status_code == 400
    assert "<script>" not in refused.text


def test_the_page_is_a_form_that_knows_the_code(nobody: httpx.Client) -> None:
    """With the names that plain clients send, and a policy under which nothing else runs."""
    page = nobody.get("/oauth/device", params={"user_code": 'BCDFG"-BCDFG'})

    assert page.headers["Content-Type"].startswith("text/html")
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert 'value="BCDFG&#34;-BCDFG"' in page.text
    for name in ("user_code", "username", "password", "approve"):
        assert f'name="{name}"' in page.text


def test_a_refresh_gives_a_token_and_goes_on_working(ada: User, nobody: httpx.Client) -> None:
    """With an empty scope the login's is kept; several programs share one refresh token."""
    refresh = logging_in.tokens(nobody, ada.name)["refresh_token"]

    answers = [logging_in.refreshed(nobody, refresh) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert all(each.json()["refresh_token"] for each in answers)
    scopes = set(answers[1].json()["scope"].split())
    assert scopes == {"offline_access", "read", "write", "actions", "user:email"}
    assert "." not in refresh


def test_a_refreshed_token_may_do_less_and_never_more(ada: User, nobody: httpx.Client) -> None:
    """Of a login that may read alone, and of one that may do everything."""
    reader = logging_in.tokens(nobody, ada.name, "read")["refresh_token"]
    writer = logging_in.tokens(nobody, ada.name)["refresh_token"]

    assert error(logging_in.refreshed(nobody, reader, scope="write")) == (400, "invalid_scope")
    less = logging_in.refreshed(nobody, writer, scope="read").json()
    assert less["scope"] == "offline_access read"
    shown = {"Authorization": f"Bearer {less['access_token']}"}
    assert nobody.post("/objects/", json={}, headers=shown).status_code == 403


@pytest.mark.parametrize(
    ("asked", "scopes"),
    [
        ("reed", "read"),
        ("openid profile", "read"),
        ("offline_access reed", "read"),
        ("write reed", "read write"),
        ("offline_access", "actions read user:email write"),
    ],
)
def test_a_scope_that_nobody_knows_gives_no_others(
    ada: User, nobody: httpx.Client, asked: str, scopes: str
) -> None:
    """To a login, and to a token of one that may do everything; to read goes without saying."""
    login = logging_in.tokens(nobody, ada.name, asked)
    every = logging_in.tokens(nobody, ada.name)["refresh_token"]

    token = logging_in.refreshed(nobody, every, scope=asked)

    assert token.status_code == 200, token.text
    assert login["scope"] == token.json()["scope"] == f"offline_access {scopes}"


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revoked_a_login_is_void_at_once(ada: User, nobody: httpx.Client, which: str) -> None:
    """By either token; what was never one is no error."""
    held = logging_in.tokens(nobody, ada.name)
    shown = {"Authorization": f"Bearer {held['access_token']}"}
    before = nobody.get("/api/v1/users/me", headers=shown).status_code

    form = {"token": held[which], "client_id": logging_in.CLIENT}
    answers = [nobody.post("/oauth/revoke", data=form).status_code for _ in range(2)]
    unknown = nobody.post("/oauth/revoke", data=form | {"token": "a.b.c"}).status_code

    assert (before, answers, unknown) == (200, [200, 200], 200)
    assert nobody.get("/api/v1/users/me", headers=shown).status_code == 401
    again = logging_in.refreshed(nobody, held["refresh_token"])
    assert error(again) == (400, "invalid_grant")


def test_an_unknown_client_is_refused(nobody: httpx.Client) -> None:
    """401 invalid_client, wherever a client is named."""
    for path in ("device_authorization", "token", "revoke"):
        form = {"client_id": "other", "grant_type": "refresh_token", "token": "a"}
        assert error(nobody.post(f"/oauth/{path}", data=form)) == (401, "invalid_client")


@pytest.mark.parametrize(
    "body",
    [b"", b"grant_type", b"grant_type=a&grant_type=b", b"\xff=\xff", b"a=%ff", b"&" * 70_000],
)
def test_what_is_no_form_is_a_mistake_of_the_client(nobody: httpx.Client, body: bytes) -> None:
    """400 invalid_request."""
    sent = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = nobody.post("/oauth/token", content=body, headers=sent)

    assert error(answer) == (400, "invalid_request")


def test_no_secret_is_stored_or_logged(ada: User, server: Running, nobody: httpx.Client) -> None:
    """Neither codes nor tokens, in no table of the database and no line of the log."""
    codes = logging_in.begun(nobody)
    logging_in.decided(nobody, codes.user, ada.name)
    held = logging_in.polled(nobody, codes).json()
    waiting = logging_in.begun(nobody)
    nobody.get("/oauth/device", params={"user_code": waiting.user})

    log = asking.logged(server)
    tables = [
        str(asking.query(server, statement))
        for statement in (
            "SELECT state FROM es.event WHERE topic LIKE 'login.%%'",
            "SELECT * FROM es.device_code",
            "SELECT * FROM view.logins",
        )
    ]
    stored = "".join(tables)

    assert "/oauth/token" in log
    assert [logging_in.CLIENT in each for each in tables] == [True] * 3  # as text, to be searched

    for secret in (waiting.device, waiting.user, codes.device, codes.user, codes.verifier):
        assert secret not in log
        assert secret not in stored
    for secret in (held["refresh_token"], held["access_token"]):
        assert secret not in log
        assert secret not in stored
