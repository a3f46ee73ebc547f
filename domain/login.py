"""Login: a program that an account has let act for it, by way of a device code.

Its refresh token is opaque, and kept as its SHA-256 alone. It gives access tokens that hold for an
hour (domain/storage/signing_keys.py), and goes on working when it is used: several programs share
the file in which a client keeps it. It ends when it is revoked, after its time, and with the
password of the account. Source: RFC 8628; the IceProd specification, "issuer".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.account import Account
from domain.event import Aggregate, Beginning, Change, Entry


class Login(Aggregate, frozen=True):
    """A login as it stands; `digest` is the SHA-256 of its refresh token."""

    account: UUID
    client: str  # the program, by its OAuth client id
    digest: bytes
    scopes: tuple[str, ...]
    expires_at: datetime
    revoked: bool
    account_version: int = 0

    def holds(self, holder: Account, now: datetime) -> bool:
        """Whether the program may act for its account, whose password is still the same."""
        return (
            not self.revoked
            and self.expires_at > now
            and self.account_version >= holder.password_version
        )


class LoginBegun(Beginning[Login], frozen=True, kw_only=True, omit_defaults=True):
    """A program began to act for an account, within its scopes and until it expires.

    `account_version` is that of the account as it was when somebody signed in to approve it: a
    password that is set later ends the login.
    """

    TOPIC: ClassVar[str] = "login.begun"
    account: UUID
    client: str
    digest: bytes
    scopes: tuple[str, ...]
    expires_at: datetime
    account_version: int = 0

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
            account_version=self.account_version,
        )


class LoginRevoked(Change[Login], frozen=True, kw_only=True):
    """The program acts for nobody any more; access tokens that it has are void too."""

    TOPIC: ClassVar[str] = "login.revoked"
    account: UUID  # whose it was

    def apply(self, aggregate: Login, entry: Entry[Any]) -> Login:
        """Return the login, dead."""
        return aggregate.moved(entry, revoked=True)
