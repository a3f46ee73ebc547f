"""What requests do with a draft's files, each all on a writer's thread."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from api.inveniordm import parse
from domain import heavy, media_types
from domain.commands import draft_files as commands
from domain.commands.draft_files import Filed
from domain.commands.open_drafts import document_of
from domain.draft_files import DraftFile, DraftFilesStarted
from domain.event import Entry
from domain.log import Session
from domain.record import Record
from domain.storage import images
from domain.storage.blobs import Blobs
from domain.storage.uploads import Upload, Uploads
from domain.values import FileOptions


class Listed(Struct, frozen=True):
    """A record, whose draft has other files now, how they are shown, and what was just started."""

    record: Record
    options: FileOptions
    started: dict[str, DraftFile]


def start(session: Session, pid: str, body: bytes, depth: int) -> Listed:
    """Announce the files that a body names."""
    few = len(body) <= heavy.LIGHT
    keys = parse.keys(body, depth) if few else heavy.call(parse.keys, body, depth)
    record = commands.start(session, pid, keys)
    options = document_of(session, record).files
    return Listed(record, options, started_by(session.entries[-1]))


def upload(session: Session, uploads: Uploads, id_: str, pid: str, key: str, length: int) -> Upload:
    """Begin an upload of so many bytes, if the file may have them."""
    file = commands.receivable(session, pid, key)
    return uploads.create(id_, pid, key, file.started_at, length)


def commit(session: Session, pid: str, key: str, blobs: Blobs) -> Filed:
    """Have a file be complete, with what its name and its bytes say of it."""
    content = commands.one(session, pid, key).content
    width, height = (content and images.pixels(blobs, content)) or (None, None)
    media_type = media_types.of_name(key)
    return commands.commit(session, pid, key, media_type=media_type, width=width, height=height)


def import_files(session: Session, pid: str) -> Listed:
    """Give a draft the files of the newest published version."""
    record = commands.import_files(session, pid)
    return Listed(record, document_of(session, record).files, {})


def started_by(entry: Entry[Any]) -> dict[str, DraftFile]:
    """Return the files that an event started, by their keys."""
    event, at = entry.event, entry.recorded_at
    if not isinstance(event, DraftFilesStarted):
        return {}
    return {key: DraftFile(entry.stream, key, "pending", at, at, None) for key in event.keys}
