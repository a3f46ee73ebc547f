"""Access links of a family: whoever shows one's token holds its rung. What they decide, and events.

A link is a principal like an account, and its rung stands among the family's grants. Who shows its
token is that principal too, as long as the link has not expired: nothing else knows of links.
Source: InvenioRDM, "Access links".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.access import Level
from domain.errors import Fault, Invalid, NotFound
from domain.event import Change, Entry
from domain.family import Family, Link

RUNGS = {"view": Level.VIEW, "preview": Level.PREVIEW, "edit": Level.EDIT}
MOST = 1_000  # links of a family: each is read with it
EXPIRES_AT = ("expires_at",)


def create(
    family: Family, link: UUID, level: Level, expires_at: datetime | None, now: datetime
) -> LinkCreated:
    """Decide that there is a link more. Raises Invalid for an expiry that has passed."""
    if len(family.links) >= MOST:
        raise Invalid(f"A record has {MOST} access links at most.")
    if expires_at is not None:
        _require_future(expires_at, now)
    return LinkCreated(link=link, level=level, expires_at=expires_at)


def change(
    family: Family, link: UUID, level: Level | None, expires_at: datetime | None, now: datetime
) -> LinkChanged | None:
    """Decide what a link opens and until when; None keeps what was. Return None for no change.

    An expiry may only come nearer. Raises NotFound, Invalid.
    """
    known = find(family, link)
    if expires_at is not None and expires_at != known.expires_at:
        _require_future(expires_at, now)
        if known.expires_at is not None and expires_at > known.expires_at:
            raise _wrong("An access link cannot be made to last longer.")
    event = LinkChanged(
        link=link, level=level or family.grants[link], expires_at=expires_at or known.expires_at
    )
    same = event.level == family.grants[link] and event.expires_at == known.expires_at
    return None if same else event


def revoke(family: Family, link: UUID) -> LinkRevoked:
    """Decide that a link opens nothing any more. Raises NotFound."""
    find(family, link)
    return LinkRevoked(link=link)


def find(family: Family, link: UUID) -> Link:
    """Return a link of a family. Raises NotFound."""
    known = family.links.get(link)
    if known is None:
        raise NotFound(f"No secret link found with id {link}.")
    return known


def _require_future(expires_at: datetime, now: datetime) -> None:
    if expires_at <= now:
        raise _wrong("The expiration date must be in the future.")


def _wrong(message: str) -> Invalid:
    return Invalid(message, (Fault(EXPIRES_AT, message),))


class LinkCreated(Change[Family], frozen=True, kw_only=True, omit_defaults=True):
    """Whoever shows this link's token holds this rung, until it expires."""

    TOPIC: ClassVar[str] = "family.link-created"
    link: UUID
    level: Level
    expires_at: datetime | None = None

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family with the link."""
        return _with(
            aggregate, entry, self.link, self.level, Link(entry.recorded_at, self.expires_at)
        )


class LinkChanged(Change[Family], frozen=True, kw_only=True, omit_defaults=True):
    """The link opens this from now on, until it expires."""

    TOPIC: ClassVar[str] = "family.link-changed"
    link: UUID
    level: Level
    expires_at: datetime | None = None

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family with the link as it is now."""
        link = Link(aggregate.links[self.link].created_at, self.expires_at)
        return _with(aggregate, entry, self.link, self.level, link)


class LinkRevoked(Change[Family], frozen=True, kw_only=True):
    """The link opens nothing any more."""

    TOPIC: ClassVar[str] = "family.link-revoked"
    link: UUID

    def apply(self, aggregate: Family, entry: Entry[Any]) -> Family:
        """Return the family without the link."""
        grants = {who: level for who, level in aggregate.grants.items() if who != self.link}
        links = {which: link for which, link in aggregate.links.items() if which != self.link}
        return aggregate.moved(entry, grants=grants, links=links)


def _with(aggregate: Family, entry: Entry[Any], which: UUID, level: Level, link: Link) -> Family:
    return aggregate.moved(
        entry,
        grants={**aggregate.grants, which: level},
        links={**aggregate.links, which: link},
    )
