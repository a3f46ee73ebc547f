"""The files of drafts and of records, as far as who asks may see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from api.inveniordm.open_draft import open_draft
from api.inveniordm.records import opened
from api.service import Service
from domain import access
from domain.access import Actor
from domain.draft_files import DraftFile, wrong
from domain.errors import NoRecord, NotFound
from domain.record import Record
from domain.values import Content, FileEntry, FileOptions
from projections import draft_files, manifest_pages, published
from projections.published import Found, Newest


class OfDraft:
    """The files of an open draft."""

    def __init__(self, service: Service, record: Record, options: FileOptions) -> None:
        self.service = service
        self.record, self.options = record, options

    async def one(self, key: str) -> DraftFile:
        """Return the file that has a key. Raises NotFound."""
        _require_possible(key)
        found = await draft_files.one(self.service.db, self.record, key)
        return _there(found, key)

    async def pages(self) -> AsyncIterator[list[DraftFile]]:
        """Give all files, in order of key."""
        after = ""
        while page := await draft_files.page(self.service.db, self.record, after):
            yield page
            after = page[-1].key


class OfRecord:
    """The files of a published record: never others than those it was first published with."""

    def __init__(self, service: Service, found: Found, newest: Newest, since: datetime) -> None:
        self.service = service
        self.record, self.manifest, self.since = found.id, newest.manifest, since
        self.options = newest.options or FileOptions(enabled=newest.manifest is not None)

    async def one(self, key: str) -> DraftFile:
        """Return the file that has a key. Raises NotFound."""
        _require_possible(key)
        found = await manifest_pages.one(self.service.db, self.manifest, key)
        return _there(None if found is None else self._file(found), key)

    async def pages(self) -> AsyncIterator[list[DraftFile]]:
        """Give all files, in order of key."""
        after = ""
        while page := await manifest_pages.after(self.service.db, self.manifest, after):
            yield [self._file(each) for each in page]
            after = page[-1].key

    def _file(self, found: FileEntry) -> DraftFile:
        return DraftFile(self.record, found.key, "completed", self.since, self.since, found.content)


async def of_draft(service: Service, actor: Actor, pid: str) -> OfDraft:
    """Return the files of the open draft of a record. Raises NotFound, Anonymous, Forbidden."""
    found = await open_draft(service, actor, pid)
    return OfDraft(service, found.record, found.draft.files)


async def of_record(service: Service, actor: Actor, pid: str) -> OfRecord:
    """Return the files of a published record. Raises NotFound, Anonymous, Forbidden."""
    found = await published.one(service.db, pid, actor.principals)
    if found is None:
        raise NoRecord(f"There is no record {pid}.")
    newest = opened(actor, found)
    now = found.access.at(datetime.now(UTC)).of_files
    access.require_version(actor, found.level, now, now)
    return OfRecord(service, found, newest, await published.first_published(service.db, found.id))


async def with_started(
    pages: AsyncIterator[list[DraftFile]], started: dict[str, DraftFile]
) -> AsyncIterator[list[DraftFile]]:
    """Give files in order of key, and among them those just started as they were then."""
    left = dict(sorted(started.items()))
    async for page in pages:
        found = {each.key: each for each in page}
        for key in [key for key in left if key <= page[-1].key]:
            found[key] = left.pop(key)
        yield [found[key] for key in sorted(found)]
    if left:
        yield list(left.values())


def completed(file: DraftFile) -> Content:
    """Return the bytes of a file that are final. Raises NotFound."""
    if file.state != "completed" or file.content is None:
        raise NotFound(f"File {file.key} is not complete yet.")
    return file.content


def _require_possible(key: str) -> None:
    """Pass for what can be a key, and can be asked for as text. Raises NotFound."""
    if wrong(key):
        raise NotFound(f"There is no file {key!a}.")


def _there(file: DraftFile | None, key: str) -> DraftFile:
    if file is None:
        raise NotFound(f"There is no file {key}.")
    return file
