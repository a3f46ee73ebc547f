"""Account: a person or a service, and the tokens that act in its name.

Only digests are kept: argon2 of a password, SHA-256 of a token. A token is an aggregate of its
own, so an account with very many of them is as quick as one with none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Aggregate, Beginning, Change, Entry


class Account(Aggregate, frozen=True):
    """An account as it stands. `name` is its login name, as it was first given."""

    number: int  # SampleDB's user_id
    name: str
    admin: bool
    password: str | None  # argon2, in its own encoded form; None: tokens only


class AccountCreated(Beginning[Account], frozen=True, kw_only=True, omit_defaults=True):
    """An account began."""

    TOPIC: ClassVar[str] = "account.created"
    number: int
    name: str
    admin: bool
    password: str | None = None

    def begin(self, entry: Entry[Any]) -> Account:
        """Return the new account."""
        return Account(
            *entry.place,
            number=self.number,
            name=self.name,
            admin=self.admin,
            password=self.password,
        )


class PasswordSet(Change[Account], frozen=True, kw_only=True):
    """The password changed; the one before stops working at once."""

    TOPIC: ClassVar[str] = "account.password-set"
    password: str

    def apply(self, aggregate: Account, entry: Entry[Any]) -> Account:
        """Return the account under its new password."""
        return aggregate.moved(entry, password=self.password)


class Token(Aggregate, frozen=True):
    """A token as it stands; `digest` is the SHA-256 of the secret that its holder shows."""

    account: UUID
    digest: bytes
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    revoked: bool


class TokenIssued(Beginning[Token], frozen=True, kw_only=True, omit_defaults=True):
    """A token began to act for an account, within its scopes and until it expires."""

    TOPIC: ClassVar[str] = "token.issued"
    account: UUID
    digest: bytes
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None

    def begin(self, entry: Entry[Any]) -> Token:
        """Return the new token."""
        return Token(
            *entry.place,
            account=self.account,
            digest=self.digest,
            label=self.label,
            scopes=self.scopes,
            expires_at=self.expires_at,
            revoked=False,
        )


class TokenRevoked(Change[Token], frozen=True, kw_only=True):
    """The token acts for nobody any more."""

    TOPIC: ClassVar[str] = "token.revoked"
    account: UUID  # whose it was

    def apply(self, aggregate: Token, entry: Entry[Any]) -> Token:
        """Return the token, dead."""
        return aggregate.moved(entry, revoked=True)
