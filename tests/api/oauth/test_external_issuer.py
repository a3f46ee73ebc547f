"""Tokens of an issuer that is configured: whose keys count, and what they must say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.external_issuer import ExternalIssuer
from tests.api.oauth.forging import hs256

AUDIENCE = "muniment"
KEY = RSAKey.generate_key(2048, {"kid": "theirs"})
OTHER = RSAKey.generate_key(2048, {"kid": "theirs"})


class Issuer:
    """An issuer on a free port; `answers` may be changed, `asked` are the paths that were."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                said = issuer.answers.get(self.path)
                if isinstance(said, str):
                    self.send_response(302)
                    self.send_header("Location", said)
                    self.end_headers()
                    return
                self.send_response(404 if said is None else 200)
                self.end_headers()
                self.wfile.write(orjson.dumps(said))

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/realms/ice"
        self.answers = {
            "/realms/ice/.well-known/openid-configuration": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/certs",
            },
            "/realms/ice/certs": {"keys": [KEY.as_dict(private=False)]},
        }

    def claims(self, **other: Any) -> dict[str, Any]:
        """What a token of it says."""
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": [AUDIENCE, "account"],
            "exp": now + 300,
            "iat": now,
            "preferred_username": "ada",
            "typ": "Bearer",
        } | other


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer that answers."""
    made = Issuer()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def token(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    """A token, signed by this key."""
    return jwt.encode({"alg": "RS256", "kid": "theirs", "typ": "JWT"} | header, claims, key)


def name_of(issuer: Issuer, *tokens: str) -> list[str | None]:
    """Whom each token stands for."""

    async def read() -> list[str | None]:
        theirs = ExternalIssuer(issuer.url, AUDIENCE)
        found = [await theirs.read(each) for each in tokens]
        return [None if each is None else each.name for each in found]

    return asyncio.run(read())


def test_a_token_of_it_stands_for_its_username(issuer: Issuer) -> None:
    """Its keys are fetched once, from its own address."""
    assert name_of(issuer, *[token(issuer.claims())] * 3) == ["ada"] * 3
    assert len(issuer.asked) == 2


def test_what_is_wrong_with_a_token_is_found(issuer: Issuer) -> None:
    """Each is but in one point what is accepted."""
    claims = issuer.claims()
    header = {"kid": "theirs", "typ": "JWT"}
    wrong = [
        token(claims, OTHER),
        token(claims, OTHER, jwk=OTHER.as_dict(private=False)),
        token(claims, OTHER, jku="http://127.0.0.1:1/"),
        hs256(header, claims, KEY.as_pem(private=False)),
        token(claims, kid="unknown"),
        token(claims | {"iss": "https://else.example"}),
        token(claims | {"aud": "other"}),
        token({name: claims[name] for name in claims if name != "aud"}),
        token(claims | {"exp": int(time.time()) - 300}),
        token({name: claims[name] for name in claims if name != "exp"}),
        token({name: claims[name] for name in claims if name != "preferred_username"}),
        token(claims | {"typ": "Refresh"}),
        token(claims | {"typ": "ID"}),
        token(claims)[:-4],
        "a.b.c",
    ]

    assert name_of(issuer, *wrong, token(claims)) == [None] * len(wrong) + ["ada"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/realms/ice/.well-known/openid-configuration", {"issuer": "https://else.example"}),
        ("/realms/ice/certs", "http://127.0.0.1:1/certs"),
        ("/realms/ice/certs", None),
        ("/realms/ice/certs", {"keys": []}),
        ("/realms/ice/certs", []),
    ],
)
def test_keys_come_from_the_issuer_alone(issuer: Issuer, path: str, said: Any) -> None:
    """Not from where it leads, and not from what is no set of keys."""
    if isinstance(said, dict) and "issuer" in said:
        said = issuer.answers[path] | said
    issuer.answers[path] = said

    assert name_of(issuer, token(issuer.claims())) == [None]


def test_keys_at_another_address_are_not_taken(issuer: Issuer) -> None:
    """Though its own discovery names them."""
    elsewhere = issuer.url.replace("127.0.0.1", "localhost")
    path = "/realms/ice/.well-known/openid-configuration"
    issuer.answers[path] |= {"jwks_uri": f"{elsewhere}/certs"}

    assert name_of(issuer, token(issuer.claims())) == [None]
    assert issuer.asked == [path]


def test_unknown_keys_are_not_asked_for_again_and_again(issuer: Issuer) -> None:
    """Else whoever shows nonsense has the issuer asked as often as he likes."""
    forged = [token(issuer.claims(), kid=f"unknown-{each}") for each in range(20)]

    assert name_of(issuer, *forged) == [None] * 20
    assert len(issuer.asked) == 2
