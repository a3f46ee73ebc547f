"""What IceProd's door needs from the first start: the action of datasets, and its groups.

`users` is whoever has signed in and `admin` the administrators; the others are groups with members,
who come and go as the operator says. Source: the IceProd specification, "Groups".
"""

from __future__ import annotations

from domain import dataset
from domain.action import Action, ActionCreated
from domain.commands import accounts
from domain.errors import Invalid
from domain.group import Group, GroupCreated
from domain.languages import ENGLISH
from domain.log import Session


def built_in(session: Session) -> Action:
    """Return the action of datasets; make it and the groups where they are not there."""
    for number, name in enumerate(dataset.TEAMS, 1):
        id_ = dataset.GROUPS[name]
        if session.find(Group, id=id_) is None:
            made = GroupCreated(number=number, kind="iceprod", name={ENGLISH: name})
            session.begin(id_, made)
    found = session.find(Action, id=dataset.ACTION)
    if found is not None:
        return found
    event = ActionCreated(
        number=session.heads.draw("action"),
        name="iceprod.dataset",
        description="Simulations of so many jobs, at /datasets.",
        type="simulation",
        schema_language="json-schema",
        publishing="at once",
        files="living",
        schema=dataset.SCHEMA,
    )
    return session.begin(dataset.ACTION, event)


def add(session: Session, name: str, account: str) -> Group:
    """Have an account be in a group. Raises Invalid, NotFound."""
    group = _called(session, name)
    event = group.put_member(accounts.named(session, account).id, "member")
    return group if event is None else session.change(group, event)


def remove(session: Session, name: str, account: str) -> Group:
    """Take an account out of a group. Raises Invalid, NotFound."""
    group = _called(session, name)
    return session.change(group, group.remove_member(accounts.named(session, account).id))


def _called(session: Session, name: str) -> Group:
    group = session.find(Group, id=dataset.GROUPS[name]) if name in dataset.TEAMS else None
    if group is None:
        raise Invalid(f"There is no group {name}; there are {', '.join(dataset.TEAMS)}.")
    return group
