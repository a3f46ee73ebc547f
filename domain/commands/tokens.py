"""Tokens that people make and revoke for themselves. Source: DESIGN.md "Who may do what".

Whoever makes one says what it is for, what it may do and until when; without a word it reads. A
token never makes one that may do more or lasts longer than itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType
from uuid import UUID, uuid4

from domain import secrets
from domain.access import SCOPES
from domain.account import Token, TokenIssued
from domain.commands import making_tokens
from domain.commands.accounts import Issued, revoke_token
from domain.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from domain.log import Session

NAME_LENGTH = 100  # characters
MOST = 1000  # tokens of one account that were not revoked
ENDED = 100  # tokens that are revoked at once because they ended with another
NAME, SCOPE, EXPIRES_AT = ("name",), ("scopes",), ("expires_at",)

# What other services call these scopes. Source: specs of CAP, "Auth and scopes".
ALIASES = MappingProxyType(
    {"create": "write", "deposit:write": "write", "deposit:actions": "actions"}
)


def create(
    session: Session,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None,
    made_with: UUID | None,
) -> Issued:
    """Make a token of the actor, who has shown a token or, for None, a password.

    Without `expires_at` it does not expire, or with the token that it is made with. Raises
    Forbidden, Invalid that names all that is wrong, Conflict when there are too many tokens,
    Unauthenticated when the token shown has ended meanwhile.
    """
    actor = session.actor
    making_tokens.require_all(actor)
    parent = making_tokens.maker(session, made_with)
    end = None if parent is None else parent.expires_at
    name = name.strip()
    wanted = frozenset(ALIASES.get(each, each) for each in scopes) | {"read"}
    faults = [*_of_name(name), *_of_scopes(wanted), *_of_end(session, expires_at, end)]
    if faults:
        raise Invalid("This is no token.", tuple(faults))
    if not wanted <= actor.scopes:
        raise Forbidden("A token makes none that may do more than itself.")
    _make_room(session)
    secret = secrets.new_token()
    token = session.begin(
        uuid4(),
        TokenIssued(
            account=actor.account,
            digest=secrets.token_digest(secret),
            label=name,
            scopes=tuple(sorted(wanted)),
            expires_at=expires_at or end,
            parent=made_with,
        ),
    )
    return Issued(token, secret)


def revoke(session: Session, id_: UUID) -> None:
    """End a token of the actor, and what was made with it.

    Raises Forbidden for a token that lacks a scope, NotFound when he has no such token, or not any
    more.
    """
    making_tokens.require_all(session.actor)
    token = session.find(Token, id=id_)
    if token is None or token.account != session.actor.account or token.revoked:
        raise NotFound("There is no such token.")
    revoke_token(session, token)


def _make_room(session: Session) -> None:
    """Pass while there are fewer than MOST, however many are made at the same time.

    What ended with the token that made it is counted and then revoked, so that an account never has
    more of them than that to walk through. Raises Conflict.
    """
    account = session.actor.account
    session.alone(f"tokens of {account}")
    if session.heads.tokens(account, MOST) < MOST:
        return
    ended = session.heads.orphans(account, ENDED)
    if not ended:
        raise Conflict(f"There are {MOST} tokens already: revoke those that are not needed.")
    for each in ended:
        revoke_token(session, each)


def _of_name(name: str) -> Iterable[Fault]:
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        yield Fault(NAME, f"A name has 1 to {NAME_LENGTH} printable characters.")


def _of_scopes(scopes: frozenset[str]) -> Iterable[Fault]:
    for each in sorted(scopes - SCOPES):
        known = ", ".join(sorted(SCOPES))
        yield Fault(SCOPE, f"There is no scope {each[:NAME_LENGTH]!r}; there are {known}.")


def _of_end(session: Session, at: datetime | None, end: datetime | None) -> Iterable[Fault]:
    if at is not None and at <= session.now:
        yield Fault(EXPIRES_AT, "This is in the past.")
    if at is not None and end is not None and at > end:
        yield Fault(EXPIRES_AT, "A token makes none that lasts longer than itself.")
