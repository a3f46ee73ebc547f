"""What makes a token: a password, or a token that has all scopes and was made with no other.

What a token made ends with it, so a token that was stolen leaves nothing behind when it is revoked.
Source: DESIGN.md "Who may do what".
"""

from __future__ import annotations

from uuid import UUID

from domain.access import SCOPES, Actor
from domain.account import Token
from domain.errors import Forbidden, Unauthenticated
from domain.log import Session

ENDED = "This token is not valid any more."


def require_all(actor: Actor) -> None:
    """Pass for a password and for a token with all scopes. Raises Forbidden."""
    if not actor.scopes >= SCOPES:
        raise Forbidden("Only a password, or a token with all scopes, may do this.")


def maker(session: Session, shown: UUID | None) -> Token | None:
    """Return the token that makes another, which relies on it; None: a password does.

    Raises Forbidden for one that was made with another, for an access token and for what a login
    of a program gave, Unauthenticated when it has ended meanwhile.
    """
    if shown is None:
        return None
    token = session.find(Token, id=shown)
    if token is None:
        raise Forbidden("What a program's login gave makes no token: use a password, or a token.")
    require_holding(session, token)
    session.rely(token)
    if token.refresh_digest is not None:
        raise Forbidden("An access token makes no other: refresh it with its refresh token.")
    if token.parent is not None:
        raise Forbidden("A token that was made with another makes none itself.")
    return token


def holding(session: Session, token: UUID) -> Token:
    """Return a token that holds, also while what is decided is saved. Raises Unauthenticated."""
    found = session.find(Token, id=token)
    if found is None:
        raise Unauthenticated(ENDED)
    require_holding(session, found)
    session.rely(found)
    return found


def require_holding(session: Session, token: Token) -> None:
    """Pass for a token that neither was revoked nor has expired. Raises Unauthenticated."""
    if token.revoked or (token.expires_at is not None and token.expires_at <= session.now):
        raise Unauthenticated(ENDED)
