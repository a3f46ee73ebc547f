"""Passwords and tokens, as they are kept: never themselves.

argon2id at 19 MiB and two passes (22 ms), the OWASP minimum: the library's default costs ten times
as much. A token is 32 random bytes, so its plain SHA-256 gives nothing away.
"""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

TOKEN_BYTES = 32

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return a password in argon2's own encoded form."""
    return _hasher.hash(password)


def verify_password(encoded: str, password: str) -> bool:
    """Whether a password is the one that was hashed. Takes 22 ms of processor."""
    try:
        return _hasher.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False


DECOY = hash_password(token_urlsafe(TOKEN_BYTES))  # verified when nobody has the name: same time


def new_token() -> str:
    """Return a fresh token, to be shown once."""
    return token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> bytes:
    """Return what is kept of a token."""
    return sha256(token.encode()).digest()
