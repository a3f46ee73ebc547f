"""Family: records that are versions of one work; its owner and who may do what with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct, field

from domain.access import ADMINISTRATORS, Level
from domain.errors import Invalid
from domain.event import Aggregate, Beginning, Change, Entry
from domain.identifiers import pid_of


class Link(Struct, frozen=True, omit_defaults=True):
    """An access link, whose rung is among the grants. Source: InvenioRDM, "Access links"."""

    created_at: datetime
    expires_at: datetime | None = None  # None: never

    def holds(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or now < self.expires_at


class Family(Aggregate, frozen=True):
    """Owner and grants.

    A principal is an account, a group, a project, a community, an access link, SIGNED_IN or
    EVERYONE.
    """

    owner: UUID
    grants: dict[UUID, Level]
    pid: str
    index: int = 1  # of its newest published record, or of the first before any
    latest: UUID | None = None  # the newest published record; None: the first
    next: UUID | None = None  # the record that is the draft of the next version
    links: dict[UUID, Link] = field(default_factory=dict)  # the rung of each is among the grants
    communities: tuple[UUID, ...] = ()  # that it is in; the rung of each is among the grants
    left_at: datetime | None = None  # when everybody last saw it in a community that it left since

    @property
    def last(self) -> int:
        """The index of its newest record, draft or not."""
        return self.index + (self.next is not None)

    def rungs(self, now: datetime) -> dict[UUID, Level]:
        """Return the grants that hold at an instant: those of links that have expired do not.

        Whoever decides what an actor may do asks for these: a link that held when a request began
        may have expired when its body has come.
        """
        out = {which for which, link in self.links.items() if not link.holds(now)}
        if not out:
            return self.grants
        return {who: level for who, level in self.grants.items() if who not in out}

    def grant(
        self, principal: UUID, level: Level, *, by_role: bool = False
    ) -> PermissionGranted | PermissionRevoked | None:
        """Decide that a principal holds this rung; None when it does already.

        `by_role` says that it is a project, whose members hold it as far as their role there goes.
        Raises Invalid when nobody would be left to manage the family: who does by office only is
        not counted.
        """
        before = self.grants.get(principal, Level.NONE)
        if before == level:
            return None
        after = {**self.grants, principal: level, ADMINISTRATORS: Level.NONE}
        if before == Level.MANAGE and Level.MANAGE not in after.values():
            raise Invalid("Somebody must keep the permission to manage this.")
        if level == Level.NONE:
            return PermissionRevoked(principal=principal, by_role=by_role)
        return PermissionGranted(principal=principal, level=level, by_role=by_role)


class FamilyCreated(Beginning[Family], frozen=True, kw_only=True, omit_defaults=True):
    """A family began; its owner manages it."""

    TOPIC: ClassVar[str] = "family.created"
    owner: UUID
    pid: str | None = None  # None: as its id says

    def begin(self, entry: Entry[Any]) -> Family:
        """Return the family with its owner's grant."""
        return Family(
            *entry.place,
            owner=self.owner,
            grants={self.owner: Level.MANAGE},
            pid=self.pid or pid_of(entry.stream),
        )


class PermissionGranted(Change[Family], frozen=True, kw_only=True):
    """A principal holds this rung from now on, instead of any other."""

    TOPIC: ClassVar[str] = "family.permission-granted"
    principal: UUID
    level: Level
    by_role: bool = False  # whether the principal is a project: access.shares

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family with the grant."""
        return aggregate.moved(entry, grants={**aggregate.grants, self.principal: self.level})


class PermissionRevoked(Change[Family], frozen=True, kw_only=True):
    """A principal holds nothing any more."""

    TOPIC: ClassVar[str] = "family.permission-revoked"
    principal: UUID
    by_role: bool = False

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family without the grant."""
        left = {who: level for who, level in aggregate.grants.items() if who != self.principal}
        return aggregate.moved(entry, grants=left)


class VersionOpened(Change[Family], frozen=True, kw_only=True):
    """The next version was begun, as a record of its own; there is one at a time.

    Source: InvenioRDM, "Create a new version".
    """

    TOPIC: ClassVar[str] = "family.version-opened"
    record: UUID
    pid: str
    index: int

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family with this next version."""
        return aggregate.moved(entry, next=self.record)


class VersionPublished(Change[Family], frozen=True, kw_only=True):
    """The next version was published for the first time: it is the latest."""

    TOPIC: ClassVar[str] = "family.version-published"
    record: UUID
    pid: str
    index: int

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family with this latest version, and no next."""
        return aggregate.moved(entry, index=self.index, latest=self.record, next=None)


class VersionDiscarded(Change[Family], frozen=True, kw_only=True):
    """The next version is not to be; its index is free again."""

    TOPIC: ClassVar[str] = "family.version-discarded"
    record: UUID
    pid: str
    index: int

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family without a next version."""
        return aggregate.moved(entry, next=None)
