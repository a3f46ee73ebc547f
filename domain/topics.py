"""Every event there is by its topic, and how older shapes of it are read.

One table for every reader: fold, rebuild, replay, follower, feed. Stored bytes never change;
tests/domain/stored_events holds one stored example of every shape there ever was.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from msgspec import Raw

from domain import (
    access_links,
    account,
    action,
    community,
    draft_files,
    drafting,
    erasure,
    family,
    group,
    inclusions,
    instrument,
    location,
    log_entry,
    login,
    manifest,
    name,
    operation,
    record,
    term,
)
from domain.event import Aggregate, Event

Fields = dict[str, Raw]
Upcast = Callable[[Fields], Fields]  # an event's fields as stored → as the next shape has them

AGGREGATES: MappingProxyType[type[Aggregate], tuple[type[Event], ...]] = MappingProxyType(
    {
        account.Account: (account.AccountCreated, account.PasswordSet, account.ProfileSet),
        account.Token: (
            account.TokenIssued,
            account.TokenPairIssued,
            account.TokenRefreshed,
            account.TokenRevoked,
        ),
        action.Action: (action.ActionCreated, action.ActionChanged, action.ActionRevised),
        family.Family: (
            family.FamilyCreated,
            family.PermissionGranted,
            family.PermissionRevoked,
            family.VersionOpened,
            family.VersionPublished,
            family.VersionDiscarded,
            access_links.LinkCreated,
            access_links.LinkChanged,
            access_links.LinkRevoked,
            inclusions.Included,
            inclusions.Excluded,
        ),
        group.Group: (
            group.GroupCreated,
            group.GroupRenamed,
            group.MemberAdded,
            group.MemberRemoved,
            group.MemberGroupAdded,
            group.MemberGroupRemoved,
            group.GroupDescribed,
            group.GroupDeleted,
            community.CommunityChanged,
            community.CommunityMoved,
            community.LogoSet,
            community.LogoRemoved,
        ),
        instrument.Instrument: (
            instrument.InstrumentCreated,
            instrument.InstrumentChanged,
            instrument.CategoryAdded,
            instrument.CategoryRenamed,
        ),
        location.LocationType: (location.LocationTypeCreated, location.LocationTypeChanged),
        location.Location: (location.LocationCreated, location.LocationChanged),
        log_entry.LogEntry: (log_entry.LogEntryCreated, log_entry.LogEntryRevised),
        login.Login: (login.LoginBegun, login.LoginRevoked),
        manifest.StoredManifest: (
            manifest.ManifestStored,
            manifest.ManifestContinued,
            manifest.ManifestErased,
        ),
        name.Name: (name.NameClaimed, name.NamePassed),
        operation.Operation: (operation.OperationCarriedOut,),
        record.Record: (
            record.RecordCreated,
            drafting.DraftSaved,
            drafting.DraftReopened,
            drafting.DraftDiscarded,
            draft_files.DraftFilesStarted,
            draft_files.DraftFileReceived,
            draft_files.DraftFileCommitted,
            draft_files.DraftFileRemoved,
            draft_files.DraftFilesImported,
            record.Published,
            record.AccessChanged,
            record.FileReceived,
            record.FileLinked,
            record.LocationAssigned,
            record.CommentPosted,
            erasure.Erased,
        ),
        term.Term: (term.TermAdded, term.TermChanged, term.TermRetired),
    }
)

EVENTS: MappingProxyType[str, type[Event]] = MappingProxyType(
    {each.TOPIC: each for events in AGGREGATES.values() for each in events}
)

KINDS: MappingProxyType[type[Event], type[Aggregate]] = MappingProxyType(
    {event: kind for kind, events in AGGREGATES.items() for event in events}
)


def _name_in_english(fields: Fields) -> Fields:
    return fields | {"name": Raw(b'{"en":%b}' % bytes(fields["name"]))}


UPCASTS: dict[tuple[str, int], Upcast] = {  # (topic, the shape it reads) → to the next shape
    (group.GroupCreated.TOPIC, 1): _name_in_english,
    (group.GroupRenamed.TOPIC, 1): _name_in_english,
}


def upcast(topic: str, shape: int, fields: Fields) -> Fields:
    """Return the fields of an event stored in an older shape as its class has them today."""
    for older in range(shape, EVENTS[topic].CLASS_VERSION):
        fields = UPCASTS[topic, older](fields)
    return fields


def topics_of(*kinds: type[Any]) -> tuple[str, ...]:
    """Return the topics of these aggregates' or events' classes."""
    found: list[str] = []
    for kind in kinds:
        events = AGGREGATES.get(kind, (kind,))
        found.extend(each.TOPIC for each in events)
    return tuple(found)
