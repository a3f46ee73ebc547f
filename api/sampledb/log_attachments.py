"""What is attached to entries of an instrument's log: files and objects. Source: SampleDB."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import orjson
from falcon.asgi import Request, Response

from api.door import JSON, send
from api.sampledb import replies
from api.sampledb.contents import Part, length, pieces
from api.sampledb.instruments import OfInstrument
from api.shapes import array
from domain.errors import NotFound
from domain.identifiers import NUMBER
from domain.log_entry import Attachment, LogEntry
from domain.storage.blobs import require_intact
from domain.values import Content
from projections import log_entries


class OfEntry(OfInstrument):
    """What is about an entry of an instrument's log."""

    async def entry(self, req: Request, instrument_id: str, entry_id: str) -> LogEntry:
        """Return an entry of a log that the asker may read. Raises NotFound, Forbidden."""
        row = await self.readable(req, instrument_id)
        found = None
        if NUMBER.fullmatch(entry_id):
            found = await log_entries.head(self.service.db, row.id, int(entry_id))
        if found is None:
            raise NotFound(f"There is no log entry {entry_id} of instrument {row.number}.")
        return found

    async def send_parts(self, resp: Response, parts: list[Part]) -> None:
        """Answer with JSON and the contents between; each is checked before the first byte."""
        for part in parts:
            if isinstance(part, Content):
                await self.service.slow(partial(require_intact, self.service.blobs, part.sha256))
        resp.content_type = JSON
        resp.content_length = length(parts)
        resp.stream = pieces(self.service, parts)


class FileAttachments(OfEntry):
    """/instruments/{instrument_id}/log_entries/{entry_id}/file_attachments/"""

    answers: ClassVar = {"GET": array(replies.ATTACHED_FILE)}

    async def on_get(self, req: Request, resp: Response, instrument_id: str, entry_id: str) -> None:
        """200 with the files and their bytes in base64; streamed.

        Raises NotFound, Forbidden, Damaged.
        """
        found = await self.entry(req, instrument_id, entry_id)
        parts: list[Part] = [b"["]
        for number, each in enumerate(found.files, 1):
            parts += [b"," if number > 1 else b"", *_file(number, each)]
        await self.send_parts(resp, [*parts, b"]"])


class FileAttachment(OfEntry):
    """/instruments/{instrument_id}/log_entries/{entry_id}/file_attachments/{number}"""

    answers: ClassVar = {"GET": replies.ATTACHED_FILE}

    async def on_get(
        self, req: Request, resp: Response, instrument_id: str, entry_id: str, number: str
    ) -> None:
        """200 with the file and its bytes in base64. Raises NotFound, Forbidden, Damaged."""
        found = await self.entry(req, instrument_id, entry_id)
        at = _attached(number, len(found.files), "file", entry_id)
        await self.send_parts(resp, _file(at, found.files[at - 1]))


class ObjectAttachments(OfEntry):
    """/instruments/{instrument_id}/log_entries/{entry_id}/object_attachments/"""

    answers: ClassVar = {"GET": array(replies.ATTACHED_OBJECT)}

    async def on_get(self, req: Request, resp: Response, instrument_id: str, entry_id: str) -> None:
        """200 with the numbers of the objects. Raises NotFound, Forbidden."""
        found = await self.entry(req, instrument_id, entry_id)
        send(resp, [_object(number, each) for number, each in enumerate(found.objects, 1)])


class ObjectAttachment(OfEntry):
    """/instruments/{instrument_id}/log_entries/{entry_id}/object_attachments/{number}"""

    answers: ClassVar = {"GET": replies.ATTACHED_OBJECT}

    async def on_get(
        self, req: Request, resp: Response, instrument_id: str, entry_id: str, number: str
    ) -> None:
        """200 with the number of the object. Raises NotFound, Forbidden."""
        found = await self.entry(req, instrument_id, entry_id)
        at = _attached(number, len(found.objects), "object", entry_id)
        send(resp, _object(at, found.objects[at - 1]))


def _attached(number: str, count: int, what: str, entry_id: str) -> int:
    """Return the number of an attachment that there is. Raises NotFound."""
    if not (NUMBER.fullmatch(number) and 1 <= int(number) <= count):
        raise NotFound(f"There is no {what} attachment {number} of log entry {entry_id}.")
    return int(number)


def _file(number: int, attachment: Attachment) -> list[Part]:
    head = orjson.dumps({"file_attachment_id": number, "file_name": attachment.name})
    opening = head[:-1] + b',"base64_content":"'
    return [opening, attachment.content, b'","is_hidden":false}']


def _object(number: int, attached: int) -> dict[str, object]:
    return {"object_attachment_id": number, "object_id": attached, "is_hidden": False}
