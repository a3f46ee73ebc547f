"""Access tokens: a day's token, and a second one that is good for refreshing it alone.

A pair can do what it was made with can, ends with it, and makes no other pair. Refreshed, it has
other secrets and another day. Source: SampleDB "Access tokens"; DESIGN.md "Who may do what".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from msgspec import Struct

from domain import secrets
from domain.access import SCOPES
from domain.account import Token, TokenPairIssued, TokenRefreshed
from domain.errors import Forbidden, Invalid, Unauthenticated
from domain.log import Session

LIFETIME = timedelta(days=1)
LABEL_LENGTH = 1000  # characters
ENDED = "This token is not valid any more."


class Pair(Struct, frozen=True):
    """An access token and the secrets of both, which nobody can show again."""

    token: Token
    access: str
    refresh: str


def mint(session: Session, label: str, made_with: UUID | None) -> Pair:
    """Make an access token of the actor, who has shown a token or, for None, a password.

    Raises Forbidden for a token that lacks a scope or is itself an access token, Invalid,
    Unauthenticated when the token shown has ended meanwhile.
    """
    actor = session.actor
    if not actor.scopes >= SCOPES:
        raise Forbidden("Only a password, or a token with all scopes, makes an access token.")
    if len(label) > LABEL_LENGTH:
        raise Invalid(f"description has at most {LABEL_LENGTH} characters.")
    parent = None if made_with is None else _holding(session, made_with)
    if parent is not None and parent.refresh_digest is not None:
        raise Forbidden("An access token makes no other: refresh it with its refresh token.")
    until = None if parent is None else parent.expires_at
    access, refresh = secrets.new_token(), secrets.new_token()
    token = session.begin(
        uuid4(),
        TokenPairIssued(
            account=actor.account,
            digest=secrets.token_digest(access),
            refresh_digest=secrets.token_digest(refresh),
            label=label,
            scopes=tuple(sorted(actor.scopes)),
            expires_at=_end(session, until),
            parent=made_with,
            until=until,
        ),
    )
    return Pair(token, access, refresh)


def refresh(session: Session, shown: str) -> Pair:
    """Put another pair in the place of the one whose refresh token is shown.

    Raises Unauthenticated when it has ended or was refreshed.
    """
    digest = secrets.token_digest(shown)
    token = session.find(Token, refresh_digest=digest)
    if token is None:
        raise Unauthenticated("This refresh token is not valid.")
    _require(session, token)
    if token.parent is not None:
        _holding(session, token.parent)
    access, again = secrets.new_token(), secrets.new_token()
    event = TokenRefreshed(
        account=token.account,
        digest=secrets.token_digest(access),
        refresh_digest=secrets.token_digest(again),
        expires_at=_end(session, token.until),
    )
    return Pair(session.change(token, event), access, again)


def _holding(session: Session, token: UUID) -> Token:
    """Return a token that holds, also while what is decided is saved. Raises Unauthenticated."""
    found = session.find(Token, id=token)
    if found is None:
        raise Unauthenticated(ENDED)
    _require(session, found)
    session.rely(found)
    return found


def _require(session: Session, token: Token) -> None:
    if token.revoked or (token.expires_at is not None and token.expires_at <= session.now):
        raise Unauthenticated(ENDED)


def _end(session: Session, until: datetime | None) -> datetime:
    """Return when a pair made now ends: in a day, to the second, and not beyond `until`."""
    end = (session.now + LIFETIME).replace(microsecond=0)
    return end if until is None else min(end, until)
