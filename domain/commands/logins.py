"""Logins of programs: begun when a device code is redeemed, ended by revocation (RFC 7009).

Whoever has a login ends it too, as he revokes a token; and so does the operator.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from domain import secrets
from domain.access import SCOPES
from domain.account import Account
from domain.commands import making_tokens
from domain.errors import Conflict, NotFound, Unauthenticated
from domain.identifiers import stream_of
from domain.log import Session
from domain.login import Login, LoginBegun, LoginRevoked

LIFETIME = timedelta(days=180)
OFFLINE = "offline_access"  # the scope by which programs ask for what refreshes


class Begun(Struct, frozen=True):
    """A login, whose it is, and its refresh token, which nobody can show again."""

    login: Login
    account: Account
    refresh: str


def begin(
    session: Session,
    code: str,
    account: UUID,
    account_version: int,
    client: str,
    scopes: frozenset[str],
) -> Begun:
    """Let a program act for an account, within those of the scopes that are `granted`.

    A device code begins one login: the stream's id follows from it. Raises Unauthenticated when it
    did, or when the password has been set since the account, in this version, approved it.
    """
    holder = session.find(Account, id=account)
    assert holder is not None  # noqa: S101 - who approved it signed in, and accounts stay
    stream = stream_of("login", secrets.token_digest(code).hex())
    if session.find(Login, id=stream) is not None:
        raise Unauthenticated("This device code was used.")
    if account_version < holder.password_version:
        raise Unauthenticated("The password has changed since this device code was approved.")
    refresh = secrets.new_token()
    login = session.begin(
        stream,
        LoginBegun(
            account=account,
            client=client,
            digest=secrets.token_digest(refresh),
            scopes=granted(scopes),
            expires_at=(session.now + LIFETIME).replace(microsecond=0),
            account_version=account_version,
        ),
    )
    return Begun(login, holder, refresh)


def granted(asked: frozenset[str], held: Collection[str] = SCOPES) -> tuple[str, ...]:
    """Return the scopes that who asks for these has, of those that may be had.

    All, where nothing but OFFLINE was asked for. Else what is no scope is passed over, and to read
    goes without saying: a word that nobody knows does not give everything.
    """
    if asked <= {OFFLINE}:
        return tuple(sorted(held))
    return tuple(sorted(asked.intersection(held) | {"read"}))


def by_refresh_token(session: Session, shown: str) -> tuple[Login, Account]:
    """Return the login that a refresh token goes on with, and whose it is.

    Raises Unauthenticated when it is none, or has ended.
    """
    login = session.find(Login, digest=secrets.token_digest(shown))
    account = None if login is None else session.find(Account, id=login.account)
    if login is None or account is None or not login.holds(account, session.now):
        raise Unauthenticated("This refresh token is not valid.")
    return login, account


def shown(session: Session, *, refresh: str, login: UUID | None = None) -> Login | None:
    """Return the login with this refresh token or this id, unless it was revoked."""
    found = session.find(Login, digest=secrets.token_digest(refresh))
    if found is None and login is not None:
        found = session.find(Login, id=login)
    return None if found is None or found.revoked else found


def revoke(session: Session, id_: UUID) -> None:
    """End a login for whoever holds its token; one that has ended is no error."""
    login = session.find(Login, id=id_)
    if login is not None and not login.revoked:
        session.change(login, LoginRevoked(account=login.account))


def end(session: Session, id_: UUID) -> None:
    """End a login of the actor.

    Raises Forbidden for a token that lacks a scope, NotFound when he has no such login, or not any
    more.
    """
    making_tokens.require_all(session.actor)
    login = session.find(Login, id=id_)
    if login is None or login.account != session.actor.account or login.revoked:
        raise NotFound("There is no such login.")
    session.change(login, LoginRevoked(account=login.account))


def end_any(session: Session, id_: UUID) -> None:
    """End a login, whose ever it is. Raises NotFound, Conflict when it was revoked."""
    login = session.find(Login, id=id_)
    if login is None:
        raise NotFound(f"There is no login {id_}.")
    if login.revoked:
        raise Conflict("This login was revoked.")
    session.change(login, LoginRevoked(account=login.account))
