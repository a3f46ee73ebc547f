"""Logins of programs: begun when a device code is redeemed, ended by revocation (RFC 7009)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from msgspec import Struct

from domain import secrets
from domain.access import SCOPES
from domain.account import Account
from domain.errors import Unauthenticated
from domain.log import Session
from domain.login import Login, LoginBegun, LoginRevoked

LIFETIME = timedelta(days=180)


class Begun(Struct, frozen=True):
    """A login, whose it is, and its refresh token, which nobody can show again."""

    login: Login
    account: Account
    refresh: str


def begin(session: Session, account: UUID, client: str, scopes: frozenset[str]) -> Begun:
    """Let a program act for an account, within those of the scopes that there are."""
    holder = session.find(Account, id=account)
    assert holder is not None  # noqa: S101 - who approved it signed in, and accounts stay
    refresh = secrets.new_token()
    login = session.begin(
        uuid4(),
        LoginBegun(
            account=account,
            client=client,
            digest=secrets.token_digest(refresh),
            scopes=granted(scopes),
            expires_at=(session.now + LIFETIME).replace(microsecond=0),
        ),
    )
    return Begun(login, holder, refresh)


def granted(asked: frozenset[str]) -> tuple[str, ...]:
    """Return the scopes of a login: all, unless some of them were asked for."""
    known = asked & SCOPES
    return tuple(sorted(known | {"read"} if known else SCOPES))


def by_refresh_token(session: Session, client: str, shown: str) -> tuple[Login, Account]:
    """Return the login that a refresh token goes on with, and whose it is.

    Raises Unauthenticated when it is none of this client's, or has ended.
    """
    login = session.find(Login, digest=secrets.token_digest(shown))
    if login is None or login.client != client or login.revoked or login.expires_at <= session.now:
        raise Unauthenticated("This refresh token is not valid.")
    account = session.find(Account, id=login.account)
    assert account is not None  # noqa: S101 - accounts stay
    return login, account


def revoke(session: Session, client: str, *, refresh: str, login: UUID | None = None) -> None:
    """End the client's login with this refresh token or this id; what is none is no error.

    Source: RFC 7009, 2.2.
    """
    found = session.find(Login, digest=secrets.token_digest(refresh))
    if found is None and login is not None:
        found = session.find(Login, id=login)
    if found is not None and found.client == client and not found.revoked:
        session.change(found, LoginRevoked(account=found.account))
