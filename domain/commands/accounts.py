"""Accounts and their tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct
from msgspec.structs import asdict, replace

from domain import access, profiles, secrets
from domain.access import SCOPES, Actor
from domain.account import (
    Account,
    AccountCreated,
    PasswordSet,
    Profile,
    ProfileSet,
    Token,
    TokenIssued,
    TokenRevoked,
)
from domain.errors import Conflict, Invalid, NotFound
from domain.identifiers import NUMBER, account_id, login_name
from domain.log import Session
from domain.name import EMAIL, Name, NameClaimed, NamePassed, name_id

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


def create(
    session: Session,
    name: str,
    password: str | None,
    *,
    admin: bool = False,
    profile: Profile | None = None,
) -> Account:
    """Make an account. Raises Invalid for a name that cannot be one, Conflict for one taken."""
    if not name.strip() or len(name) > NAME_LENGTH or ":" in name or not name.isprintable():
        raise Invalid(f"A name has 1 to {NAME_LENGTH} printable characters and no colon.")
    stream = account_id(name)
    email = session.find(Name, id=name_id(EMAIL, login_name(name)))
    if session.find(Account, id=stream) is not None or (
        email and email.holder not in (None, stream)
    ):
        raise Conflict(f"There is already an account {name}.")
    made = session.begin(
        stream,
        AccountCreated(
            number=session.heads.draw("account"),
            name=name.strip(),
            admin=admin,
            password=None if password is None else secrets.hash_password(password),
        ),
    )
    return made if profile is None else _set_profile(session, made, profile)


def named(session: Session, name: str) -> Account:
    """Return the account with this login name. Raises NotFound."""
    account = session.find(Account, id=account_id(name))
    if account is None:
        raise NotFound(f"There is no account {name}.")
    return account


def change(session: Session, name: str, told: Profile, *, password: str | None = None) -> Account:
    """Change what is told of an account; "" takes it away. Raises NotFound, Invalid, Conflict."""
    account = named(session, name)
    if password is not None:
        account = session.change(account, PasswordSet(password=secrets.hash_password(password)))
    news = {key: text for key, text in asdict(told).items() if text is not None}
    return _set_profile(session, account, replace(account.profile, **news))


def _set_profile(session: Session, account: Account, profile: Profile) -> Account:
    profile = profiles.checked(profile)
    if profile == account.profile:
        return account
    before, now = (login_name(each or "") for each in (account.email, profile.email))
    if before != now:
        if before:
            session.change(_claimed(session, before), NamePassed())
        if now:
            _claim(session, now, account)
    return session.change(account, ProfileSet(**asdict(profile)))


def _claimed(session: Session, email: str) -> Name:
    name = session.find(Name, id=name_id(EMAIL, email))
    assert name is not None  # noqa: S101 - it was claimed when the profile was set
    return name


def _claim(session: Session, email: str, account: Account) -> None:
    """Have an e-mail address stand for an account alone. Raises Conflict."""
    stream = name_id(EMAIL, email)
    name = session.find(Name, id=stream)
    called = session.find(Account, id=account_id(email))
    if (name is not None and name.holder is not None) or (called and called.id != account.id):
        raise Conflict(f"Another account has the e-mail address {email}.")
    if name is None:
        session.begin(stream, NameClaimed(kind=EMAIL, value=email, holder=account.id))
    else:
        session.change(name, NamePassed(holder=account.id))


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
    account = named(session, name)
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


def revoke(session: Session, id_: UUID) -> Token:
    """End the token with this id. Raises NotFound, Conflict when it has ended."""
    token = session.find(Token, id=id_)
    if token is None:
        raise NotFound(f"There is no token {id_}.")
    return revoke_token(session, token)
