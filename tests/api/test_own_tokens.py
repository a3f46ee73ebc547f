"""Tokens of one's own at /api/me/tokens: made, shown once, listed, used, revoked."""

from __future__ import annotations

import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.commands import accounts, tokens
from domain.errors import Conflict
from tests.api import asking, logging_in
from tests.api.asking import API, PASSWORD, Join, User
from tests.running import Running
from tests.writing import actor

PATH = "/api/me/tokens"
ME = f"{API}/users/me"
SHOWN = ["id", "name", "scopes", "expires_at", "created_at", "last_used_at", "made_with"]


def basic(name: str, password: str) -> dict[str, str]:
    """A header with a name and a password."""
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def bearer(token: str) -> dict[str, str]:
    """A header with a token."""
    return {"Authorization": f"Bearer {token}"}


def made(asker: httpx.Client, name: str = "laptop", **body: Any) -> dict[str, Any]:
    """Make a token and return what is said of it."""
    answer = asker.post(PATH, json={"name": name} | body)
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


def listed(asker: httpx.Client, **query: str) -> list[dict[str, Any]]:
    """The tokens that somebody has."""
    answer = asker.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    hits: list[dict[str, Any]] = answer.json()["hits"]["hits"]
    return hits


def test_a_password_makes_a_token_that_reads(nobody: httpx.Client, ada: User, action: int) -> None:
    """201 with the token, this once; without a word of scopes it changes nothing."""
    answer = nobody.post(f"{PATH}/", json={"name": "laptop"}, headers=basic(ada.name, PASSWORD))

    said = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert list(said) == [*SHOWN, "token"]
    assert (said["name"], said["scopes"], said["expires_at"]) == ("laptop", ["read"], None)
    shown = bearer(said["token"])
    assert nobody.get(ME, headers=shown).json()["name"] == ada.name
    written = nobody.post(f"{API}/objects/", json={"action_id": action, "data": {}}, headers=shown)
    assert written.status_code == 403


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ([], ["read"]),
        (["write"], ["read", "write"]),
        (["create"], ["read", "write"]),
        (["deposit:write", "write"], ["read", "write"]),
        (["deposit:actions"], ["read", "actions"]),
        (["user:email", "actions", "read"], ["read", "actions", "user:email"]),
    ],
)
def test_a_token_has_the_scopes_asked_for(ada: User, asked: list[str], given: list[str]) -> None:
    """And read, by whatever name CAP calls them."""
    assert made(ada.client, scopes=asked)["scopes"] == given


def test_a_token_is_shown_in_each_way_there_is(nobody: httpx.Client, ada: User) -> None:
    """As Bearer, OAuth2, Token, in the query, and as its owner's password."""
    token = made(ada.client)["token"]
    ways = [{"Authorization": f"{scheme} {token}"} for scheme in ("Bearer", "OAuth2", "Token")]

    answers = [nobody.get(ME, headers=way) for way in [*ways, basic(ada.name, token)]]
    answers.append(nobody.get(ME, params={"access_token": token}))

    assert [each.json()["name"] for each in answers] == [ada.name] * 5


def test_tokens_are_listed_without_their_secrets(join: Join, nobody: httpx.Client) -> None:
    """To who has them and to nobody else, newest first, each with what was said of it."""
    user = join("lister")
    ends = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    first = made(user.client, "first", scopes=["write"], expires_at=ends.isoformat())
    second = made(user.client, "second")

    answer = user.client.get(PATH)
    hits = answer.json()["hits"]["hits"]

    assert answer.headers["Cache-Control"] == "no-store"
    assert [each["name"] for each in hits] == ["second", "first", ""]  # the last is its own
    assert [list(each) for each in hits] == [SHOWN] * 3
    assert datetime.fromisoformat(hits[1]["expires_at"]) == ends
    assert hits[1] == {name: first[name] for name in SHOWN}
    assert hits[0]["made_with"] == hits[2]["id"]
    for secret in (first["token"], second["token"], user.token):
        assert secret not in answer.text


