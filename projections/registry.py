"""VIEWS: all there are. Nothing else lists them."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import Any

from domain.event import Aggregate, Event
from projections import (
    accounts,
    actions,
    answers,
    comments,
    contents,
    deployments,
    draft_files,
    drafts,
    families,
    files,
    grants,
    groups,
    inclusions,
    instruments,
    location_types,
    locations,
    log_entries,
    log_texts,
    logins,
    manifest_pages,
    manifests,
    member_groups,
    members,
    names,
    object_locations,
    operations,
    records,
    schemas,
    search,
    terms,
    tokens,
    tombstones,
    versions,
)
from projections.view import HeadView, View

VIEWS: MappingProxyType[str, View[Any]] = MappingProxyType(
    {
        module.view.name: module.view
        for module in (
            accounts,
            tokens,
            logins,
            actions,
            schemas,
            families,
            grants,
            groups,
            members,
            member_groups,
            inclusions,
            names,
            records,
            versions,
            tombstones,
            drafts,
            draft_files,
            manifests,
            manifest_pages,
            search,
            files,
            contents,
            comments,
            location_types,
            locations,
            object_locations,
            instruments,
            log_entries,
            log_texts,
            operations,
            deployments,
            answers,
            terms,
        )
    }
)

HEADS: MappingProxyType[type[Aggregate], HeadView[Any]] = MappingProxyType(
    {view.row: view for view in VIEWS.values() if isinstance(view, HeadView)}
)


@lru_cache(maxsize=1024)
def concerned(kinds: frozenset[type[Event]]) -> tuple[View[Any], ...]:
    """Return the views that events of these kinds change: of all that there are, always few."""
    return tuple(view for view in VIEWS.values() if not kinds.isdisjoint(view.kinds))
