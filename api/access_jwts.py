"""Access tokens as JSON Web Tokens: what the issuer at /oauth signs, and how every door reads it.

A token names the login that it was given to, and is worth what that one is at the moment; `iss` is
where it was asked for, and is not compared with where it is shown. joserfc does the cryptography.
Source: RFC 7519, RFC 9068; the IceProd specification, "access token".
"""

from __future__ import annotations

from collections.abc import Iterable
from time import time
from typing import Any
from uuid import UUID, uuid4

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from msgspec import Struct

from domain.account import Account
from domain.login import Login
from domain.storage.signing_keys import ALGORITHM, LIFETIME, SigningKeys

TYPE = "at+jwt"
AUDIENCE = "muniment"

REGISTRY = jwt.JWTClaimsRegistry(
    exp={"essential": True}, aud={"essential": True, "value": AUDIENCE}
)


class Read(Struct, frozen=True):
    """What a token of ours says, and by which key; `expires_at` in seconds of Unix time."""

    kid: str
    login: UUID
    client: str
    scopes: frozenset[str]
    expires_at: float


def is_one(token: str) -> bool:
    """Whether a token is one by its shape: no opaque token of ours has a dot."""
    return token.count(".") == 2


def issue(
    keys: SigningKeys, issuer: str, login: Login, account: Account, scopes: Iterable[str]
) -> str:
    """Return a token that lets the program of a login act for its account for an hour."""
    now = int(time())
    key = keys.signing()
    claims = {
        "iss": issuer,
        "sub": str(account.id),
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": str(uuid4()),
        "sid": str(login.id),
        "client_id": login.client,
        "scope": " ".join(scopes),
        "preferred_username": account.name,
    }
    return jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}, claims, key)


def read(keys: SigningKeys, token: str) -> Read | None:
    """Return what a token says whose signature is ours and which has not expired, else None."""
    header = header_of(token)
    kid = str(header.get("kid"))
    key = keys.verifying(kid)
    if key is None or header.get("typ") != TYPE:
        return None
    claims = claims_of(token, key, [ALGORITHM], REGISTRY)
    if claims is None:
        return None
    return Read(
        kid,
        UUID(claims["sid"]),
        claims["client_id"],
        frozenset(claims["scope"].split()),
        float(claims["exp"]),
    )


def still_holds(keys: SigningKeys, said: Read) -> bool:
    """Whether what was read of a token is what would be read of it now."""
    return said.expires_at > time() and keys.verifying(said.kid) is not None


def header_of(token: str) -> dict[str, Any]:
    """Return what a token says of itself, which proves nothing; nothing where it says nothing."""
    try:
        return jws.extract_compact(token.encode()).headers()
    except (JoseError, TypeError, ValueError):
        return {}


def claims_of(
    token: str, key: RSAKey | KeySet, algorithms: list[str], registry: jwt.JWTClaimsRegistry
) -> dict[str, Any] | None:
    """Return the claims of a token that this key has signed and the registry accepts, else None."""
    try:
        claims = jwt.decode(token, key, algorithms=algorithms).claims
        registry.validate(claims)
    except (JoseError, TypeError, ValueError):
        return None
    return claims
