"""Tokens of another issuer, such as Keycloak: accepted where one is configured with its audience.

Its keys come from its own address alone, never from what a token names, and are kept for minutes.
A token stands for the account whose login name its `preferred_username` is; who has no account
here gets none by it. Source: OpenID Connect Discovery 1.0; RFC 7517.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from api.access_jwts import claims_of, header_of

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256"]
TYPES = ("jwt", "at+jwt", "application/at+jwt")
KEPT = 300.0  # seconds that keys are used
STALE = 3600.0  # seconds that they are used when newer ones cannot be had
AGAIN = 10.0  # seconds between two tries
PATIENCE = 5.0  # seconds that the issuer may take to answer
LARGEST = 1 << 20  # bytes of an answer
LEEWAY = 30  # seconds that two clocks may differ


class Known(Struct, frozen=True):
    """Whom a token stands for, and until when, in seconds of Unix time."""

    name: str
    expires_at: float


class _Straight(HTTPRedirectHandler):
    """Follows no redirect: it would lead to somebody else's keys."""

    def redirect_request(self, *_: Any) -> None:
        return None


class ExternalIssuer:
    """The issuer that is configured, and its keys as they were fetched last."""

    def __init__(self, issuer: str, audience: str) -> None:
        self.issuer = issuer
        self._registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            preferred_username={"essential": True},
        )
        self._keys: KeySet | None = None
        self._fetched = self._tried = float("-inf")
        self._fetching = asyncio.Lock()

    async def read(self, token: str) -> Known | None:
        """Return whom a token of this issuer's stands for, None when it is none that holds."""
        header = header_of(token)
        kid = header.get("kid")
        if not isinstance(kid, str) or str(header.get("typ", "jwt")).lower() not in TYPES:
            return None
        keys = await self._having(kid)
        claims = None if keys is None else claims_of(token, keys, ALGORITHMS, self._registry)
        # Keycloak's refresh and identity tokens are signed too, and say by this what they are.
        if claims is None or claims.get("typ", "Bearer") != "Bearer":
            return None
        return Known(str(claims["preferred_username"]), float(claims["exp"]))

    async def _having(self, kid: str) -> KeySet | None:
        """Return the keys with one of this id among them, fetched anew where it is not."""
        if self._knows(kid) and monotonic() - self._fetched <= KEPT:
            return self._keys  # nor does who shows a known key wait for what another is fetching
        async with self._fetching:
            now = monotonic()
            lacking = now - self._fetched > KEPT or not self._knows(kid)
            if lacking and now - self._tried > AGAIN:
                self._tried = now
                try:
                    self._keys = await asyncio.to_thread(_fetched, self.issuer)
                    self._fetched = now
                except (OSError, ValueError, KeyError, TypeError, AttributeError, JoseError):
                    pass  # it may be away; what is known of it goes on for a while
            usable = monotonic() - self._fetched < STALE and self._knows(kid)
            return self._keys if usable else None

    def _knows(self, kid: str) -> bool:
        return self._keys is not None and any(each.kid == kid for each in self._keys)


def _fetched(issuer: str) -> KeySet:
    """Return the public keys of an issuer. Raises OSError, ValueError and what odd JSON gives."""
    told = _json(f"{issuer}/.well-known/openid-configuration")
    where = told["jwks_uri"]
    if told["issuer"] != issuer or urlsplit(where)[:2] != urlsplit(issuer)[:2]:
        raise ValueError("This is another issuer.")
    held = [each for each in _json(where)["keys"] if each.get("kty") in ("RSA", "EC")]
    return KeySet.import_key_set({"keys": held})


def _json(url: str) -> Any:
    asked = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - http(s): settings
    with build_opener(_Straight).open(asked, timeout=PATIENCE) as answer:
        return orjson.loads(answer.read(LARGEST))
