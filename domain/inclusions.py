"""Inclusion of records in communities: what a family decides, and its events.

A record is in a community with all its versions. Its members then hold the rung that was granted to
the community, as far as their role goes: readers see, curators edit. Source: InvenioRDM, "Records &
communities".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.access import Level
from domain.errors import Fault, Invalid
from domain.event import Change, Entry
from domain.family import Family

RUNG = Level.EDIT  # that a community holds on what is in it
MOST = 100  # communities of a family: each is read with it
NOT_IN = "The record is not included in the community."
TOO_MANY = f"A record is in {MOST} communities at most."


def include(family: Family, community: UUID) -> Included | None:
    """Decide that a family is in a community; None when it is. Raises Invalid."""
    if community in family.communities:
        return None
    if len(family.communities) >= MOST:
        raise Invalid(TOO_MANY, (Fault(("communities",), TOO_MANY),))
    return Included(community=community, level=RUNG)


def exclude(
    family: Family, community: UUID, *, hidden: bool = False, shown_until: datetime | None = None
) -> Excluded:
    """Decide that a family leaves a community. Raises Invalid when it is not in it.

    Of one that is `hidden`, since not everybody sees it, nobody else is to see that; `shown_until`
    is when everybody last saw the family in it, if ever.
    """
    if community not in family.communities:
        raise Invalid(NOT_IN, (Fault(("communities",), NOT_IN),))
    return Excluded(community=community, hidden=hidden, shown_until=shown_until)


class Included(Change[Family], frozen=True, kw_only=True):
    """The family is in this community, whose members hold this rung, as far as their role goes."""

    TOPIC: ClassVar[str] = "family.included"
    community: UUID
    level: Level

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family in the community."""
        return aggregate.moved(
            entry,
            grants={**aggregate.grants, self.community: self.level},
            communities=(*aggregate.communities, self.community),
        )


class Excluded(Change[Family], frozen=True, kw_only=True):
    """The family is in this community no more, and its members hold nothing through it."""

    TOPIC: ClassVar[str] = "family.excluded"
    community: UUID
    hidden: bool = False  # not everybody saw the community any more
    shown_until: datetime | None = None  # of a hidden one: when everybody last saw the family in it

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family without the community."""
        out = self.community
        grants = {who: level for who, level in aggregate.grants.items() if who != out}
        left = tuple(each for each in aggregate.communities if each != out)
        until = self.shown_until if self.hidden else entry.recorded_at
        left_at = max((each for each in (aggregate.left_at, until) if each), default=None)
        return aggregate.moved(entry, grants=grants, communities=left, left_at=left_at)
