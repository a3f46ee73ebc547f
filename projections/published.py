"""Published records as InvenioRDM's readers ask for them, with their families.

It has no table of its own. Its SQL is in published.sql.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import access
from domain.access import Level
from domain.errors import Gone
from domain.identifiers import PID, record_id
from domain.values import Access, FileOptions, Manifest, Visibility, visible
from projections import sql
from projections.database import Db, fetch, fetch_one
from projections.objects import array

SQL = sql.load("published")

BUDGET = 4 << 20  # bytes of documents that come with a page, at most

_access = msgspec.json.Decoder(Access)
_manifest = msgspec.json.Decoder(Manifest)
_options = msgspec.json.Decoder(FileOptions)


class Kin(Struct, frozen=True):
    """What of a family is shown with each of its records."""

    pid: str
    owner: UUID
    index: int  # of its newest published record
    last: int  # of its newest record, draft or not


class Newest(Struct, frozen=True):
    """The newest version of a record; `revision` is the record's, by its being published."""

    recorded_at: datetime
    revision: int
    visibility: Visibility  # as it was published
    opens_at: datetime | None  # when an embargo ends that it was published under
    body: bytes
    manifest: Manifest | None
    options: FileOptions | None

    def visible(self, now: datetime) -> Visibility:
        """Return its visibility at an instant."""
        return visible(self.visibility, self.opens_at, now)


class Found(Struct, frozen=True):
    """A record, its newest version, if it has one, and the rung that the asker holds on it."""

    id: UUID
    pid: str
    family: UUID
    action: UUID
    index: int
    created_at: datetime
    access: Access
    versions: int
    kin: Kin
    newest: Newest | None
    level: Level

    def open_at(self, now: datetime) -> bool:
        """Whether the newest version is open to the asker at an instant."""
        if self.newest is None:
            return False
        record = self.access.at(now).record
        return access.may_view_version(self.level, self.newest.visible(now), record)

    def may_list(self, now: datetime) -> bool:
        """Whether the asker, if it is open to him, may list its files at an instant."""
        files = self.access.at(now).of_files
        return access.may_view_version(self.level, files, files)


async def one(db: Db, pid: str, principals: Sequence[UUID]) -> Found | None:
    """Return the record that a public id names, also one that was never published; or None."""
    if not PID.fullmatch(pid):
        return None
    row = await fetch_one(db, SQL["one"], {"id": record_id(pid), "principals": array(principals)})
    return None if row is None else found(row)


async def those(db: Db, ids: Sequence[UUID], principals: Sequence[UUID]) -> list[Found]:
    """Return those of these records that are published, in their order, whoever may see them.

    A document beyond the budget is b"": `document` gives it.
    """
    params = {"ids": array(ids), "principals": array(principals), "budget": BUDGET}
    return [found(row) for row in await fetch(db, SQL["those"], params)]


async def document(db: Db, line: Found) -> bytes:
    """Return the newest document of a record that came without it. Raises Gone."""
    params = {"record": line.id, "number": line.versions - 1}
    row = await fetch_one(db, SQL["document"], params)
    if row is None:
        raise Gone("A version in the list was erased a moment ago; ask again.")
    body: bytes = row[0]
    return body


async def newest_of_family(db: Db, pid: str) -> str | None:
    """Return the public id of the newest published record of a family, by the family's; or None."""
    if not PID.fullmatch(pid):
        return None
    row = await fetch_one(db, SQL["newest_of_family"], {"pid": pid})
    return None if row is None else str(row[0])


async def first_published(db: Db, record: UUID) -> datetime:
    """Return when a published record's first version was recorded: its files are those since."""
    row = await fetch_one(db, SQL["first_published"], {"record": record})
    assert row is not None  # noqa: S101 - an erased version is known to have been
    since: datetime = row[0]
    return since


def found(row: tuple[Any, ...]) -> Found:
    """Return what a row says that has the columns of SQL["one"]."""
    newest = None
    if row[12] is not None:
        newest = Newest(
            recorded_at=row[12],
            revision=row[13],
            visibility=row[14],
            opens_at=row[15],
            body=row[16],
            manifest=None if row[17] is None else _manifest.decode(row[17]),
            options=None if row[18] is None else _options.decode(row[18]),
        )
    return Found(
        id=row[0],
        pid=row[1],
        family=row[2],
        action=row[3],
        index=row[4],
        created_at=row[5],
        access=_access.decode(row[6]),
        versions=row[7],
        kin=Kin(row[8], row[9], row[10], row[10] + (row[11] is not None)),
        newest=newest,
        level=Level(row[19]),
    )
