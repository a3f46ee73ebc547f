"""Communities → InvenioRDM's JSON. Source: InvenioRDM, "Communities"."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from domain.group import Group
from projections.communities import Community


def url_of(base: str, slug: str) -> str:
    """Return where a community is."""
    return f"{base}/api/communities/{slug}"


def community(found: Community, base: str, *, pretty: bool) -> bytes:
    """Return a community; what it says of itself is spliced in as it is stored."""
    metadata = orjson.loads(found.metadata) if pretty else orjson.Fragment(found.metadata)
    shown = {
        "access": {
            "visibility": found.policies.visibility,
            "member_policy": found.policies.member_policy,
            "record_policy": found.policies.record_policy,
            "owned_by": [{"user": number} for number in found.owners],
        },
        "created": found.created_at.isoformat(),
        "updated": found.updated_at.isoformat(),
        "id": found.slug,
        "slug": found.slug,
        "revision_id": found.revision,
        "links": {
            "self": url_of(base, found.slug),
            "self_html": f"{base}/communities/{found.slug}",
        },
        "metadata": metadata,
    }
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2 if pretty else None)


def of_group(group: Group, owners: Iterable[int]) -> Community:
    """Return a community as a command left it, or as it was; its owners are by number."""
    assert group.slug is not None and group.policies is not None  # noqa: S101, PT018
    return Community(
        id=group.id,
        slug=group.slug,
        policies=group.policies,
        metadata=bytes(group.metadata or b"{}"),
        deleted=group.deleted,
        revision=group.revision,
        created_at=group.created_at,
        updated_at=group.changed_at,
        logo=group.logo,
        logo_since=group.logo_since,
        role=None,
        owners=sorted(owners),
    )
