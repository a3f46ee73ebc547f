"""What requests do with communities, each all on a writer's thread."""

from __future__ import annotations

from api.inveniordm.communities import sent
from api.inveniordm.communities.render import of_group
from domain.account import Account
from domain.commands import communities as commands
from domain.errors import Fault, Invalid
from domain.group import Group, Policies
from domain.log import Session
from projections.communities import Community


def create(session: Session, body: bytes, depth: int) -> Community:
    """Read a body and make the community that it describes."""
    said = sent.whole(body, depth, named=True)
    assert said.slug is not None  # noqa: S101 - it was to be named
    return _shown(session, commands.create(session, said.slug, said.face(Policies())))


def change(session: Session, text: str, body: bytes, depth: int, expected: int | None) -> Community:
    """Read a body and have a community say that; its address stays what it is."""
    found = commands.led(session, text, expected=expected)
    assert found.policies is not None  # noqa: S101 - every community has them
    said = sent.whole(body, depth, named=False)
    if said.slug is not None and said.slug.lower() not in (text.lower(), found.slug, str(found.id)):
        message = "An identifier is changed by POST to /rename."
        raise Invalid(message, (Fault(("id",), message),))
    return _shown(session, commands.change(session, found, said.face(found.policies)))


def rename(session: Session, text: str, body: bytes, depth: int, expected: int | None) -> Community:
    """Read a body and give a community the address that it wants."""
    slug = sent.slug(body, depth)
    return _shown(session, commands.rename(session, text, slug, expected=expected))


def _shown(session: Session, group: Group) -> Community:
    owners = [account for account, role in group.members.items() if role == "owner"]
    accounts = session.find_all(Account, owners)
    return of_group(group, (account.number for account in accounts.values()))
