"""Groups and projects: made by administrators, managed by them and by who has the role for it.

Source: SampleDB "Basic groups", "Project groups". There every member of a group may add others;
here its owners and managers may. A project's are those whose permission in it is grant.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from domain import access
from domain.errors import Forbidden, NotFound
from domain.event import Change
from domain.group import MANAGING, Group, GroupCreated, Kind, Role
from domain.identifiers import NUMBER
from domain.languages import Words
from domain.log import Session


def create(session: Session, kind: Kind, *, name: Words, description: Words) -> Group:
    """Make a group, whose first owner is who makes it. Raises Forbidden."""
    access.require_scope(session.actor, "write")
    access.require_admin(session.actor)
    return session.begin(
        uuid4(),
        GroupCreated(
            number=session.heads.draw(kind), kind=kind, name=name, description=description
        ),
    )


def numbered(session: Session, kind: Kind, number: str) -> Group:
    """Return the group of a kind that a number in a URL names. Raises NotFound."""
    found = None
    if NUMBER.fullmatch(number):
        found = session.find(Group, kind=kind, number=int(number))
    if found is None or found.deleted:
        raise NotFound(f"There is no {kind} {number}.")
    return found


def manageable(session: Session, kind: Kind, number: str) -> Group:
    """Return the group that the actor may change. Raises NotFound, Forbidden."""
    group = numbered(session, kind, number)
    access.require_scope(session.actor, "write")
    if not session.actor.admin and not _manages(session, group):
        raise Forbidden(f"Only administrators and who manages this {kind} may do this.")
    return group


def _manages(session: Session, group: Group) -> bool:
    account = session.actor.account
    if group.members.get(account) in MANAGING:
        return True
    for each, role in group.member_groups.items():
        other = session.find(Group, id=each) if role in MANAGING else None
        if other is not None and account in other.members:
            session.rely(other)
            return True
    return False


def change(
    session: Session, group: Group, *, name: Words | None = None, description: Words | None = None
) -> Group:
    """Give a manageable group another name, another description, or both."""
    if name is not None:
        group = _decided(session, group, group.rename(name))
    if description is not None:
        group = _decided(session, group, group.describe(description))
    return group


def put_member(session: Session, group: Group, account: UUID, role: Role) -> Group:
    """Give an account a role in a manageable group. Raises Needed for the last owner."""
    return _decided(session, group, group.put_member(account, role))


def remove_member(session: Session, group: Group, account: UUID) -> Group:
    """Take an account out of a manageable group. Raises NotFound, Needed for the last owner."""
    return session.change(group, group.remove_member(account))


def put_group(session: Session, project: Group, group: Group, role: Role) -> Group:
    """Give all members of a group a role in a manageable project. Raises Invalid."""
    session.rely(group)
    return _decided(session, project, project.put_group(group.id, role))


def remove_group(session: Session, project: Group, group: Group) -> Group:
    """Take a group out of a manageable project. Raises NotFound."""
    return session.change(project, project.remove_group(group.id))


def delete(session: Session, group: Group) -> Group:
    """End a manageable group: at once it opens nothing to anybody."""
    return session.change(group, group.delete())


def _decided(session: Session, group: Group, event: Change[Group] | None) -> Group:
    return group if event is None else session.change(group, event)
