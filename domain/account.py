"""Account: a person or a service, and the tokens that act in its name.

Only digests are kept: argon2 of a password, SHA-256 of a token. A token is an aggregate of its
own, so an account with very many of them is as quick as one with none. An access token lives for a
day and comes with a refresh token, which is good for one thing: to put a new pair in the place of
both. Source: SampleDB "Access tokens".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct

from domain.event import Aggregate, Beginning, Change, Entry


class Profile(Struct, frozen=True, omit_defaults=True):
    """What is known of a person; None where nothing is. The e-mail address also signs in."""

    email: str | None = None
    orcid: str | None = None
    affiliation: str | None = None
    role: str | None = None


class Account(Aggregate, frozen=True):
    """An account as it stands. `name` is its login name, as it was first given."""

    number: int  # SampleDB's user_id
    name: str
    admin: bool
    password: str | None  # argon2, in its own encoded form; None: tokens only
    email: str | None = None
    orcid: str | None = None
    affiliation: str | None = None
    role: str | None = None
    password_version: int = 0  # in which the password was set; 0: it is the first

    @property
    def profile(self) -> Profile:
        """What is known of the person."""
        return Profile(self.email, self.orcid, self.affiliation, self.role)


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
    """The password changed; the one before stops working at once, and so do logins by it."""

    TOPIC: ClassVar[str] = "account.password-set"
    password: str

    def apply(self, aggregate: Account, entry: Entry[Any]) -> Account:
        """Return the account under its new password."""
        return aggregate.moved(entry, password=self.password, password_version=entry.version)


class ProfileSet(Change[Account], frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the person is this from now on, all of it."""

    TOPIC: ClassVar[str] = "account.profile-set"
    email: str | None = None
    orcid: str | None = None
    affiliation: str | None = None
    role: str | None = None

    def apply(self, aggregate: Account, entry: Entry[Any]) -> Account:
        """Return the account with this profile."""
        return aggregate.moved(
            entry,
            email=self.email,
            orcid=self.orcid,
            affiliation=self.affiliation,
            role=self.role,
        )


class Token(Aggregate, frozen=True):
    """A token as it stands; `digest` is the SHA-256 of the secret that its holder shows.

    It holds no longer than the token `parent` that it was made with; made with a password or by the
    operator it has none. The other two of the last are an access token's: until it expires
    `refresh_digest` is that of the secret which refreshes it, never beyond `until`.
    """

    account: UUID
    digest: bytes
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    revoked: bool
    refresh_digest: bytes | None = None
    parent: UUID | None = None
    until: datetime | None = None


class TokenIssued(Beginning[Token], frozen=True, kw_only=True, omit_defaults=True):
    """A token began to act for an account, within its scopes and until it expires."""

    TOPIC: ClassVar[str] = "token.issued"
    account: UUID
    digest: bytes
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None
    parent: UUID | None = None

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
            parent=self.parent,
        )


class TokenPairIssued(Beginning[Token], frozen=True, kw_only=True, omit_defaults=True):
    """An access token began, and with it what refreshes it."""

    TOPIC: ClassVar[str] = "token.pair-issued"
    account: UUID
    digest: bytes
    refresh_digest: bytes
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime
    parent: UUID | None = None
    until: datetime | None = None

    def begin(self, entry: Entry[Any]) -> Token:
        """Return the new access token."""
        return Token(
            *entry.place,
            account=self.account,
            digest=self.digest,
            label=self.label,
            scopes=self.scopes,
            expires_at=self.expires_at,
            revoked=False,
            refresh_digest=self.refresh_digest,
            parent=self.parent,
            until=self.until,
        )


class TokenRefreshed(Change[Token], frozen=True, kw_only=True):
    """An access token has another pair of secrets; those before work no more."""

    TOPIC: ClassVar[str] = "token.refreshed"
    account: UUID  # whose it is
    digest: bytes
    refresh_digest: bytes
    expires_at: datetime

    def apply(self, aggregate: Token, entry: Entry[Any]) -> Token:
        """Return the token with its new secrets."""
        return aggregate.moved(
            entry,
            digest=self.digest,
            refresh_digest=self.refresh_digest,
            expires_at=self.expires_at,
        )


class TokenRevoked(Change[Token], frozen=True, kw_only=True):
    """The token acts for nobody any more."""

    TOPIC: ClassVar[str] = "token.revoked"
    account: UUID  # whose it was

    def apply(self, aggregate: Token, entry: Entry[Any]) -> Token:
        """Return the token, dead."""
        return aggregate.moved(entry, revoked=True)
