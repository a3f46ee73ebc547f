"""Manifest: the files of a version as one list, stored once by its digest.

The list is canonical JSON: entries in order of key, code point by code point, their members in
alphabetical order and absent when not known, no white space. It lies in the log in pages, so that
no event grows with the number of files; a stream's id is derived from the digest, so of two that
store the same list the second finds it there. Source: DESIGN.md "Files".
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from domain.event import Aggregate, Beginning, Change, Entry
from domain.identifiers import stream_of
from domain.values import Body, FileEntry, Manifest

PAGE = 500  # files a page
NO_FILES = Manifest("", 0, 0)  # of a list that was erased

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[FileEntry]).decode


class StoredManifest(Aggregate, frozen=True):
    """A list of files that lies in the log; its pages lie in the view `manifest_pages`."""

    manifest: Manifest
    pages: int


class ManifestStored(Beginning[StoredManifest], frozen=True, kw_only=True):
    """A list of files was stored, with its first page."""

    TOPIC: ClassVar[str] = "manifest.stored"
    manifest: Manifest
    files: Body

    def begin(self, entry: Entry[Any]) -> StoredManifest:
        """Return the list with one page."""
        return StoredManifest(*entry.place, manifest=self.manifest, pages=1)


class ManifestContinued(Change[StoredManifest], frozen=True, kw_only=True, omit_defaults=True):
    """A further page of a list, stored together with the first."""

    TOPIC: ClassVar[str] = "manifest.continued"
    page: int  # from 1; the first, in ManifestStored, is 0
    files: Body
    manifest: Manifest | None = None  # where the list was erased and comes again, with page 0

    def apply(self, aggregate: StoredManifest, entry: Entry[Any]) -> StoredManifest:
        """Return the list with one page more."""
        manifest = self.manifest or aggregate.manifest
        return aggregate.moved(entry, pages=self.page + 1, manifest=manifest)


class ManifestErased(Change[StoredManifest], frozen=True, kw_only=True):
    """A list that nothing names any more was erased with content of a record (domain/erasure)."""

    TOPIC: ClassVar[str] = "manifest.erased"
    record: UUID
    pages: int
    events: tuple[int, ...]  # of this stream, which are emptied

    def apply(self, aggregate: StoredManifest, entry: Entry[Any]) -> StoredManifest:
        """Return a list of which nothing is there."""
        return aggregate.moved(entry, pages=0, manifest=NO_FILES)


def erased(stored: StoredManifest, record: UUID) -> ManifestErased:
    """Decide that a list is gone; its pages came last."""
    events = range(stored.version - stored.pages + 1, stored.version + 1)
    return ManifestErased(record=record, pages=stored.pages, events=tuple(events))


def manifest_id(digest: str) -> UUID:
    """Return the stream of the list with this SHA-256."""
    return stream_of("manifest", digest)


def listed(files: Iterable[FileEntry]) -> tuple[Manifest, list[Body]]:
    """Return what names a list of one file or more, and its pages."""
    ordered = sorted(files, key=lambda each: each.key)
    starts = range(0, len(ordered), PAGE)
    pages = [_encode(ordered[at : at + PAGE]) for at in starts]
    digest = sha256(b"[")
    for at, page in enumerate(pages):
        digest.update(b"," * (at > 0) + page[1:-1])
    digest.update(b"]")
    size = sum(each.size for each in ordered)
    manifest = Manifest(digest.hexdigest(), len(ordered), size)
    return manifest, [Body(page) for page in pages]


def entries(page: Body) -> list[FileEntry]:
    """Return the files of a page."""
    return _decode(page)
