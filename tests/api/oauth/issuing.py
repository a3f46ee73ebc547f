"""An issuer of somebody else's, as Keycloak is one: discovery and keys on a port of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import orjson
from joserfc import jwt
from joserfc.jwk import RSAKey

AUDIENCE = "muniment"
KEY = RSAKey.generate_key(2048, {"kid": "theirs"})
OTHER = RSAKey.generate_key(2048, {"kid": "theirs"})


class Issuer:
    """An issuer on a free port; `answers` may be changed, `asked` are the paths that were.

    While `answering` is not set, it takes requests and says nothing.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self.answering = Event()
        self.answering.set()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                issuer.answering.wait()
                said = issuer.answers.get(self.path)
                if isinstance(said, str):
                    self.send_response(302)
                    self.send_header("Location", said)
                    self.end_headers()
                    return
                with suppress(ConnectionError):  # who asked may wait no more
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
        }
        self.tell(KEY)

    def tell(self, *keys: RSAKey) -> None:
        """Have these keys, and no others."""
        told = [each.as_dict(private=False) for each in keys]
        self.answers["/realms/ice/certs"] = {"keys": told}

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


@contextmanager
def answering() -> Iterator[Issuer]:
    """Give an issuer that answers."""
    made = Issuer()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        made.answering.set()
        made.server.shutdown()
        made.server.server_close()
        thread.join()


def token(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    """A token, signed by this key."""
    return jwt.encode({"alg": "RS256", "kid": "theirs", "typ": "JWT"} | header, claims, key)
