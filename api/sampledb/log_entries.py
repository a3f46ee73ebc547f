"""The object log: what happened to the objects that one may read. Source: SampleDB "Object Log".

What is told of an object is what its own resources show: a version by its visibility, a file by
that of files, comments and locations to who was granted something. That an object was used is told
of the object used, to who may read it, and by what only where that may be read too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import orjson
from falcon.asgi import Request, Response
from msgspec import Struct

from api.door import JSON, send_bytes
from api.sampledb import parameters, parse, render, replies
from api.sampledb.resource import SampleDbResource
from api.service import Service
from api.shapes import array
from domain import access, heavy
from domain.access import Actor, Level
from domain.action import Type
from domain.mapper import UNREADABLE, read_state
from domain.record import CommentPosted, FileLinked, FileReceived, LocationAssigned
from domain.schemas.sampledb import uses
from domain.schemas.sampledb.uses import Use
from domain.values import visible
from projections import object_log
from projections.object_log import Happened, Page, Version, entry_id, save_of

LARGEST = (1 << 63) - 1  # of a number in the database
# What the type of an action and that of a reference make of the object referred to.
USED: dict[tuple[Type, str], tuple[str, str]] = {
    ("measurement", "sample"): ("USE_OBJECT_IN_MEASUREMENT", "measurement_id"),
    ("sample", "sample"): ("USE_OBJECT_IN_SAMPLE_CREATION", "sample_id"),
}
REFERENCED = ("REFERENCE_OBJECT_IN_METADATA", "object_id")


class ObjectLogEntries(SampleDbResource):
    """/object_log_entries/"""

    answers: ClassVar = {"GET": array(replies.HAPPENED)}
    query: ClassVar = {"GET": parameters.LOG_ENTRIES}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the entries after one, the newest first; streamed."""
        telling = _Telling(self.service, req.context.actor, parse.after_id(req))
        first = await telling.page(object_log.END)
        if first.before is None:
            send_bytes(resp, b"[%b]" % b",".join(await telling.lines(first)))
            return
        resp.content_type = JSON
        resp.stream = telling.pieces(first)


class _Entry(Struct, frozen=True):
    """An entry without its number, which its place among those of the event gives."""

    type: str
    object_id: int
    data: dict[str, Any]


class _Telling:
    """One answer: all entries after one, as far as the actor may see them."""

    def __init__(self, service: Service, actor: Actor, after: int) -> None:
        self.service = service
        self.actor = actor
        self.after = after

    async def page(self, before: int) -> Page:
        principals = self.actor.principals
        return await object_log.page(self.service.db, principals, save_of(self.after), before)

    async def pieces(self, page: Page) -> AsyncIterator[bytes]:
        opening = b"["
        while True:
            lines = await self.lines(page)
            if lines:
                yield opening + b",".join(lines)
                opening = b","
            if page.before is None:
                break
            page = await self.page(page.before)
        yield b"]" if opening == b"," else b"[]"

    async def lines(self, page: Page) -> list[bytes]:
        """Return the entries that a page of events makes."""
        used = await self._used(page)
        numbers = {number for found in used.values() for _, number in found}
        open_ = numbers and await object_log.viewed(self.service.db, self.actor.principals, numbers)
        lines = []
        for each in page.happened:
            by, own = _told(each)
            entries = [] if own is None else [(0, own)]
            entries += [
                (place, _use(each, kind, number))
                for place, (kind, number) in enumerate(used[each.position], 1)
                if number in open_
            ]
            user = await self.service.number("accounts", by) if by and entries else 0
            for place, entry in reversed(entries):
                number = entry_id(each.position, place)
                if number > self.after:
                    lines.append(_line(number, entry, user, each))
        return lines

    async def _used(self, page: Page) -> dict[int, list[Use]]:
        """Return what each version refers to that the one before did not, by its position."""
        found: dict[int, list[Use]] = {each.position: [] for each in page.happened}
        small: list[tuple[int, bytes | None, bytes]] = []
        for each in page.happened:
            version = each.version
            if version is None or not version.refers:
                continue
            if version.body is not None and (version.number == 0 or version.before is not None):
                small.append((each.position, version.before, version.body))
            else:
                found[each.position] = await self._uses_of_large(each.record, version)
        if small:
            found |= await self.service.slow(
                lambda: {position: _added(before, after) for position, before, after in small}
            )
        return found

    async def _uses_of_large(self, record: UUID, version: Version) -> list[Use]:
        numbers = [version.number] if version.number == 0 else [version.number - 1, version.number]
        held = await object_log.documents(self.service.db, record, numbers)
        before, after = held.get(version.number - 1), held[version.number]
        return await self.service.slow(lambda: _added(before, after))


def _added(before: bytes | None, after: bytes) -> list[Use]:
    if len(after) + len(before or b"") > heavy.LIGHT:
        found = heavy.call(uses.added, before, after)
    else:
        found = uses.added(before, after)
    return [(kind, number) for kind, number in found if number <= LARGEST]


def _told(each: Happened) -> tuple[Any, _Entry | None]:
    """Return who did it and what is told of an event to who asks; None: nothing."""
    if each.version is not None:
        return each.version.by, _of_version(each, each.version)
    if each.state is None:
        return None, None
    try:
        state = read_state(each.topic, each.state)
    except UNREADABLE:  # `muniment audit` says so
        return None, None
    event = state.event
    if isinstance(event, FileReceived | FileLinked):
        then = visible(event.visibility, event.opens_at, datetime.now(UTC))
        if access.may_view_version(each.level, then, each.access.of_files):
            return state.by, _Entry("UPLOAD_FILE", each.number, {"file_id": event.number})
    elif each.own >= Level.VIEW and isinstance(event, CommentPosted):
        return state.by, _Entry("POST_COMMENT", each.number, {"comment_id": event.number})
    elif each.own >= Level.VIEW and isinstance(event, LocationAssigned):
        data = {"object_location_assignment_id": event.number}
        return state.by, _Entry("ASSIGN_LOCATION", each.number, data)
    return None, None


def _of_version(each: Happened, version: Version) -> _Entry | None:
    if not _is_open(each, version):
        return None
    if version.number == 0:
        return _Entry("CREATE_OBJECT", each.number, {})
    data = {"version_id": version.number}
    if version.restored_from is None:
        return _Entry("EDIT_OBJECT", each.number, data)
    data["restored_version_id"] = version.restored_from
    return _Entry("RESTORE_OBJECT_VERSION", each.number, data)


def _is_open(each: Happened, version: Version) -> bool:
    return access.may_view_version(each.level, version.visibility, each.access.record)


def _use(each: Happened, kind: str, number: int) -> _Entry:
    """Return that an object was referred to; by what, only where that is open too."""
    assert each.version is not None  # noqa: S101 - nothing else refers
    type_, key = USED.get((each.version.type, kind), REFERENCED)
    return _Entry(type_, number, {key: each.number if _is_open(each, each.version) else None})


def _line(number: int, entry: _Entry, user: int, each: Happened) -> bytes:
    shown = {
        "log_entry_id": number,
        "type": entry.type,
        "object_id": entry.object_id,
        "user_id": user,
        "data": entry.data,
        "utc_datetime": render.instant(each.recorded_at),
        "is_imported": False,
    }
    return orjson.dumps(shown)
