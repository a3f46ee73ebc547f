"""Tokens of another issuer, such as Keycloak: accepted where one is configured with its audience.

Its keys come from its own address alone, never from what a token names. They are fetched every few
minutes beside the requests; while newer ones cannot be had, known ones are used for a day, and
nobody waits. A token stands for the account whose login name its `preferred_username` is; who has
no account here gets none by it.

A token must say that it is an access token: whoever runs a program that people sign in to holds
their identity tokens, and must not act for them here. It says so by its type in the header (RFC
9068), or by the claim `typ` (Keycloak), or else by a scope, and then has none of the claims that
identity tokens have. Source: OpenID Connect Core 1.0, 2, and Discovery 1.0; RFC 7517.
"""

from __future__ import annotations

import asyncio
from http.client import HTTPException
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
ACCESS = ("at+jwt", "application/at+jwt")
TYPES = ("jwt", *ACCESS)
SCOPES = ("scope", "scp")  # claims
OF_IDENTITY = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})  # claims of identity tokens
KEPT = 300.0  # seconds after which newer keys are asked for
UNASKED = 2 * KEPT  # seconds after which they are waited for, where nobody has asked meanwhile
STALE = 86_400.0  # seconds that keys are used when newer ones cannot be had
AGAIN = 10.0  # seconds between two tries
PATIENCE = 5.0  # seconds that the issuer may take for each of its two answers
LARGEST = 1 << 20  # bytes of an answer
LEEWAY = 30  # seconds that two clocks may differ
FAULTS = (
    OSError,
    HTTPException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    JoseError,
)  # of an issuer that is away, or says odd things


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
        self._fetching: asyncio.Task[None] | None = None

    async def read(self, token: str) -> Known | None:
        """Return whom a token of this issuer's stands for, None when it is none that holds."""
        header = header_of(token)
        kid, kind = header.get("kid"), str(header.get("typ", "jwt")).lower()
        if not isinstance(kid, str) or kind not in TYPES:
            return None
        keys = await self._having(kid)
        claims = None if keys is None else claims_of(token, keys, ALGORITHMS, self._registry)
        if claims is None or not _is_access_token(kind, claims):
            return None
        return Known(str(claims["preferred_username"]), float(claims["exp"]))

    async def _having(self, kid: str) -> KeySet | None:
        """Return the keys with one of this id among them, fetched anew where it is not.

        Who shows a known key waits only where nobody has asked for newer ones in a while: a key
        that was withdrawn is then found out before it is used.
        """
        age = monotonic() - self._fetched
        known = self._knows(kid) and age < STALE
        if not known or age > KEPT:
            waits = not known or (age > UNASKED and self._tried <= self._fetched)
            fetching = self._fetch()
            if waits and fetching is not None:
                await asyncio.wait({fetching}, timeout=2 * PATIENCE)
        usable = monotonic() - self._fetched < STALE and self._knows(kid)
        return self._keys if usable else None

    def _knows(self, kid: str) -> bool:
        return self._keys is not None and any(each.kid == kid for each in self._keys)

    def _fetch(self) -> asyncio.Task[None] | None:
        """Have the keys fetched, and return what does it; None so soon after the last try."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if monotonic() - self._tried <= AGAIN:
            return None
        self._tried = monotonic()
        self._fetching = asyncio.get_running_loop().create_task(self._fetch_now(self._tried))
        return self._fetching

    async def _fetch_now(self, now: float) -> None:
        try:
            self._keys = await asyncio.to_thread(_fetched, self.issuer)
        except FAULTS:
            return  # it may be away; what is known of it goes on for a while
        self._fetched = now


def _is_access_token(kind: str, claims: dict[str, Any]) -> bool:
    """Whether a token says that it is an access token, by its type in the header or its claims."""
    if "typ" in claims:
        return bool(claims["typ"] == "Bearer")
    if kind in ACCESS:
        return True
    return any(claims.get(each) for each in SCOPES) and not claims.keys() & OF_IDENTITY


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
    until, read = monotonic() + PATIENCE, bytearray()
    with build_opener(_Straight).open(asked, timeout=PATIENCE) as answer:
        while len(read) < LARGEST and (piece := answer.read1(LARGEST - len(read))):
            read += piece
            if monotonic() > until:
                raise TimeoutError("The issuer takes too long.")
    return orjson.loads(read)
