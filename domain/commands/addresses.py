"""The e-mail addresses that accounts are known by where a dialect has no names.

Source: the CAP specification, "Permissions action".
"""

from __future__ import annotations

from uuid import UUID

from domain.account import Account
from domain.identifiers import account_id, login_name
from domain.log import Session
from domain.name import EMAIL, Name, name_id

DOMAIN = "@local.invalid"  # of the address of who has told none (RFC 2606: no mail goes there)


def address(name: str, email: str | None) -> str:
    """Return the e-mail address that an account is known by here."""
    return email or (name if "@" in name else f"{name}{DOMAIN}")


def holder(session: Session, email: str) -> UUID | None:
    """Return the account that is known by an e-mail address here, or by a name."""
    name = login_name(email)
    told = session.find(Name, id=name_id(EMAIL, name))
    if told is not None and told.holder is not None:
        return told.holder
    account = session.find(Account, id=account_id(name.removesuffix(DOMAIN)))
    return None if account is None else account.id
