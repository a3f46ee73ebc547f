"""Deposits and records that are to be shown, and what is shown beside what they say.

That is read for many of them at once: each page of a list takes as many statements as one of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from msgspec import Struct

from api.cap import media, people
from api.cap.people import People
from api.service import Service
from domain import access
from domain.access import EVERYONE, Actor, Level
from domain.commands.deposits import Deposit
from domain.draft_files import DraftFile
from domain.family import Family
from domain.record import Record
from domain.values import FileEntry
from projections import draft_files, first_files, manifest_pages
from projections.deposits import Found

LISTED = 100  # files that each shows in a list
ALONE = 1_000  # files that one shows, whose links lead to all


class Shown(Struct, frozen=True):
    """What is shown: as what its home is a deposit, or as a record once it is published.

    `files` are so many of its files as are shown at most.
    """

    record: Record
    family: Family
    schema_version: int
    document: bytes
    as_record: bool = False
    files: int = ALONE

    @property
    def depid(self) -> str:
        """The id of the deposit."""
        return self.record.id.hex

    @property
    def kind(self) -> str:
        """What it is shown as: `record` or `deposit`."""
        return "record" if self.as_record else "deposit"


def of_command(done: Deposit) -> Shown:
    """Return what a command stored."""
    return Shown(done.record, done.family, done.schema_version, bytes(done.document))


def of_found(found: Found) -> Shown:
    """Return a deposit that was read."""
    return Shown(found.record, found.family, found.schema_version, found.document or b"")


class Beside(Struct, frozen=True):
    """People and files of several; `files` are the first of each, where these are enough."""

    people: People
    files: dict[UUID, list[DraftFile]]

    def people_of(self, shown: Shown) -> People:
        """Return who holds something on one of them, and its owner."""
        own = {shown.family.owner, *shown.family.grants}
        return {who: each for who, each in self.people.items() if who in own}

    async def files_of(self, service: Service, shown: Shown) -> AsyncIterator[DraftFile]:
        """Give the files of one of them, as many as it shows."""
        if shown.files == 0:
            return
        count = 0
        if (known := self.files.get(shown.record.id)) is not None:
            for each in known[: shown.files]:
                yield each
            return
        async for each in files(service, shown.record, published=shown.as_record):
            yield each
            count += 1
            if count == shown.files:
                return


async def gathered(
    service: Service, actor: Actor, shown: Sequence[Shown], media_type: str
) -> Beside:
    """Read what a representation shows beside the documents of several."""
    if media_type in (media.BASIC, media.REPOSITORIES):
        return Beside({}, {})
    told = [each.family for each in shown if is_told(actor, each.family)]
    found = await people.holders(service, told) if told else {}
    if media_type == media.PERMISSIONS:
        return Beside(found, {})
    return Beside(found, await _first(service, [each for each in shown if each.files]))


async def _first(service: Service, shown: Sequence[Shown]) -> dict[UUID, list[DraftFile]]:
    """Return the first files of those that show some, but for whose first ones are too few."""
    found: dict[UUID, list[DraftFile]] = {}
    most = max((each.files for each in shown), default=0)
    if not most:
        return found
    drafts = [each.record for each in shown if _is_draft(each)]
    lists = [each.record.manifest for each in shown if not _is_draft(each)]
    firsts = await first_files.read(service.db, drafts, lists, most)
    for each in shown:
        if _is_draft(each):
            some, whole = firsts.of_draft(each.record)
        else:
            entries, whole = firsts.of_list(each.record.manifest)
            some = [of_version(each.record, entry) for entry in entries]
        complete = [file for file in some if file.state == "completed"]
        if whole or len(complete) >= most:
            found[each.record.id] = complete
    return found


async def files(service: Service, record: Record, *, published: bool) -> AsyncIterator[DraftFile]:
    """Give the complete files of a deposit, in order of key: the draft's, or those published."""
    after = ""
    while True:
        if record.draft is not None and not published:
            page = await draft_files.page(service.db, record, after)
        else:
            found = await manifest_pages.after(service.db, record.manifest, after)
            page = [of_version(record, each) for each in found]
        if not page:
            return
        for each in page:
            if each.state == "completed":
                yield each
        after = page[-1].key


def of_version(record: Record, entry: FileEntry) -> DraftFile:
    """Return a published file as one of a draft."""
    at = record.recorded_at
    return DraftFile(record.id, entry.key, "completed", at, at, entry.content)


def _is_draft(shown: Shown) -> bool:
    """Whether what is shown is an open draft."""
    return shown.record.draft is not None and not shown.as_record


def is_told(actor: Actor, family: Family) -> bool:
    """Whether who asks works with a record, and is told who else does."""
    own = {
        who: level
        for who, level in family.grants.items()
        if who != EVERYONE and who not in family.links
    }
    return access.level(actor, own) >= Level.VIEW
