"""Erasures: administrators take what an object said out of the log, for a reason.

Whoever may read or change an object has nothing to do with it: the law does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain import access, contents
from domain.commands import hosted_versions
from domain.draft_files import (
    DraftFileCommitted,
    DraftFileReceived,
    DraftFileRemoved,
    DraftFilesImported,
    DraftFilesStarted,
)
from domain.drafting import DraftDiscarded, DraftReopened, DraftSaved
from domain.erasure import DRAFT, Erased, Left, Tombstone, left_of
from domain.errors import Conflict, Invalid, NotFound, Torn
from domain.event import Entry
from domain.family import Family, VersionDiscarded
from domain.heads import Elsewhere
from domain.identifiers import object_key
from domain.manifest import StoredManifest, erased, manifest_id
from domain.record import (
    AccessChanged,
    CommentPosted,
    FileLinked,
    FileReceived,
    LocationAssigned,
    Published,
    Record,
)
from domain.session import Session
from domain.values import Manifest

REASON = 1000  # characters
# Why is said where it was erased: who may see this record may not see that one.
RELEASED = "Bytes that it had were erased where they were left."
OF_DRAFTS = (
    DraftSaved,
    DraftReopened,
    DraftFilesStarted,
    DraftFileReceived,
    DraftFileCommitted,
    DraftFileRemoved,
    DraftFilesImported,
)
OF_OBJECTS = (FileReceived, FileLinked, CommentPosted, LocationAssigned)


class Wanted(Struct, frozen=True):
    """What is to be erased; without `versions` and `drafts` the whole object.

    `versions` are the first and the last number.
    """

    reason: str
    versions: tuple[int, int] | None = None
    drafts: bool = False

    @property
    def whole(self) -> bool:
        """Whether everything is to go."""
        return self.versions is None and not self.drafts


class Erasure(Struct, frozen=True):
    """What was erased, and where else the same is said or lies."""

    record: Record
    event: Erased
    manifests: int  # lists of files that are gone
    elsewhere: tuple[Elsewhere, ...]


def erase(session: Session, object_id: str, wanted: Wanted) -> Erasure:
    """Erase some of an object, or all of it; also an object that is only a draft.

    Nobody is told more by it: the access of what is left stays. Raises NotFound, Anonymous,
    Forbidden, Invalid, Conflict where nothing is left to erase.
    """
    if not session.actor.admin:  # as who works at the command line is, too
        access.require_admin(session.actor)
    _require_reason(wanted.reason)
    record = _find(session, object_id)
    life = session.heads.life(record.id)
    if not life or life[-1].version != record.version:
        raise Torn
    _require_versions(record, wanted, object_id)
    chosen = _chosen(life, wanted)
    if not chosen:
        raise Conflict("There is nothing of it left to erase.")
    published = [each for each in chosen if isinstance(each.event, Published)]
    numbers = [each.event.number for each in published]
    newest = record.versions - 1 in numbers
    drafts = wanted.drafts or wanted.whole
    if newest and record.draft is not None and not drafts:
        raise Conflict(
            f"Object {record.number} has an open draft, which says what its newest version says:"
            " erase drafts, too, or discard it first."
        )
    manifests = _manifests(session, record, chosen, numbers, draft=drafts)
    blobs, kept = _blobs(session, record, life, chosen, manifests)
    elsewhere = session.heads.said_elsewhere(
        _documents(chosen), list(blobs), record.id, numbers, draft=drafts
    )
    tombstones = [_tombstone(each) for each in published]
    if drafts and any(isinstance(each.event, OF_DRAFTS) for each in chosen):
        at = session.now
        tombstones.append(Tombstone(DRAFT, record.version, at, at))
    event = Erased(
        reason=wanted.reason.strip(),
        family=record.family,
        left=left_of(record) if published or wanted.whole else _as_it_is(record),
        events=tuple(each.version for each in chosen),
        tombstones=tuple(tombstones),
        drafts=drafts,
        whole=wanted.whole,
        newest=newest,
        files=_numbers(chosen, FileReceived, FileLinked),
        comments=_numbers(chosen, CommentPosted),
        locations=_numbers(chosen, LocationAssigned),
        blobs=blobs,
        kept=tuple(sorted(kept)),
    )
    after = session.change(record, event)
    for stored in manifests:
        session.change(stored, erased(stored, record.id))
    if record.draft is not None and drafts:
        _free(session, record)
    if newest or wanted.whole:  # what an organisation has goes on from its newest version alone
        hosted_versions.free(session, record)
    _release(session, record, [each for each in blobs if each not in kept])
    return Erasure(after, event, len(manifests), tuple(elsewhere))


def _require_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > REASON:
        raise Invalid(f"reason must say in 1 to {REASON} characters why.")


def _find(session: Session, object_id: str) -> Record:
    key = object_key(object_id)
    by = {"number": key} if isinstance(key, int) else {"id": key}
    record = session.find(Record, **by)
    if record is None:
        raise NotFound(f"There is no object {object_id}.")
    return record


def _require_versions(record: Record, wanted: Wanted, object_id: str) -> None:
    if wanted.versions is None:
        return
    first, last = wanted.versions
    if not 0 <= first <= last:
        raise Invalid("versions must be the numbers of the first and the last.")
    if last >= record.versions:
        raise NotFound(f"There is no version {last} of object {object_id}.")


def _chosen(life: Sequence[Entry[Any]], wanted: Wanted) -> list[Entry[Any]]:
    """Return the events that are to be emptied.

    With a version those of the draft that it was go, too: they say the same.
    """
    first, last = wanted.versions or (0, -1)
    drafts = wanted.drafts or wanted.whole
    chosen: list[Entry[Any]] = []
    draft: list[Entry[Any]] = []
    for entry in life:
        event = entry.event
        if isinstance(event, OF_DRAFTS):
            (chosen if drafts else draft).append(entry)
        elif isinstance(event, DraftDiscarded):
            draft.clear()
        elif isinstance(event, Published):
            if wanted.whole or first <= event.number <= last:
                chosen += [*draft, entry] if event.from_draft else [entry]
            if event.from_draft:
                draft.clear()
        elif wanted.whole and (isinstance(event, OF_OBJECTS) or _gives_reasons(event)):
            chosen.append(entry)
    return chosen


def _gives_reasons(event: Any) -> bool:
    if not isinstance(event, AccessChanged) or event.access.embargo is None:
        return False
    return event.access.embargo.reason is not None


def _tombstone(entry: Entry[Published]) -> Tombstone:
    event = entry.event
    return Tombstone(
        event.number,
        entry.version,
        entry.recorded_at,
        event.valid_from or entry.recorded_at,
        event.access.record,
        event.access.opens_at,
    )


def _as_it_is(record: Record) -> Left:
    return replace(left_of(record), access=record.access)


def _numbers(chosen: Sequence[Entry[Any]], *kinds: type[Any]) -> tuple[int, ...]:
    return tuple(each.event.number for each in chosen if isinstance(each.event, kinds))


def _documents(chosen: Sequence[Entry[Any]]) -> list[bytes]:
    said = [
        each.event.body if isinstance(each.event, Published) else each.event.document
        for each in chosen
        if isinstance(each.event, Published | DraftSaved)
    ]
    return [bytes(each) for each in said if bytes(each)]


def _manifests(
    session: Session,
    record: Record,
    chosen: Sequence[Entry[Any]],
    numbers: Sequence[int],
    *,
    draft: bool,
) -> list[StoredManifest]:
    """Return the lists of files that nothing has but what is erased."""
    named: set[Manifest] = set()
    for entry in chosen:
        if isinstance(entry.event, Published | DraftFilesImported) and entry.event.manifest:
            named.add(entry.event.manifest)
    if draft and record.draft is not None and record.draft.base is not None:
        named.add(record.draft.base)
    digests = [each.digest for each in named]
    if not digests:
        return []
    held = session.heads.lists_elsewhere(digests, record.id, numbers, draft=draft)
    ids = [manifest_id(each) for each in sorted(digests) if each not in held]
    found = session.find_all(StoredManifest, ids)
    return [found[each] for each in ids if each in found and found[each].pages]


def _blobs(
    session: Session,
    record: Record,
    life: Sequence[Entry[Any]],
    chosen: Sequence[Entry[Any]],
    manifests: Sequence[StoredManifest],
) -> tuple[dict[str, datetime], set[str]]:
    """Return the bytes that are named with what is erased, and those of them that stay named."""
    emptied = {each.version for each in chosen}
    named: dict[str, datetime] = {}
    still: set[str] = set()
    received: set[str] = set()
    for entry in life:
        for each in contents.named(entry):
            received.add(each.content.sha256)
            if entry.version in emptied:
                named[each.content.sha256] = entry.recorded_at
            else:
                still.add(each.content.sha256)
    for stored in manifests:
        for file in session.heads.manifest_files(stored.manifest):
            named.setdefault(file.sha256, stored.recorded_at)
    for ours in session.heads.keeping(list(named)).get(record.id, []):
        received.add(ours)
    listed = session.heads.listed_elsewhere(list(named), [each.id for each in manifests])
    return named, {each for each in named if each in received and each in still | listed}


def _free(session: Session, record: Record) -> None:
    """Have the family expect no next version of it that was this draft."""
    family = session.find(Family, id=record.family)
    if family is not None and family.next == record.id:
        event = VersionDiscarded(record=record.id, pid=record.pid, index=record.index)
        session.change(family, event)


def _release(session: Session, record: Record, blobs: Collection[str]) -> None:
    """Have records that were erased before name these bytes no more: they did for this one."""
    held = session.heads.keeping(list(blobs)) if blobs else {}
    held.pop(record.id, None)
    others = session.find_all(Record, list(held))
    for id_, other in others.items():
        at = dict.fromkeys(held[id_], session.now)
        event = Erased(reason=RELEASED, family=other.family, left=_as_it_is(other), blobs=at)
        session.change(other, event)
