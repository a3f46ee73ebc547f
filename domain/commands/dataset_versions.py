"""What every door keeps to when it makes a dataset or its next version.

Source: DESIGN.md "Dialects side by side": every door obeys the record's action.
"""

from __future__ import annotations

from uuid import UUID

from domain import dataset
from domain.access import Level
from domain.account import Account
from domain.errors import Invalid
from domain.family import Family
from domain.identifiers import account_id
from domain.log import Session
from domain.record import Record
from domain.values import Body


def begin(session: Session, action: UUID, family: Family, body: Body) -> None:
    """Give those their rungs who hold them on a dataset that begins; on others nothing.

    Raises Invalid, Forbidden.
    """
    if action != dataset.ACTION:
        return
    new = dataset.said(body)
    dataset.require_beginning(session.actor, new)
    held = dataset.grants(new)
    if new["username"] != session.actor.name:
        owner = session.find(Account, id=account_id(new["username"]))
        if owner is None:
            raise Invalid("username must be that of an account.")
        held[owner.id] = Level.MANAGE
    for principal, level in held.items():
        event = family.grant(principal, level)
        if event is not None:
            family = session.change(family, event)


def require_following(session: Session, record: Record, body: Body) -> None:
    """Pass when a document may be the next version of a record, if that is a dataset.

    Raises Invalid.
    """
    if record.action == dataset.ACTION and record.versions:
        dataset.require_following(dataset.said(newest(session, record)), dataset.said(body))


def newest(session: Session, record: Record) -> Body:
    """Return the newest version of a dataset as it was sent. Raises Gone when it was erased."""
    return session.past(record.id, record.versions - 1).body
