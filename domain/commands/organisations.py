"""Organisations: made by anybody, led by their administrators, known to their members alone.

To be an administrator of the service is no right on them. Source: the Divio specification,
"Organisations and service accounts".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from domain import access
from domain.commands import addresses, groups
from domain.errors import Fault, Forbidden, Invalid, NotFound
from domain.group import Group, GroupCreated
from domain.hosted import ORGANISATION, ROLES
from domain.identifiers import id_of_base32
from domain.languages import ENGLISH
from domain.log import Session

UNKNOWN = "No organisation matches the given query."
NO_MEMBER = "No member matches the given query."

Faults = Sequence[Fault]


def create(session: Session, new: Mapping[str, str], faults: Faults) -> Group:
    """Make an organisation of a `name`, whose first administrator is who makes it.

    Raises Invalid.
    """
    access.require_scope(session.actor, "write")
    _require_none(faults)
    number = session.heads.draw("group")  # among the permissions of objects it is a group
    event = GroupCreated(number=number, kind=ORGANISATION, name={ENGLISH: new["name"]})
    return session.begin(uuid4(), event)


def mine(session: Session, id_: UUID | None) -> Group | None:
    """Return the organisation of an id if the actor is in it: what is decided relies on that."""
    found = None if id_ is None else session.find(Group, id=id_, kind=ORGANISATION)
    if found is None or found.deleted or session.actor.account not in found.members:
        return None
    session.rely(found)
    return found


def led(session: Session, uuid: str) -> Group:
    """Return the organisation that the actor leads. Raises NotFound, Forbidden."""
    found = _mine(session, uuid)
    if found.members[session.actor.account] != "owner":
        raise Forbidden("You do not have permission to perform this action.")
    return found


def rename(session: Session, uuid: str, news: Mapping[str, str], faults: Faults) -> Group:
    """Give an organisation another name, if there is one. Raises NotFound, Forbidden, Invalid."""
    found = led(session, uuid)
    _require_none(faults)
    return groups.change(session, found, name={ENGLISH: news["name"]} if "name" in news else None)


def add_member(session: Session, uuid: str, new: Mapping[str, str], faults: Faults) -> UUID:
    """Give whoever is known by an `email` a `role`; return whom.

    Raises NotFound, Forbidden, Invalid, Needed for the last administrator.
    """
    found = led(session, uuid)
    _require_none(faults)
    account = addresses.holder(session, new["email"])
    if account is None:
        message = f"There is no user {new['email']}."
        raise Invalid(message, (Fault(("email",), message),))
    groups.put_member(session, found, account, ROLES[new["role"]])
    return account


def change_member(
    session: Session, uuid: str, member: str, news: Mapping[str, str], faults: Faults
) -> UUID:
    """Give a member another `role`. Raises NotFound, Forbidden, Invalid, Needed."""
    found = led(session, uuid)
    account = _member(found, member)
    _require_none(faults)
    groups.put_member(session, found, account, ROLES[news["role"]])
    return account


def remove_member(session: Session, uuid: str, member: str) -> Group:
    """Take an account out of an organisation; everybody may leave.

    Raises NotFound, Forbidden, Needed for the last administrator.
    """
    leaves = id_of_base32(member) == session.actor.account
    found = _mine(session, uuid) if leaves else led(session, uuid)
    return groups.remove_member(session, found, _member(found, member))


def _mine(session: Session, uuid: str) -> Group:
    found = mine(session, id_of_base32(uuid))
    if found is None:
        raise NotFound(UNKNOWN)
    access.require_scope(session.actor, "write")
    return found


def _member(found: Group, uuid: str) -> UUID:
    account = id_of_base32(uuid)
    if account is None or account not in found.members:
        raise NotFound(NO_MEMBER)
    return account


def _require_none(faults: Faults) -> None:
    """Pass when nothing is wrong already. Raises Invalid."""
    if faults:
        raise Invalid("What was sent is wrong.", tuple(faults))