def test_a_stranger_neither_sees_nor_revokes_anothers_tokens(
    ada: User, bob: User, admin: User
) -> None:
    """404 for its id, as for one that there is not; an administrator is a stranger here too."""
    token = made(ada.client, asking.fresh("hers"))

    for stranger in (bob, admin):
        assert token["id"] not in stranger.client.get(PATH, params={"size": "1000"}).text
        refused = stranger.client.delete(f"{PATH}/{token['id']}")
        unknown = stranger.client.delete(f"{PATH}/{uuid4()}")
        assert (refused.status_code, unknown.status_code) == (404, 404)
        assert (
            refused.json()
            == unknown.json()
            == {
                "status": 404,
                "message": "There is no such token.",
            }
        )
    assert token["id"] in ada.client.get(PATH, params={"size": "1000"}).text


def test_a_token_that_was_revoked_is_refused_at_once_by_every_worker(
    server: Running, ada: User
) -> None:
    """Remembered by all of them, 204, and never answered again; it is listed no more."""
    token = made(ada.client)
    with ExitStack() as stack:
        clients = [stack.enter_context(asking.client(server, token["token"])) for _ in range(8)]
        assert [each.get(ME).status_code for each in clients * 2] == [200] * 16

        revoked = ada.client.delete(f"{PATH}/{token['id']}")

        assert (revoked.status_code, revoked.content) == (204, b"")
        assert [each.get(ME).status_code for each in clients * 2] == [401] * 16
    assert token["id"] not in [each["id"] for each in listed(ada.client, size="1000")]
    assert ada.client.delete(f"{PATH}/{token['id']}").status_code == 404
    assert ada.client.delete(f"{PATH}/none").status_code == 404


def test_what_a_token_made_ends_with_it_and_makes_nothing(
    server: Running, nobody: httpx.Client, ada: User
) -> None:
    """Whoever stole it has nothing left when it is revoked."""
    maker = asking.token(server, ada.name)
    with asking.client(server, maker) as client:
        wide = made(client, scopes=["write", "actions", "user:email"])
    with asking.client(server, wide["token"]) as client:
        for path, body in (
            (PATH, {"name": "more"}),
            (f"{API}/access_tokens/", {"description": "more"}),
        ):
            assert client.post(path, json=body).status_code == 403
        assert client.get(ME).status_code == 200

        revoked = ada.client.delete(f"{PATH}/{wide['made_with']}")

        assert revoked.status_code == 204
        assert client.get(ME).status_code == 401
    held = {each["id"] for each in listed(ada.client, size="1000")}
    assert held.isdisjoint({wide["id"], wide["made_with"]})


def test_a_token_makes_none_that_lasts_longer(server: Running, ada: User) -> None:
    """Without a word it ends with its maker; 400 for a later end."""
    ends = (datetime.now(UTC) + timedelta(hours=2)).replace(microsecond=0)
    issued = asking.operate(server, accounts.issue_token, ada.name, expires_at=ends)
    with asking.client(server, issued.secret) as client:
        silent = made(client)
        sooner = made(client, expires_at=(ends - timedelta(hours=1)).isoformat())
        later = client.post(
            PATH, json={"name": "x", "expires_at": (ends + timedelta(seconds=1)).isoformat()}
        )

    assert datetime.fromisoformat(silent["expires_at"]) == ends
    assert datetime.fromisoformat(sooner["expires_at"]) == ends - timedelta(hours=1)
    assert later.status_code == 400
    assert later.json()["errors"][0]["field"] == ["expires_at"]


def test_an_access_token_makes_none(server: Running, ada: User) -> None:
    """It is good for a day, and what it made would not be."""
    pair = ada.client.post(f"{API}/access_tokens/", json={"description": "balance"}).json()

    with asking.client(server, pair["access_token"]) as client:
        assert client.post(PATH, json={"name": "x"}).status_code == 403
    assert "balance" in [each["name"] for each in listed(ada.client)]


