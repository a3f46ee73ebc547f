"""Access tokens of the issuer, in every door, and those that somebody has forged."""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from msgspec.structs import replace

from api import access_jwts
from domain.storage.signing_keys import SigningKeys
from tests.api import asking, logging_in
from tests.api.oauth.forging import encoded, hs256
from tests.running import Running

ME = "/api/v1/users/me"


def part(token: str, at: int) -> dict[str, Any]:
    """The header or the claims of a token."""
    text = token.split(".")[at]
    told: dict[str, Any] = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return told


def status(nobody: httpx.Client, token: str) -> int:
    """How a request with this token is answered."""
    return nobody.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.fixture(scope="module")
def held(server: Running) -> dict[str, Any]:
    """The tokens of a program that is logged in."""
    user = asking.user(server, "program")
    with asking.client(server) as nobody:
        return logging_in.tokens(nobody, user.name) | {"name": user.name}


@pytest.fixture(scope="module")
def keys(server: Running) -> SigningKeys:
    """The keys of the service, which nobody else has."""
    return SigningKeys(server.data / "oauth.keys")


def test_a_token_says_who_until_when(held: dict[str, Any]) -> None:
    """An hour, and by which key it is to be checked."""
    header, claims = (part(held["access_token"], at) for at in (0, 1))

    assert (header["alg"], bool(header["kid"])) == ("RS256", True)
    assert claims["exp"] == claims["iat"] + 3600
    assert claims["iss"].endswith("/oauth")
    assert claims["preferred_username"] == held["name"]
    assert claims["sub"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token", "OAuth2"])
@pytest.mark.parametrize("path", [ME, "/objects/", "/api/user/records"])
def test_it_signs_in_at_every_door(
    nobody: httpx.Client, held: dict[str, Any], scheme: str, path: str
) -> None:
    """By every scheme that carries a token."""
    shown = {"Authorization": f"{scheme} {held['access_token']}"}

    assert nobody.get(path, headers=shown).status_code == 200


def test_it_acts_for_the_account(nobody: httpx.Client, held: dict[str, Any]) -> None:
    """Also from the query."""
    told = nobody.get(ME, params={"access_token": held["access_token"]}).json()

    assert told["name"] == held["name"]


def test_what_refreshes_is_no_access_token(nobody: httpx.Client, held: dict[str, Any]) -> None:
    """Nor does it refresh SampleDB's."""
    shown = {"Authorization": f"Bearer {held['refresh_token']}"}

    assert status(nobody, held["refresh_token"]) == 401
    minted = nobody.post("/api/v1/access_tokens/", json={"description": "a"}, headers=shown)
    assert minted.status_code == 401


def test_it_makes_no_token_that_outlives_it(nobody: httpx.Client, held: dict[str, Any]) -> None:
    """A program's login makes no other."""
    shown = {"Authorization": f"Bearer {held['access_token']}"}

    minted = nobody.post("/api/v1/access_tokens/", json={"description": "a"}, headers=shown)

    assert minted.status_code == 403


def test_what_was_read_of_a_token_ends_with_it(held: dict[str, Any], keys: SigningKeys) -> None:
    """When it expires, and when its key is no more."""
    read = access_jwts.read(keys, held["access_token"])

    assert read is not None
    assert access_jwts.still_holds(keys, read)
    assert not access_jwts.still_holds(keys, replace(read, expires_at=time.time()))
    assert not access_jwts.still_holds(keys, replace(read, kid="another"))


def test_forgeries_are_refused(
    server: Running, nobody: httpx.Client, held: dict[str, Any], keys: SigningKeys
) -> None:
    """Each is but in one point what the issuer gives; that one, signed right, is accepted."""
    true = held["access_token"]
    header, claims = part(true, 0), part(true, 1)
    ours, other = keys.signing(), RSAKey.generate_key(2048)
    public = orjson.dumps(ours.as_dict(private=False))
    pem = ours.as_pem(private=False)
    signature = true.split(".")[2]
    past = claims | {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}
    timeless = {name: value for name, value in claims.items() if name != "exp"}
    named = {"jwk": other.as_dict(private=False), "jku": "http://127.0.0.1:1/jwks"}
    forged = {
        "alg none": f"{encoded(header | {'alg': 'none'})}.{encoded(claims)}.",
        "alg None": f"{encoded(header | {'alg': 'None'})}.{encoded(claims)}.",
        "alg none, signed": f"{encoded(header | {'alg': 'none'})}.{encoded(claims)}.{signature}",
        "HS256 by the public key": hs256(header, claims, pem),
        "HS256 by the public key as it is told": hs256(header, claims, public),
        "another's key": jwt.encode(header, claims, other),
        "another's key that it brings": jwt.encode(header | named, claims, other),
        "another kid": jwt.encode(header | {"kid": "another"}, claims, ours),
        "no kid": jwt.encode({"alg": "RS256", "typ": header["typ"]}, claims, ours),
        "another issuer": jwt.encode(header, claims | {"iss": "https://else.example"}, other),
        "another type": jwt.encode(header | {"typ": "JWT"}, claims, ours),
        "another audience": jwt.encode(header, claims | {"aud": "other"}, ours),
        "expired": jwt.encode(header, past, ours),
        "without an end": jwt.encode(header, timeless, ours),
        "other claims": f"{encoded(header)}.{encoded(claims | {'sub': 'x'})}.{signature}",
        "another login": jwt.encode(header, claims | {"sid": str(uuid4())}, ours),
        "no signature": ".".join([*true.split(".")[:2], ""]),
        "extensions that are no list": f"{encoded(header | {'crit': 5})}.{encoded(claims)}.AA",
        "an extension without a name": f"{encoded(header | {'crit': [[]]})}.{encoded(claims)}.AA",
        "cut off": true[:-4],
        "nothing": "..",
        "noise": "a.b.c",
    }

    assert status(nobody, jwt.encode(header, claims, ours)) == 200
    assert {name: status(nobody, token) for name, token in forged.items()} == dict.fromkeys(
        forged, 401
    )


def test_keys_rotate_and_tokens_in_flight_hold(
    server: Running, nobody: httpx.Client, held: dict[str, Any]
) -> None:
    """The old key is told as long as tokens of it hold; new tokens are by the new one."""
    old = part(held["access_token"], 0)["kid"]

    rotated = server.cli("keys", "rotate")

    assert rotated.returncode == 0, rotated.stderr
    told = {each["kid"] for each in nobody.get("/oauth/jwks").json()["keys"]}
    fresh = logging_in.refreshed(nobody, held["refresh_token"]).json()["access_token"]
    new = part(fresh, 0)["kid"]
    assert new != old
    assert {old, new} <= told
    assert [status(nobody, each) for each in (held["access_token"], fresh)] == [200, 200]
    assert b'"d"' not in nobody.get("/oauth/jwks").content
