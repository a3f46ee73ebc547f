"""The first files of many drafts and lists, in two statements. It has no table of its own.

What each has beyond them is read page by page: projections/{draft_files,manifest_pages}.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Raw, Struct

from domain.draft_files import DraftFile
from domain.manifest import entries, manifest_id
from domain.record import Record
from domain.values import FileEntry, Manifest
from projections import draft_files, manifest_pages
from projections.database import Db, fetch
from projections.objects import array


class Firsts(Struct, frozen=True):
    """The first page of each list by the list's id, and the first `limit` rows of each draft."""

    pages: dict[UUID, list[FileEntry]]
    rows: dict[UUID, list[DraftFile]]
    limit: int

    def of_list(self, manifest: Manifest | None) -> tuple[list[FileEntry], bool]:
        """Return the first files of a list, in order of key, and whether they are all."""
        if manifest is None:
            return [], True
        page = self.pages.get(manifest_id(manifest.digest), [])
        return page, len(page) >= manifest.count

    def of_draft(self, record: Record) -> tuple[list[DraftFile], bool]:
        """Return the first files of an open draft, in order of key, and whether they are all."""
        rest, whole = self.of_list(_base(record))
        own = self.rows.get(record.id, [])
        parts = ([] if whole else rest, own if len(own) == self.limit else [])
        end = min((part[-1].key for part in parts if part), default=None)
        return draft_files.merged(record, rest, own, end), end is None


async def read(
    db: Db, drafts: Sequence[Record], lists: Iterable[Manifest | None], limit: int
) -> Firsts:
    """Read the first files of the open drafts of records, and of lists.

    As a rule they are `limit` of each, where there are so many.
    """
    named = {each for each in (*lists, *map(_base, drafts)) if each is not None}
    ids = array([manifest_id(each.digest) for each in named])
    pages = await fetch(db, manifest_pages.view.sql["firsts"], {"manifests": ids}) if named else []
    params = {"records": array([each.id for each in drafts]), "limit": limit}
    rows = await fetch(db, draft_files.view.sql["firsts"], params) if drafts else []
    found: dict[UUID, list[DraftFile]] = {}
    for file in map(draft_files.view.columns.load, rows):
        found.setdefault(file.record, []).append(file)
    return Firsts({id_: entries(Raw(page)) for id_, page in pages}, found, limit)


def _base(record: Record) -> Manifest | None:
    """Return the list that an open draft imported."""
    return None if record.draft is None else record.draft.base