def test_a_programs_login_makes_none(nobody: httpx.Client, ada: User) -> None:
    """403: what it made would outlive the hour that it holds for."""
    shown = bearer(logging_in.tokens(nobody, ada.name)["access_token"])

    refused = nobody.post(PATH, json={"name": "x"}, headers=shown)

    assert refused.status_code == 403
    assert "login" in refused.json()["message"]


@pytest.mark.parametrize("scopes", [("read",), ("write",), ("write", "actions")])
def test_a_narrow_token_lists_and_does_no_more(
    server: Running, ada: User, scopes: tuple[str, ...]
) -> None:
    """403: it would make itself another that can more, or end those of others."""
    token = made(ada.client)
    with asking.client(server, asking.token(server, ada.name, *scopes)) as narrow:
        answers = (
            narrow.get(PATH),
            narrow.post(PATH, json={"name": "x"}),
            narrow.delete(f"{PATH}/{token['id']}"),
        )

    assert [each.status_code for each in answers] == [200, 403, 403]


def test_nobody_has_no_tokens(nobody: httpx.Client) -> None:
    """401 in the words of this door, with how to sign in."""
    answers = [
        nobody.get(PATH),
        nobody.post(PATH, json={"name": "x"}),
        nobody.delete(f"{PATH}/{uuid4()}"),
        nobody.get(PATH, headers=bearer("none")),
    ]

    assert [each.status_code for each in answers] == [401] * 4
    assert all(each.json().keys() == {"status", "message"} for each in answers)
    assert all("WWW-Authenticate" in each.headers for each in answers)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("{", None),
        ("[]", None),
        ("null", None),
        ("{}", ["name"]),
        ('{"name": 7}', ["name"]),
        ('{"name": " "}', ["name"]),
        ('{"name": "a\\nb"}', ["name"]),
        (f'{{"name": "{"x" * 101}"}}', ["name"]),
        ('{"name": "x", "scopes": "write"}', ["scopes"]),
        ('{"name": "x", "scopes": [7]}', ["scopes"]),
        ('{"name": "x", "scopes": ["admin"]}', ["scopes"]),
        ('{"name": "x", "scopes": ["refresh"]}', ["scopes"]),
        ('{"name": "x", "expires_at": "2001-01-01"}', ["expires_at"]),
        ('{"name": "x", "expires_at": "tomorrow"}', ["expires_at"]),
        ('{"name": "x", "expires_at": 4102444800}', ["expires_at"]),
        ('{"name": "x", "expires": "2999-01-01"}', ["expires"]),
        ('{"name": "", "scopes": ["x"], "expires_at": "2001-01-01"}', None),
    ],
)
def test_a_body_that_asks_for_no_token_is_refused(
    server: Running, ada: User, body: str, fields: list[str] | None
) -> None:
    """400 that names each field; nothing is stored."""
    before = asking.stored(server)

    refused = ada.client.post(PATH, content=body)

    said = refused.json()
    assert (refused.status_code, said["status"]) == (400, 400)
    assert said["message"]
    if fields is not None:
        assert [each["field"] for each in said["errors"]] == [fields]
    assert asking.stored(server) == before


