"""Group: members with roles.

Communities, organisations, SampleDB's groups and projects and e-groups are groups with a kind.
What is granted to a project, a community or an organisation holds for each member as far as the
member's role goes: access.rung_of. A project has groups as members beside accounts; what else a
community has, and how it changes, is in domain/community.py.
"""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from msgspec import Struct, field

from domain.access import Level
from domain.errors import Invalid, Needed, NotFound
from domain.event import Aggregate, Beginning, Change, Entry
from domain.languages import Words
from domain.values import Body, Content, Visibility

Kind = Literal["group", "project", "community", "organisation", "e-group", "iceprod"]
Role = Literal["reader", "member", "manager", "owner"]

RUNGS: MappingProxyType[Role, Level] = MappingProxyType(
    {
        "reader": Level.VIEW,
        "member": Level.EDIT,
        "manager": Level.MANAGE,
        "owner": Level.MANAGE,
    }
)
"""How far what is granted to one of BY_ROLE goes for its members of a role."""
BY_ROLE: frozenset[Kind] = frozenset({"project", "community", "organisation"})
"""The kinds for whose members what is granted goes as far as their role does."""
MOST = 10_000  # members of a group: each is read with it
MANAGING: frozenset[Role] = frozenset({"manager", "owner"})
NONE = Body()  # where an event carries no document: JSON is decoded to Raw, or to None, not either


class Policies(Struct, frozen=True):
    """Who sees a community, may join it, and may put records into it.

    Source: InvenioRDM, "Communities", `access`.
    """

    visibility: Visibility = "public"
    member_policy: Literal["open", "closed"] = "open"
    record_policy: Literal["open", "closed", "restricted"] = "open"

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it."""
        return self.visibility == "public"


class Group(Aggregate, frozen=True):
    """A group as it stands; `members` maps an account to its role, `member_groups` a group."""

    number: int  # of its kind
    kind: Kind
    name: Words
    description: Words
    members: dict[UUID, Role]
    member_groups: dict[UUID, Role]
    deleted: bool
    created_at: datetime
    changed_at: datetime  # when it came to its revision
    revision: int = 1  # counts what changed of what is shown of it: its owners too, no other member
    slug: str | None = None  # what a community is called in URLs
    policies: Policies | None = None  # of a community
    metadata: Body | None = None  # what a community says of itself
    logo: Content | None = None
    logo_since: datetime | None = None
    shown_since: datetime | None = None  # that everybody sees it as they do, or no more; None: ever

    @property
    def by_role(self) -> bool:
        """Whether what is granted to it goes as far as a member's role does."""
        return self.kind in BY_ROLE

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it: only a community is seen at all."""
        return not self.deleted and self.policies is not None and self.policies.is_public

    def revised(self, entry: Entry[Any], **changes: Any) -> Self:
        """Return the group as the entry leaves it, at its next revision."""
        at = entry.recorded_at
        return self.moved(entry, revision=self.revision + 1, changed_at=at, **changes)

    def put_member(self, account: UUID, role: Role) -> MemberAdded | None:
        """Decide that an account has this role; None when it has.

        Raises Needed, NotFound, Invalid when there are too many.
        """
        self._exists()
        if self.members.get(account) == role:
            return None
        if account not in self.members and len(self.members) >= MOST:
            raise Invalid(f"A {self.kind} has {MOST:,} members at most.")
        self._keeps_an_owner({**self.members, account: role})
        return MemberAdded(account=account, role=role)

    def remove_member(self, account: UUID) -> MemberRemoved:
        """Decide that an account leaves. Raises NotFound, Needed for the last owner."""
        self._exists()
        if account not in self.members:
            raise NotFound(f"This account is not a member of the {self.kind}.")
        self._keeps_an_owner({who: role for who, role in self.members.items() if who != account})
        return MemberRemoved(account=account)

    def put_group(self, group: UUID, role: Role) -> MemberGroupAdded | None:
        """Decide that the members of a group have this role; None when they have.

        Raises NotFound, Invalid for what has no groups as members.
        """
        self._exists()
        if self.kind != "project":
            raise Invalid("Only a project has groups as members.")
        if self.member_groups.get(group) == role:
            return None
        return MemberGroupAdded(group=group, role=role)

    def remove_group(self, group: UUID) -> MemberGroupRemoved:
        """Decide that a group leaves. Raises NotFound."""
        self._exists()
        if group not in self.member_groups:
            raise NotFound(f"This group is not a member of the {self.kind}.")
        return MemberGroupRemoved(group=group)

    def rename(self, name: Words) -> GroupRenamed | None:
        """Decide another name; None when it is the same. Raises NotFound."""
        self._exists()
        return None if name == self.name else GroupRenamed(name=name)

    def describe(self, description: Words) -> GroupDescribed | None:
        """Decide another description; None when it is the same. Raises NotFound."""
        self._exists()
        return None if description == self.description else GroupDescribed(description=description)

    def delete(self) -> GroupDeleted:
        """Decide the end of the group: from then on it opens nothing. Raises NotFound."""
        self._exists()
        return GroupDeleted(members=tuple(self.members), member_groups=tuple(self.member_groups))

    def _exists(self) -> None:
        if self.deleted:
            raise NotFound(f"This {self.kind} was deleted.")

    def _keeps_an_owner(self, members: dict[UUID, Role]) -> None:
        # SampleDB's groups are led by administrators, and may have nobody in them.
        if self.kind != "group" and "owner" not in members.values():
            raise Needed(f"A {self.kind} keeps at least one owner.")


class GroupCreated(Beginning[Group], frozen=True, kw_only=True):
    """A group began; who made it owns it."""

    TOPIC: ClassVar[str] = "group.created"
    CLASS_VERSION: ClassVar[int] = 2  # before it the name was one text, the English one
    number: int
    kind: Kind
    name: Words
    description: Words = field(default_factory=dict)
    slug: str | None = None
    policies: Policies | None = None
    metadata: Body = NONE

    def begin(self, entry: Entry[Any]) -> Group:
        """Return the group with its first owner."""
        return Group(
            *entry.place,
            number=self.number,
            kind=self.kind,
            name=self.name,
            description=self.description,
            members={entry.by: "owner"},
            member_groups={},
            deleted=False,
            created_at=entry.recorded_at,
            changed_at=entry.recorded_at,
            slug=self.slug,
            policies=self.policies,
            metadata=self.metadata or None,
            shown_since=entry.recorded_at if self.policies and self.policies.is_public else None,
        )


class MemberAdded(Change[Group], frozen=True, kw_only=True):
    """An account has this role from now on, instead of any other."""

    TOPIC: ClassVar[str] = "group.member-added"
    account: UUID
    role: Role

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group with the member."""
        before = aggregate.members.get(self.account)
        members = {**aggregate.members, self.account: self.role}
        if (before == "owner") == (self.role == "owner"):
            return aggregate.moved(entry, members=members)
        return aggregate.revised(entry, members=members)


