"""Record: one line of editing and the versions published from it.

Source: DESIGN.md "Words"; SampleDB "Objects".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.deployment import Deployment
from domain.draft import OpenDraft
from domain.errors import Conflict, Stale
from domain.event import Aggregate, Beginning, Change, Entry
from domain.languages import Words
from domain.values import Access, Body, Content, Embargo, FileOptions, Manifest, Visibility


class Past(Struct, frozen=True):
    """What of a published version is published again when it is restored."""

    number: int
    body: Body
    schema_version: int
    visibility: Visibility  # as it was published
    opens_at: datetime | None  # when an embargo ends that it was published under

    def closing(self, access: Access) -> Access:
        """Return an access that opens no version before both it and this version's own would."""
        open_ended = access.record == "restricted" and access.embargo is None
        if self.visibility == "public" or open_ended:
            return access
        if self.opens_at is None:
            return replace(access, record="restricted", embargo=None)
        if access.record == "restricted" and self.opens_at <= (access.opens_at or self.opens_at):
            return access
        return replace(access, record="restricted", embargo=Embargo(until=self.opens_at))


class Record(Aggregate, frozen=True):
    """A record as it stands: which documents it has is known, the documents lie elsewhere."""

    pid: str
    number: int  # SampleDB's object_id
    action: UUID
    family: UUID
    versions: int  # how many were published: 0, 1, 2 … are their numbers
    schema_version: int | None  # that the latest version satisfied
    access: Access
    files: int  # how many were received: 0, 1, 2 … are their numbers
    created_at: datetime
    index: int = 1  # its place in the family: the first record, the second …
    draft: OpenDraft | None = None  # None: none is open
    manifest: Manifest | None = None  # of the latest version; None: it has no files
    options: FileOptions | None = None  # of its files; None: it was never a draft
    locations: int = 0  # how many were assigned: 0, 1, 2 … are their numbers

    @property
    def exists(self) -> bool:
        """Whether anything is there: not after its only draft was discarded."""
        return self.versions > 0 or self.draft is not None

    def require_next(self, version: int | None = None) -> None:
        """Pass when a version can follow, and gets this number, or any. Raises Stale, Conflict."""
        if version is not None and version != self.versions:
            raise Stale(f"The next version of this object is {self.versions}, not {version}.")
        if self.draft is not None:
            raise Conflict(
                f"Object {self.number} has an open draft, {self.pid}: publish or discard it first."
            )

    def publish(
        self, body: Body, *, schema_version: int, valid_from: datetime | None = None
    ) -> Published:
        """Decide the next version. Raises Conflict."""
        self.require_next()
        return Published(
            number=self.versions,
            body=body,
            schema_version=schema_version,
            access=self.access,
            valid_from=valid_from,
            manifest=self.manifest,
            options=self.options,
        )

    def publish_draft(
        self,
        body: Body,
        *,
        schema_version: int,
        access: Access,
        manifest: Manifest | None,
        options: FileOptions,
    ) -> Published:
        """Decide that the open draft is the next version."""
        moved = self.versions > 0 and access != self.access
        return Published(
            number=self.versions,
            body=body,
            schema_version=schema_version,
            access=access,
            manifest=manifest,
            options=options,
            from_draft=True,
            family=self.family if moved else None,
        )

    def restore(self, past: Past) -> Published:
        """Decide a version that equals an earlier one, under the schema that one satisfied.

        What was restricted stays so: to restore is not to open. Raises Conflict.
        """
        self.require_next()
        return Published(
            number=self.versions,
            body=past.body,
            schema_version=past.schema_version,
            access=past.closing(self.access),
            restored_from=past.number,
            manifest=self.manifest,
            options=self.options,
        )

    def deploy(self, newest: Past, deployment: Deployment) -> Published:
        """Decide a version that says what the newest one does, and is deployed. Raises Conflict."""
        self.require_next()
        return Published(
            number=self.versions,
            body=newest.body,
            schema_version=newest.schema_version,
            access=self.access,
            manifest=self.manifest,
            options=self.options,
            deployment=deployment,
        )

    def change_access(self, access: Access) -> AccessChanged | None:
        """Decide who sees the record without a grant; None when it is so already."""
        if access == self.access:
            return None
        return AccessChanged(access=access, family=self.family)

    def receive(
        self,
        name: str,
        content: Content,
        *,
        preview: Content | None = None,
        sha512: str | None = None,
    ) -> FileReceived:
        """Decide a file whose bytes are durable."""
        return FileReceived(
            number=self.files,
            name=name,
            content=content,
            visibility=self.access.of_files,
            opens_at=self.access.opens_at,
            preview=preview,
            sha512=sha512,
        )

    def link(self, url: str) -> FileLinked:
        """Decide a file that lies elsewhere."""
        return FileLinked(
            number=self.files,
            url=url,
            visibility=self.access.of_files,
            opens_at=self.access.opens_at,
        )

    def assign_location(
        self, location: int | None, responsible: UUID | None, description: Words
    ) -> LocationAssigned:
        """Decide where what the record is about lies from now on, or who answers for it."""
        return LocationAssigned(
            number=self.locations,
            location=location,
            responsible=responsible,
            description=description,
        )


