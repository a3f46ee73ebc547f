"""Files of deposits: put whole under a key, again and again, while the deposit is a draft.

Bytes that were there before stay in the store: their event names them. Source: the CAP
specification, "Endpoints", files by bucket.
"""

from __future__ import annotations

from collections.abc import Callable

from domain import access, media_types
from domain.commands import deposits, draft_files
from domain.commands.draft_files import Filed
from domain.commands.open_drafts import files
from domain.draft_files import (
    DraftFile,
    DraftFileCommitted,
    DraftFileRemoved,
    DraftFilesStarted,
    after,
    wrong,
)
from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.log import Session
from domain.record import Record
from domain.values import Content

Expected = Callable[[Content | None], bool]  # whether it may be these bytes that lie there, or none


def writable(session: Session, bucket: str, key: str) -> Record:
    """Return the record of a deposit that may have a file under a key.

    Raises Forbidden, NotFound, which a stranger is told too, Gone, Invalid.
    """
    access.require_scope(session.actor, "write")
    if reason := wrong(key):
        raise Invalid(reason)
    try:
        deposits.find(session, bucket)
    except Forbidden:
        raise NotFound(f"There is no bucket {bucket}.") from None
    return deposits.drafted(session, bucket)


def receivable(
    session: Session, bucket: str, key: str, expected: Expected
) -> tuple[Record, DraftFile | None]:
    """Return the record of a deposit that may have other bytes under a key, and the file there.

    Raises as `writable`, Stale when other bytes lie there than expected.
    """
    record = writable(session, bucket, key)
    there = files(session, record, [key]).get(key)
    _require(there, expected)
    return record, there


def put(
    session: Session, bucket: str, key: str, expected: Expected, *, sha256: str, md5: str, size: int
) -> Filed:
    """Have a deposit's file be these bytes, which are durable. Raises as `receivable`."""
    record, there = receivable(session, bucket, key, expected)
    content = Content(sha256, md5, size, media_types.of_name(key))
    if there is not None:
        if there.state == "completed" and there.content == content:
            return Filed(record, there)
        base = record.draft.base if record.draft else None
        held = base is not None and session.heads.manifest_file(base, key) is not None
        record = session.change(record, DraftFileRemoved(key=key, imported=held))
    record = session.change(record, DraftFilesStarted(keys=(key,)))
    at = session.entries[-1].recorded_at
    event = DraftFileCommitted(key=key, content=content, started_at=at)
    record = session.change(record, event)
    return Filed(record, after(session.entries[-1]))


def remove(session: Session, bucket: str, key: str, expected: Expected) -> Record:
    """Take a file away. Raises as `receivable`, NotFound."""
    record = writable(session, bucket, key)
    there = files(session, record, [key]).get(key)
    if there is not None:
        _require(there, expected)
    return draft_files.remove(session, record.pid, key)


def _require(there: DraftFile | None, expected: Expected) -> None:
    """Pass when what is read under a key is as expected. Raises Stale."""
    content = None if there is None or there.state != "completed" else there.content
    if not expected(content):
        raise Stale("The file is not the one expected.")
