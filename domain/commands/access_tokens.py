"""Access tokens: a day's token, and a second one that is good for refreshing it alone.

A pair can do what it was made with can, ends with it, and makes no other pair. Refreshed, it has
other secrets and another day. Source: SampleDB "Access tokens"; DESIGN.md "Who may do what".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from msgspec import Struct

from domain import secrets
from domain.account import Token, TokenPairIssued, TokenRefreshed
from domain.commands import making_tokens
from domain.errors import Invalid, Unauthenticated
from domain.log import Session

LIFETIME = timedelta(days=1)
LABEL_LENGTH = 1000  # characters


class Pair(Struct, frozen=True):
    """An access token and the secrets of both, which nobody can show again."""

    token: Token
    access: str
    refresh: str


def mint(session: Session, label: str, made_with: UUID | None) -> Pair:
    """Make an access token of the actor, who has shown a token or, for None, a password.

    Raises Forbidden for a token that lacks a scope or was itself made with another, or is an access
    token, Invalid, Unauthenticated when the token shown has ended meanwhile.
    """
    actor = session.actor
    making_tokens.require_all(actor)
    if len(label) > LABEL_LENGTH:
        raise Invalid(f"description has at most {LABEL_LENGTH} characters.")
    parent = making_tokens.maker(session, made_with)
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
    making_tokens.require_holding(session, token)
    if token.parent is not None:
        making_tokens.holding(session, token.parent)
    access, again = secrets.new_token(), secrets.new_token()
    event = TokenRefreshed(
        account=token.account,
        digest=secrets.token_digest(access),
        refresh_digest=secrets.token_digest(again),
        expires_at=_end(session, token.until),
    )
    return Pair(session.change(token, event), access, again)


def _end(session: Session, until: datetime | None) -> datetime:
    """Return when a pair made now ends: in a day, to the second, and not beyond `until`."""
    end = (session.now + LIFETIME).replace(microsecond=0)
    return end if until is None else min(end, until)
