"""Accounts and their tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from msgspec import Struct

from domain import access, secrets
from domain.access import SCOPES, Actor
from domain.account import Account, AccountCreated, Token, TokenIssued, TokenRevoked
from domain.errors import Conflict, Invalid, NotFound
from domain.identifiers import NUMBER, account_id
from domain.log import Session

NAME_LENGTH = 100  # characters

OPERATOR = Actor(  # decides on the command line what no account has decided
    account=access.OPERATOR,
    number=0,
    name="operator",
    admin=True,
    scopes=SCOPES,
    via="command line",
    principals=(),
)


class Issued(Struct, frozen=True):
    """A new token and its secret, which nobody can show again."""

    token: Token
    secret: str


def create(session: Session, name: str, password: str | None, *, admin: bool = False) -> Account:
    """Make an account. Raises Invalid for a name that cannot be one, Conflict for one taken."""
    if not name.strip() or len(name) > NAME_LENGTH or ":" in name or not name.isprintable():
        raise Invalid(f"A name has 1 to {NAME_LENGTH} printable characters and no colon.")
    stream = account_id(name)
    if session.find(Account, id=stream) is not None:
        raise Conflict(f"There is already an account {name}.")
    return session.begin(
        stream,
        AccountCreated(
            number=session.heads.draw("account"),
            name=name.strip(),
            admin=admin,
            password=None if password is None else secrets.hash_password(password),
        ),
    )


def numbered(session: Session, number: str) -> Account:
    """Return the account that a number in a URL names. Raises NotFound."""
    account = session.find(Account, number=int(number)) if NUMBER.fullmatch(number) else None
    if account is None:
        raise NotFound(f"There is no user {number}.")
    return account


def issue_token(
    session: Session,
    name: str,
    *,
    label: str = "",
    scopes: tuple[str, ...] = (),
    expires_at: datetime | None = None,
) -> Issued:
    """Make a token of an account; no scopes given means all. Raises NotFound, Invalid."""
    account = session.find(Account, id=account_id(name))
    if account is None:
        raise NotFound(f"There is no account {name}.")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise Invalid(f"There is no scope {unknown[0]}; there are {', '.join(sorted(SCOPES))}.")
    secret = secrets.new_token()
    wanted = set(scopes or SCOPES) | {"read"}
    token = session.begin(
        uuid4(),
        TokenIssued(
            account=account.id,
            digest=secrets.token_digest(secret),
            label=label,
            scopes=tuple(sorted(wanted)),
            expires_at=expires_at,
        ),
    )
    return Issued(token, secret)


def revoke_token(session: Session, token: Token) -> Token:
    """End a token. Raises Conflict when it has ended."""
    if token.revoked:
        raise Conflict("This token was revoked.")
    return session.change(token, TokenRevoked(account=token.account))
