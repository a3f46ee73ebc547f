"""The log of an instrument: its entries with their versions. Source: SampleDB 0.33.

Its scientists read and write it, and everybody who is signed in where the instrument says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar

import orjson
from falcon.asgi import Request, Response

from api.door import JSON, send
from api.sampledb import log_bodies, places, places_schemas, render, replies
from api.sampledb.contents import keep
from api.sampledb.instruments import OfInstrument
from api.shapes import array
from domain.commands import instruments as commands
from domain.errors import NotFound
from domain.identifiers import NUMBER
from domain.log import Session
from domain.log_entry import Attachment, LogEntry
from domain.storage.blobs import Blobs
from projections import log_entries
from projections.instruments import Row
from projections.log_entries import PAGE
from projections.log_texts import Written


class Arriving:
    """A body that is to be an entry: read once, its files stored once, however often decided."""

    def __init__(self, body: bytes, depth: int, blobs: Blobs) -> None:
        self._body = body
        self._depth = depth
        self._blobs = blobs

    @cached_property
    def wanted(self) -> log_bodies.NewEntry:
        """What the body asks for. Raises Invalid."""
        return log_bodies.new_entry(self._body, self._depth)

    @cached_property
    def stored(self) -> list[Attachment]:
        """The files, durable. Raises OutOfSpace."""
        return [
            Attachment(each.name, keep(self._blobs, each.content)) for each in self.wanted.files
        ]


def write(session: Session, instrument_id: str, arriving: Arriving) -> LogEntry:
    """Write what a body says into a log, all on a writer's thread.

    Nothing is stored before it is known that it may be.
    """
    instrument = commands.writable(session, instrument_id)
    wanted = arriving.wanted
    commands.require_entry(
        session, instrument, wanted.text, files=len(wanted.files), attached=wanted.objects
    )
    return commands.write(session, instrument, wanted.text, arriving.stored, wanted.objects)


def revise(
    session: Session, instrument_id: str, entry_id: str, body: bytes, depth: int
) -> LogEntry:
    """Write an entry anew as a body says."""
    text, expected = log_bodies.version(entry_id, body, depth)
    return commands.revise(session, instrument_id, entry_id, text, expected)


class OfLog(OfInstrument):
    """What is about an instrument's log."""

    def at(self, instrument_id: str, entry: LogEntry) -> str:
        """Return the path of an entry."""
        return f"{self.prefix}/instruments/{instrument_id}/log_entries/{entry.number}"

    async def entry(self, row: Row, entry_id: str) -> log_entries.Row:
        """Return an entry with its versions. Raises NotFound."""
        found = None
        if NUMBER.fullmatch(entry_id):
            found = await log_entries.one(self.service.db, row.id, int(entry_id))
        if found is None:
            raise NotFound(f"There is no log entry {entry_id} of instrument {row.number}.")
        return found


class LogEntries(OfLog):
    """/instruments/{instrument_id}/log_entries/"""

    answers: ClassVar = {"GET": array(replies.LOG_ENTRY)}
    request: ClassVar = {"POST": places_schemas.NEW_LOG_ENTRY}

    async def on_get(self, req: Request, resp: Response, instrument_id: str) -> None:
        """200 with the entries of the log, by number; streamed. Raises NotFound, Forbidden."""
        row = await self.readable(req, instrument_id)
        resp.content_type = JSON
        resp.stream = self._listed(row, await log_entries.page(self.service.db, row.id, -1))

    async def _listed(self, row: Row, page: list[log_entries.Row]) -> AsyncIterator[bytes]:
        opening = b"["
        while page:
            yield opening + orjson.dumps([_entry(row, each) for each in page])[1:-1]
            opening = b","
            full = len(page) == PAGE
            page = await log_entries.page(self.service.db, row.id, page[-1].number) if full else []
        yield b"]" if opening == b"," else b"[]"

    async def on_post(self, req: Request, resp: Response, instrument_id: str) -> None:
        """201 with the entry's Location. Raises NotFound, Forbidden, Invalid.

        Files come in base64 within the largest JSON body.
        """
        body = await self.body(req)
        arriving = Arriving(body, self.service.limits.json_depth, self.service.blobs)
        at = partial(self.at, instrument_id)
        await self.make(req, resp, body, at, write, instrument_id, arriving)


class LogEntryResource(OfLog):
    """/instruments/{instrument_id}/log_entries/{entry_id}"""

    answers: ClassVar = {"GET": replies.LOG_ENTRY}

    async def on_get(self, req: Request, resp: Response, instrument_id: str, entry_id: str) -> None:
        """200 with the entry and all its versions. Raises NotFound, Forbidden."""
        row = await self.readable(req, instrument_id)
        send(resp, _entry(row, await self.entry(row, entry_id)))


class LogVersions(OfLog):
    """/instruments/{instrument_id}/log_entries/{entry_id}/versions/"""

    answers: ClassVar = {"GET": array(replies.LOG_VERSION)}
    request: ClassVar = {"POST": places_schemas.LOG_ENTRY_VERSION}

    async def on_get(self, req: Request, resp: Response, instrument_id: str, entry_id: str) -> None:
        """200 with the versions of the entry. Raises NotFound, Forbidden."""
        row = await self.readable(req, instrument_id)
        found = await self.entry(row, entry_id)
        send(resp, _versions(row, found))

    async def on_post(
        self, req: Request, resp: Response, instrument_id: str, entry_id: str
    ) -> None:
        """201 with the version's Location, for who wrote the entry; what is attached stays.

        Raises NotFound, Forbidden, Invalid, Stale.
        """
        body = await self.body(req)
        depth = self.service.limits.json_depth
        at = partial(self._at, instrument_id)
        await self.make(req, resp, body, at, revise, instrument_id, entry_id, body, depth)

    def _at(self, instrument_id: str, now: LogEntry) -> str:
        return f"{self.at(instrument_id, now)}/versions/{now.versions}"


class LogVersion(OfLog):
    """/instruments/{instrument_id}/log_entries/{entry_id}/versions/{version}"""

    answers: ClassVar = {"GET": replies.LOG_VERSION}

    async def on_get(
        self, req: Request, resp: Response, instrument_id: str, entry_id: str, version: str
    ) -> None:
        """200 with the version of the entry. Raises NotFound, Forbidden."""
        row = await self.readable(req, instrument_id)
        for each in _versions(row, await self.entry(row, entry_id)):
            if version == str(each["version_id"]):
                send(resp, each)
                return
        raise NotFound(f"There is no version {version} of log entry {entry_id}.")


def _entry(row: Row, found: log_entries.Row) -> dict[str, Any]:
    return {
        "log_entry_id": found.number,
        "author": found.author,
        "versions": _versions(row, found),
    }


def _versions(row: Row, found: log_entries.Row) -> list[dict[str, Any]]:
    return [_version(row.categories, found.number, each) for each in found.versions]


def _version(titles: Sequence[str], entry: int, written: Written) -> dict[str, Any]:
    text = written.text
    return {
        "log_entry_id": entry,
        "version_id": written.number,
        "utc_datetime": render.precise(written.recorded_at),
        "content": text.content,
        "categories": [places.shown_category(titles, number) for number in text.categories],
        "event_utc_datetime": None if text.event_at is None else render.precise(text.event_at),
        "content_is_markdown": text.content_is_markdown,
    }
