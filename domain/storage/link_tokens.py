"""Tokens of access links: signed, not stored, so that a stolen database reveals none that works.

The key lies beside the database and never in it (keys.kept). A token is the same whenever
it is shown, and holds as long as its link does: what is signed names the family and the link.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

from itsdangerous import BadSignature, Signer

SALT = "muniment.access-link"  # the key signs nothing else by the same salt
UUID_BYTES = 16


class LinkTokens:
    """Signs and reads tokens with a key."""

    def __init__(self, key: bytes) -> None:
        self._signer = Signer(key, salt=SALT, sep=".", key_derivation="hmac", digest_method=sha256)

    def token(self, family: UUID, link: UUID) -> str:
        """Return the token of a link."""
        named = urlsafe_b64encode(family.bytes + link.bytes).rstrip(b"=")
        return self._signer.sign(named).decode()

    def read(self, token: str) -> tuple[UUID, UUID] | None:
        """Return the family and the link that a token was made for; None: it was not made here."""
        try:
            named = self._signer.unsign(token.encode())
        except (BadSignature, UnicodeEncodeError):
            return None
        ids = urlsafe_b64decode(named + b"=")  # 32 bytes, as they were signed
        return UUID(bytes=ids[:UUID_BYTES]), UUID(bytes=ids[UUID_BYTES:])