class RecordCreated(Beginning[Record], frozen=True, kw_only=True, omit_defaults=True):
    """A record began, under an action and in a family."""

    TOPIC: ClassVar[str] = "record.created"
    pid: str
    number: int
    action: UUID
    family: UUID
    access: Access
    index: int = 1  # its place in the family
    cloned_from: UUID | None = None  # the record whose document and files it began with

    def begin(self, entry: Entry[Any]) -> Record:
        """Return the record without any version."""
        return Record(
            *entry.place,
            pid=self.pid,
            number=self.number,
            action=self.action,
            family=self.family,
            versions=0,
            schema_version=None,
            access=self.access,
            files=0,
            created_at=entry.recorded_at,
            index=self.index,
        )


class Published(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """A version was published: the whole document, and how it stood to be read."""

    TOPIC: ClassVar[str] = "record.published"
    number: int  # of the version, from 0
    body: Body
    schema_version: int  # of the record's action, from 1
    access: Access
    valid_from: datetime | None = None  # None: since it was recorded
    manifest: Manifest | None = None  # None: no files
    restored_from: int | None = None  # the version whose document this one has again
    options: FileOptions | None = None  # of its files, where it was ever a draft
    from_draft: bool = False  # whether it was the open draft, which is gone with it
    family: UUID | None = None  # the record's, where its access is another from now on
    deployment: Deployment | None = None  # of an environment, where this version is deployed

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with one version more."""
        return aggregate.moved(
            entry,
            versions=self.number + 1,
            schema_version=self.schema_version,
            # A restored version may be closed in a record that is open, and stays, to others.
            access=self.access if self.restored_from is None else aggregate.access,
            draft=None if self.from_draft else aggregate.draft,
            manifest=self.manifest,
            options=self.options,
        )


class AccessChanged(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """The record was opened or closed; its versions keep the visibility they were published with.

    It closes at once, and opens what is published from now on: access.may_view_version.
    """

    TOPIC: ClassVar[str] = "record.access-changed"
    access: Access
    family: UUID  # the record's: who reads this need not look for it

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record under its new access."""
        return aggregate.moved(entry, access=self.access)


class CommentPosted(Change[Record], frozen=True, kw_only=True):
    """Somebody said something of what the record is about; no version was made by it."""

    TOPIC: ClassVar[str] = "record.comment-posted"
    number: int  # of the comment, among those of all records
    content: str

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record as it was: its comments lie elsewhere."""
        return aggregate.moved(entry)


class FileReceived(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """A file came, and no version was made by it. Its bytes lie in the store, by their SHA-256."""

    TOPIC: ClassVar[str] = "record.file-received"
    number: int  # of the file, from 0
    name: str  # as its sender calls it
    content: Content
    visibility: Visibility  # of the record's files when it came
    opens_at: datetime | None = None  # when an embargo ends that it came under
    preview: Content | None = None  # what to show of it
    sha512: str | None = None  # where its sender gave it, checked

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with one file more."""
        return aggregate.moved(entry, files=self.number + 1)


class FileLinked(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """A file was named that lies elsewhere; what is there is never fetched."""

    TOPIC: ClassVar[str] = "record.file-linked"
    number: int  # of the file, from 0
    url: str
    visibility: Visibility  # of the record's files when it was named
    opens_at: datetime | None = None  # when an embargo ends that it was named under

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with one file more."""
        return aggregate.moved(entry, files=self.number + 1)


class LocationAssigned(Change[Record], frozen=True, kw_only=True):
    """What the record is about was put somewhere, or somebody answers for it; no version is made.

    Source: SampleDB, "Object Locations".
    """

    TOPIC: ClassVar[str] = "record.location-assigned"
    number: int  # of the assignment, from 0
    location: int | None  # its number
    responsible: UUID | None  # the account that answers for it
    description: Words

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with one assignment more."""
        return aggregate.moved(entry, locations=self.number + 1)
