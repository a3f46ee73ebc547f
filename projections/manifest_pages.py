"""manifest_pages: the lists of files, page by page as they were stored. SQL: manifest_pages.sql.

A page is found by the first of its keys, so one file of many thousands costs what one of ten does.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from msgspec import Raw, Struct

from domain.event import Entry
from domain.manifest import ManifestContinued, ManifestErased, ManifestStored, entries, manifest_id
from domain.values import Body, FileEntry, Manifest
from projections.database import Db, fetch
from projections.view import Key, View


class Page(Struct, frozen=True):
    """Some files of a list, in order of key; `first` is the key of the first."""

    manifest: UUID
    page: int
    first: str
    files: Body


view = View("manifest_pages", Page, key=("manifest", "page"))


@view.on(ManifestStored)
def stored(entry: Entry[ManifestStored]) -> Iterator[tuple[Key, Page]]:
    """Give the first page."""
    yield _page(entry.stream, 0, entry.event.files)


@view.on(ManifestContinued)
def continued(entry: Entry[ManifestContinued]) -> Iterator[tuple[Key, Page]]:
    """Give a further page."""
    yield _page(entry.stream, entry.event.page, entry.event.files)


@view.on(ManifestErased)
def erased(entry: Entry[ManifestErased]) -> Iterator[tuple[Key, None]]:
    """Take all pages away."""
    for page in range(entry.event.pages):
        yield (entry.stream, page), None


def _page(manifest: UUID, page: int, files: Body) -> tuple[Key, Page]:
    return (manifest, page), Page(manifest, page, entries(files)[0].key, files)


def parameters(manifest: Manifest | None, key: str) -> dict[str, object]:
    """Return what asks SQL["holding"] for the page that has a key, if any has."""
    return {"manifest": None if manifest is None else manifest_id(manifest.digest), "key": key}


def found(page: bytes, key: str) -> FileEntry | None:
    """Return the file of a page that has a key."""
    return next((each for each in entries(Raw(page)) if each.key == key), None)


async def one(db: Db, manifest: Manifest | None, key: str) -> FileEntry | None:
    """Return a file of a list, or None when it has none of this key."""
    if manifest is None:
        return None
    rows = await fetch(db, view.sql["holding"], parameters(manifest, key))
    return found(rows[0][0], key) if rows else None


async def after(db: Db, manifest: Manifest | None, key: str) -> list[FileEntry]:
    """Return some files of a list that follow a key, in order of key; none: there are no more.

    The list begins after the key "".
    """
    if manifest is None:
        return []
    rows = await fetch(db, view.sql["after"], parameters(manifest, key))
    for (page,) in rows:
        some = [each for each in entries(Raw(page)) if each.key > key]
        if some:
            return some
    return []