class MemberRemoved(Change[Group], frozen=True, kw_only=True):
    """An account left."""

    TOPIC: ClassVar[str] = "group.member-removed"
    account: UUID

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group without the member."""
        left = {who: role for who, role in aggregate.members.items() if who != self.account}
        if aggregate.members.get(self.account) != "owner":
            return aggregate.moved(entry, members=left)
        return aggregate.revised(entry, members=left)


class MemberGroupAdded(Change[Group], frozen=True, kw_only=True):
    """Whoever is a member of another group has this role, as long as that lasts."""

    TOPIC: ClassVar[str] = "group.member-group-added"
    group: UUID
    role: Role

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group with the other as a member."""
        groups = {**aggregate.member_groups, self.group: self.role}
        return aggregate.moved(entry, member_groups=groups)


class MemberGroupRemoved(Change[Group], frozen=True, kw_only=True):
    """Another group left."""

    TOPIC: ClassVar[str] = "group.member-group-removed"
    group: UUID

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group without the other."""
        left = {who: role for who, role in aggregate.member_groups.items() if who != self.group}
        return aggregate.moved(entry, member_groups=left)


class GroupRenamed(Change[Group], frozen=True, kw_only=True):
    """The group has another name."""

    TOPIC: ClassVar[str] = "group.renamed"
    CLASS_VERSION: ClassVar[int] = 2  # before it the name was one text, the English one
    name: Words

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group under its new name."""
        return aggregate.revised(entry, name=self.name)


class GroupDescribed(Change[Group], frozen=True, kw_only=True):
    """The group has another description."""

    TOPIC: ClassVar[str] = "group.described"
    description: Words

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group under its new description."""
        return aggregate.revised(entry, description=self.description)


class GroupDeleted(Change[Group], frozen=True, kw_only=True):
    """The group ended."""

    TOPIC: ClassVar[str] = "group.deleted"
    members: tuple[UUID, ...]  # whom it opened something to until now
    member_groups: tuple[UUID, ...] = ()  # and these groups' members

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group without members."""
        since = entry.recorded_at if aggregate.is_public else aggregate.shown_since
        return aggregate.revised(
            entry, members={}, member_groups={}, deleted=True, shown_since=since
        )