def test_a_token_is_not_shown_again_for_an_idempotency_key(join: Join) -> None:
    """409: only its digest is kept. One was made."""
    user = join("again")
    headers = {"Idempotency-Key": asking.fresh("token")}

    first, second = (
        user.client.post(PATH, json={"name": "once"}, headers=headers) for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (201, 409)
    assert "token" not in second.json()
    assert [each["name"] for each in listed(user.client)].count("once") == 1


def test_the_list_goes_on_where_a_page_ended(join: Join) -> None:
    """Each token once, though others are made and revoked meanwhile; 400 for no place."""
    user = join("walker")
    names = [made(user.client, f"token {number}")["name"] for number in range(4)]

    seen, path = [], f"{PATH}?size=2"
    while path:
        page = user.client.get(path).json()
        seen += [each["name"] for each in page["hits"]["hits"]]
        if len(seen) == 2:
            made(user.client, "meanwhile")
            user.client.delete(f"{PATH}/{page['hits']['hits'][-1]['id']}")
        path = page["links"].get("next")

    assert seen == [*reversed(names), ""]
    for wrong in ("after=none", "size=0", "size=1001", "size=x"):
        assert user.client.get(f"{PATH}?{wrong}").status_code == 400


def test_when_a_token_was_last_used_is_told(join: Join, nobody: httpx.Client) -> None:
    """Within moments of its first use; before that nothing is."""
    user = join("user")
    token = made(user.client, "unused")
    [before] = [each for each in listed(user.client) if each["id"] == token["id"]]
    used_from = datetime.now(UTC)
    assert nobody.get(ME, headers=bearer(token["token"])).status_code == 200

    until = time.monotonic() + 30
    at = None
    while at is None and time.monotonic() < until:
        [found] = [each for each in listed(user.client) if each["id"] == token["id"]]
        at = found["last_used_at"]
        time.sleep(0.05)

    assert before["last_used_at"] is None
    assert at is not None
    assert used_from <= datetime.fromisoformat(at) <= datetime.now(UTC)


def test_use_is_no_event_and_outlives_a_rebuild(server: Running, join: Join) -> None:
    """A reader adds nothing to the log; when views are made again, what was known is."""
    user = join("quiet")
    before = asking.stored(server)
    until = time.monotonic() + 30
    while listed(user.client)[0]["last_used_at"] is None and time.monotonic() < until:
        time.sleep(0.05)
    known = listed(user.client)[0]["last_used_at"]

    rebuilt = server.cli("rebuild", "tokens")

    assert rebuilt.returncode == 0, rebuilt.stderr
    assert known is not None
    assert listed(user.client)[0]["last_used_at"] == known
    assert asking.stored(server) == before


def test_there_is_a_bound_on_how_many_tokens_one_has(
    server: Running, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was revoked makes room, and so does what ended with its maker."""
    user = join("hoarder")
    monkeypatch.setattr(tokens, "MOST", 3)
    with asking.log(server) as log:
        me = actor(log.run(accounts.OPERATOR, accounts.named, user.name).id)

        def make(with_: Any = None) -> Any:
            return log.run(me, tokens.create, "x", (), None, with_).token

        maker = log.run(accounts.OPERATOR, accounts.issue_token, user.name).token
        make(maker.id)
        with pytest.raises(Conflict, match="3 tokens"):
            make()
        log.run(me, tokens.revoke, maker.id)
        make()
        make()
        with pytest.raises(Conflict):
            make()
    held = "SELECT count(*) FROM view.tokens WHERE account = %s AND NOT revoked"
    assert asking.query(server, held, me.account) == [(3,)]


def test_the_bound_holds_when_many_are_made_at_once(
    server: Running, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them waits for who counts."""
    user = join("crowd")
    monkeypatch.setattr(tokens, "MOST", 4)
    with asking.log(server) as log, ThreadPoolExecutor(8) as pool:
        me = actor(log.run(accounts.OPERATOR, accounts.named, user.name).id)

        def make(_number: int) -> str:
            try:
                log.run(me, tokens.create, "x", (), None, None)
            except Conflict as refused:
                return refused.message
            return "made"

        said = list(pool.map(make, range(16)))

    assert said.count("made") == 3  # and there is the one that he has
    assert all("4 tokens" in each for each in said if each != "made")


def test_of_a_token_only_its_digest_is_kept(server: Running, ada: User) -> None:
    """Neither data nor logs hold the secret; the feed has no digest either."""
    token = made(ada.client, asking.fresh("kept"))

    files = [server.log, *(path for path in server.data.rglob("*") if path.is_file())]
    found = [path.name for path in files if token["token"].encode() in path.read_bytes()]

    assert found == []
