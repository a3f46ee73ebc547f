"""Group: members with roles.

Communities, organisations, SampleDB's groups and projects and e-groups are groups with a kind.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal
from uuid import UUID

from domain.errors import Conflict, NotFound
from domain.event import Aggregate, Beginning, Change, Entry

Kind = Literal["group", "project", "community", "organisation", "e-group"]
Role = Literal["reader", "member", "manager", "owner"]


class Group(Aggregate, frozen=True):
    """A group as it stands; `members` maps an account to its role."""

    number: int
    kind: Kind
    name: str
    members: dict[UUID, Role]
    deleted: bool

    def put_member(self, account: UUID, role: Role) -> MemberAdded | None:
        """Decide that an account has this role; None when it has. Raises Conflict, NotFound."""
        self._exists()
        if self.members.get(account) == role:
            return None
        self._keeps_an_owner({**self.members, account: role})
        return MemberAdded(account=account, role=role)

    def remove_member(self, account: UUID) -> MemberRemoved:
        """Decide that an account leaves. Raises NotFound, Conflict for the last owner."""
        self._exists()
        if account not in self.members:
            raise NotFound("This account is not a member of the group.")
        self._keeps_an_owner({who: role for who, role in self.members.items() if who != account})
        return MemberRemoved(account=account)

    def rename(self, name: str) -> GroupRenamed | None:
        """Decide another name; None when it is the same. Raises NotFound."""
        self._exists()
        return None if name == self.name else GroupRenamed(name=name)

    def delete(self) -> GroupDeleted:
        """Decide the end of the group: from then on it opens nothing. Raises NotFound."""
        self._exists()
        return GroupDeleted(members=tuple(self.members))

    def _exists(self) -> None:
        if self.deleted:
            raise NotFound("This group was deleted.")

    def _keeps_an_owner(self, members: dict[UUID, Role]) -> None:
        if "owner" not in members.values():
            raise Conflict("A group keeps at least one owner.")


class GroupCreated(Beginning[Group], frozen=True, kw_only=True):
    """A group began; who made it owns it."""

    TOPIC: ClassVar[str] = "group.created"
    number: int
    kind: Kind
    name: str

    def begin(self, entry: Entry[Any]) -> Group:
        """Return the group with its first owner."""
        return Group(
            *entry.place,
            number=self.number,
            kind=self.kind,
            name=self.name,
            members={entry.by: "owner"},
            deleted=False,
        )


class MemberAdded(Change[Group], frozen=True, kw_only=True):
    """An account has this role from now on, instead of any other."""

    TOPIC: ClassVar[str] = "group.member-added"
    account: UUID
    role: Role

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group with the member."""
        return aggregate.moved(entry, members={**aggregate.members, self.account: self.role})


class MemberRemoved(Change[Group], frozen=True, kw_only=True):
    """An account left."""

    TOPIC: ClassVar[str] = "group.member-removed"
    account: UUID

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group without the member."""
        left = {who: role for who, role in aggregate.members.items() if who != self.account}
        return aggregate.moved(entry, members=left)


class GroupRenamed(Change[Group], frozen=True, kw_only=True):
    """The group has another name."""

    TOPIC: ClassVar[str] = "group.renamed"
    name: str

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group under its new name."""
        return aggregate.moved(entry, name=self.name)


class GroupDeleted(Change[Group], frozen=True, kw_only=True):
    """The group ended."""

    TOPIC: ClassVar[str] = "group.deleted"
    members: tuple[UUID, ...]  # whom it opened something to until now

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the group without members."""
        return aggregate.moved(entry, members={}, deleted=True)
