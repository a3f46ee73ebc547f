"""Community: a group that has an address, policies, a face, and records in it. What it decides.

Source: InvenioRDM, "Communities".
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final
from uuid import UUID

from domain.errors import Fault, Invalid, NotFound
from domain.event import Change, Entry
from domain.group import Group, Policies, Role
from domain.languages import Words
from domain.values import Body, Content

KIND: Final = "community"  # of a group, and of the names that communities have
LONGEST = 100  # characters of a slug
SLUG = re.compile(rf"[a-z0-9_-]{{1,{LONGEST}}}")


def slug_of(text: str) -> str:
    """Return what a community is called in URLs when it is to be called so. Raises Invalid."""
    slug = text.lower()
    if SLUG.fullmatch(slug) is None:
        message = f"Letters, digits, dashes and underscores, {LONGEST} characters at most."
    elif _is_uuid(slug):
        message = "This is an identifier that the service gives, and so it cannot be chosen."
    else:
        return slug
    raise Invalid("The identifier is not valid.", (Fault(("id",), message),))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def may_see(policies: Policies, role: Role | None) -> bool:
    """Whether who has this role in a community, or none, sees it. The one answer for every way.

    In SQL it is `visible` of projections/communities.sql.
    """
    return policies.is_public or role is not None


def change(
    community: Group, policies: Policies, metadata: Body, name: Words, description: Words
) -> CommunityChanged | None:
    """Decide other policies, another face, or both; None when they are the same."""
    if (policies, metadata) == (community.policies, community.metadata):
        return None
    return CommunityChanged(
        policies=policies, metadata=metadata, name=name, description=description
    )


def move(community: Group, slug: str) -> CommunityMoved | None:
    """Decide another address; None when it is the same."""
    return None if slug == community.slug else CommunityMoved(slug=slug)


def set_logo(community: Group, content: Content) -> LogoSet | None:
    """Decide another logo, whose bytes are durable; None when it is the same."""
    return None if content == community.logo else LogoSet(content=content)


def remove_logo(community: Group) -> LogoRemoved:
    """Decide that there is no logo any more. Raises NotFound when there is none."""
    if community.logo is None:
        raise NotFound("No logo exists for this community.")
    return LogoRemoved()


class CommunityChanged(Change[Group], frozen=True, kw_only=True):
    """The community has these policies and this face from now on."""

    TOPIC: ClassVar[str] = "group.community-changed"
    policies: Policies
    metadata: Body
    name: Words
    description: Words

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the community as it is now."""
        stays = aggregate.is_public == self.policies.is_public
        since = aggregate.shown_since if stays else entry.recorded_at
        return aggregate.revised(
            entry,
            shown_since=since,
            policies=self.policies,
            metadata=self.metadata,
            name=self.name,
            description=self.description,
        )


class CommunityMoved(Change[Group], frozen=True, kw_only=True):
    """The community has another address; the one before leads to it still."""

    TOPIC: ClassVar[str] = "group.community-moved"
    slug: str

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the community under its new address."""
        since = entry.recorded_at if aggregate.is_public else aggregate.shown_since
        return aggregate.revised(entry, slug=self.slug, shown_since=since)


class LogoSet(Change[Group], frozen=True, kw_only=True):
    """The community has this logo, instead of any other."""

    TOPIC: ClassVar[str] = "group.logo-set"
    content: Content

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the community with the logo."""
        return aggregate.revised(entry, logo=self.content, logo_since=entry.recorded_at)


class LogoRemoved(Change[Group], frozen=True, kw_only=True):
    """The community has no logo any more."""

    TOPIC: ClassVar[str] = "group.logo-removed"

    def apply(self, aggregate: Group, entry: Entry[Any]) -> Group:
        """Return the community without a logo."""
        return aggregate.revised(entry, logo=None, logo_since=None)
