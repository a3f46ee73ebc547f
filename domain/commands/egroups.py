"""E-groups: accounts under an address, which deposits are shared with; led by the operator.

Source: the CAP specification, "Permissions action".
"""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

from domain.commands import accounts
from domain.errors import Conflict, Invalid
from domain.group import Group, GroupCreated
from domain.identifiers import login_name
from domain.languages import ENGLISH
from domain.log import Session
from domain.name import Name, NameClaimed, name_id

KIND: Literal["e-group"] = "e-group"
NAME_LENGTH = 100  # characters


def create(session: Session, name: str) -> Group:
    """Make an e-group. Raises Invalid, Conflict for a name that is taken."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise Invalid(f"A name has 1 to {NAME_LENGTH} printable characters.")
    id_, stream = uuid4(), name_id(KIND, login_name(name))
    if session.find(Name, id=stream) is not None:
        raise Conflict(f"There is already an e-group {name}.")
    session.begin(stream, NameClaimed(kind=KIND, value=login_name(name), holder=id_))
    number = session.heads.draw("group")
    return session.begin(id_, GroupCreated(number=number, kind=KIND, name={ENGLISH: name}))


def called(session: Session, name: str) -> Group:
    """Return the e-group of a name. Raises Invalid."""
    claimed = session.find(Name, id=name_id(KIND, login_name(name)))
    if claimed is None or claimed.holder is None:
        raise Invalid(f"There is no e-group {name[:NAME_LENGTH]}.")
    found = session.find(Group, id=claimed.holder)
    assert found is not None  # noqa: S101 - it is made with its name
    session.rely(found)
    return found


def add(session: Session, name: str, account: str) -> Group:
    """Have an account be in an e-group. Raises Invalid, NotFound."""
    group = called(session, name)
    event = group.put_member(accounts.named(session, account).id, "member")
    return group if event is None else session.change(group, event)


def remove(session: Session, name: str, account: str) -> Group:
    """Take an account out of an e-group. Raises Invalid, NotFound."""
    group = called(session, name)
    return session.change(group, group.remove_member(accounts.named(session, account).id))
