"""Communities: made by anybody, led by their owners and managers.

Administrators have no right on them by office. Source: InvenioRDM, "Communities", and its roles:
managers change what a community says and who is in it, owners also where it is and whether it is.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from msgspec import Struct

from domain import access, community
from domain.account import Account
from domain.commands import groups
from domain.errors import Fault, Forbidden, Gone, Invalid, NotFound, Stale
from domain.group import MANAGING, Group, GroupCreated, Policies, Role
from domain.languages import ENGLISH, Words
from domain.log import Session
from domain.name import Name, NameClaimed, name_id
from domain.values import Body, Content

TAKEN = "A community with this identifier already exists."
UNKNOWN = "There is no community {}."
DELETED = "The community has been deleted."
MOST = 1_000  # communities that an account owns and makes more: their addresses are taken for ever
TOO_MANY = f"You own {MOST:,} communities; delete one that is not needed before you make another."
OWNER: frozenset[Role] = frozenset({"owner"})


class Face(Struct, frozen=True):
    """What a community says: its policies, and its metadata as exact bytes and in two texts."""

    policies: Policies
    metadata: Body
    title: str
    description: str = ""

    @property
    def name(self) -> Words:
        """What the group is called."""
        return {ENGLISH: self.title}

    @property
    def words(self) -> Words:
        """How the group is described."""
        return {ENGLISH: self.description} if self.description else {}


def create(session: Session, slug: str, face: Face) -> Group:
    """Make a community, whose first owner is who makes it.

    Raises Anonymous, Forbidden, Invalid also for who owns MOST already and is no administrator.
    """
    access.require_scope(session.actor, "write")
    if not session.actor.admin:
        session.alone(f"communities of {session.actor.account}")
        if session.heads.owned(session.actor.account, MOST) >= MOST:
            raise Invalid(TOO_MANY, (Fault(("id",), TOO_MANY),))
    slug, id_ = community.slug_of(slug), uuid4()
    _claim(session, slug, id_)
    return session.begin(
        id_,
        GroupCreated(
            number=session.heads.draw(community.KIND),
            kind=community.KIND,
            name=face.name,
            description=face.words,
            slug=slug,
            policies=face.policies,
            metadata=face.metadata,
        ),
    )


def called(session: Session, text: str, *, ended: bool = False) -> Group:
    """Return the community that a slug, even an older one, or an id names.

    Raises NotFound, Gone when it was deleted, unless such are asked for, too.
    """
    found = _find(session, text)
    if found is None:
        raise NotFound(UNKNOWN.format(text))
    if found.deleted and not ended:
        raise Gone(DELETED)
    return found


def _find(session: Session, text: str) -> Group | None:
    try:
        id_ = UUID(text)
    except ValueError:
        name = session.find(Name, id=name_id(community.KIND, text.lower()))
        if name is None or name.holder is None:
            return None
        id_ = name.holder
    return session.find(Group, id=id_, kind=community.KIND)


def led(
    session: Session,
    text: str,
    roles: frozenset[Role] = MANAGING,
    *,
    expected: int | None = None,
) -> Group:
    """Return the community that a text names, in which the actor has one of these roles.

    Raises Anonymous, NotFound, Gone, Forbidden, Stale when it is not at the revision expected.
    """
    access.require_scope(session.actor, "write")
    found = called(session, text)
    if found.members.get(session.actor.account) not in roles:
        raise Forbidden(f"Only {' and '.join(sorted(f'{role}s' for role in roles))} may do this.")
    if expected is not None and expected != found.revision:
        raise Stale(f"This community is at revision {found.revision}, not {expected}.")
    return found


def change(session: Session, found: Group, face: Face) -> Group:
    """Have a community that the actor leads say this."""
    event = community.change(found, face.policies, face.metadata, face.name, face.words)
    return found if event is None else session.change(found, event)


def rename(session: Session, text: str, slug: str, *, expected: int | None = None) -> Group:
    """Give a community another address; the one before goes on leading to it.

    Raises Forbidden for who is no owner, Stale, Invalid for an address that is taken.
    """
    found = led(session, text, OWNER, expected=expected)
    slug = community.slug_of(slug)
    event = community.move(found, slug)
    if event is None:
        return found
    _claim(session, slug, found.id)
    return session.change(found, event)


def delete(session: Session, text: str, *, expected: int | None = None) -> Group:
    """End a community: what is in it is in it no more for anybody. Raises Forbidden, Stale."""
    return groups.delete(session, led(session, text, OWNER, expected=expected))


def set_logo(session: Session, found: Group, content: Content) -> Group:
    """Give a community that the actor leads a logo, whose bytes are durable."""
    event = community.set_logo(found, content)
    return found if event is None else session.change(found, event)


def remove_logo(session: Session, text: str) -> Group:
    """Take a community's logo away. Raises Forbidden, NotFound when there is none."""
    found = led(session, text)
    return session.change(found, community.remove_logo(found))


def put_member(session: Session, found: Group, number: int, role: Role) -> Group:
    """Give an account a role, as far as the actor's own role allows.

    Owners give every role, managers all but the owner's; in a public community that is open to
    members everybody makes a reader of themselves. Raises Anonymous, Forbidden, Invalid, Needed.
    """
    access.require_scope(session.actor, "write")
    account = _account(session, number)
    held = found.members.get(session.actor.account)
    now = found.members.get(account.id)
    assert found.policies is not None  # noqa: S101 - every community has them
    is_open = (found.policies.visibility, found.policies.member_policy) == ("public", "open")
    joins = account.id == session.actor.account and now is None and role == "reader"
    if not (joins and is_open):
        _require_over(held, now, role)
    return groups.put_member(session, found, account.id, role)


def remove_member(session: Session, found: Group, number: int) -> Group:
    """Take an account out of a community; everybody may leave.

    Raises Anonymous, Forbidden, Invalid, NotFound when it is no member, Needed for the last owner.
    """
    access.require_scope(session.actor, "write")
    account = _account(session, number)
    if account.id != session.actor.account:
        now = found.members.get(account.id)
        _require_over(found.members.get(session.actor.account), now, None)
    return groups.remove_member(session, found, account.id)


def _require_over(held: Role | None, now: Role | None, role: Role | None) -> None:
    """Pass for who may give and take these roles. Raises Forbidden."""
    if held not in MANAGING:
        raise Forbidden("Only owners and managers may do this.")
    if held != "owner" and "owner" in (now, role):
        raise Forbidden("Only owners may say who is an owner.")


def _account(session: Session, number: int) -> Account:
    found = session.find(Account, number=number)
    if found is None:
        message = f"There is no user {number}."
        raise Invalid(message, (Fault(("members",), message),))
    return found


def _claim(session: Session, slug: str, holder: UUID) -> None:
    """Take an address for a community; what it had once is its own for ever. Raises Invalid."""
    stream = name_id(community.KIND, slug)
    name = session.find(Name, id=stream)
    if name is None:
        session.begin(stream, NameClaimed(kind=community.KIND, value=slug, holder=holder))
    elif name.holder != holder:
        raise Invalid(TAKEN, (Fault(("id",), TAKEN),))
