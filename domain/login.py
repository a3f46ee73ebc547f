"""Login: a program that an account has let act for it, by way of a device code.

Its refresh token is opaque, and kept as its SHA-256 alone. It gives access tokens that hold for an
hour (domain/storage/signing_keys.py), and goes on working when it is used: several programs share
the file in which a client keeps it. Source: RFC 8628; the IceProd specification, "issuer".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Aggregate, Beginning, Change, Entry


class Login(Aggregate, frozen=True):
    """A login as it stands; `digest` is the SHA-256 of its refresh token."""

    account: UUID
    client: str  # the program, by its OAuth client id
    digest: bytes
    scopes: tuple[str, ...]
    expires_at: datetime
    revoked: bool


class LoginBegun(Beginning[Login], frozen=True, kw_only=True):
    """A program began to act for an account, within its scopes and until it expires."""

    TOPIC: ClassVar[str] = "login.begun"
    account: UUID
    client: str
    digest: bytes
    scopes: tuple[str, ...]
    expires_at: datetime

    def begin(self, entry: Entry[Any]) -> Login:
        """Return the new login."""
        return Login(
            *entry.place,
            account=self.account,
            client=self.client,
            digest=self.digest,
            scopes=self.scopes,
            expires_at=self.expires_at,
            revoked=False,
        )


class LoginRevoked(Change[Login], frozen=True, kw_only=True):
    """The program acts for nobody any more; access tokens that it has are void too."""

    TOPIC: ClassVar[str] = "login.revoked"
    account: UUID  # whose it was

    def apply(self, aggregate: Login, entry: Entry[Any]) -> Login:
        """Return the login, dead."""
        return aggregate.moved(entry, revoked=True)
