"""Files of an object: the list, one more, one with its bytes. Source: SampleDB "Files".

They belong to the object, not to a version of it. Whoever was granted something sees all. Who sees
the object only because it is public sees its files only while they are public too, and of these
only what came while they were: the stricter of then and now, as with versions. Source: DESIGN.md
"Who may do what".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import ClassVar

from falcon.asgi import Request, Response

from api.conditional import matches
from api.door import JSON, send_bytes
from api.sampledb import parse, render, replies, schemas, uploads
from api.sampledb.contents import keep, length, pieces
from api.sampledb.resource import SampleDbResource
from api.shapes import array
from api.viewing import viewable
from domain import access
from domain.access import Actor, Level
from domain.commands import files as commands
from domain.errors import Invalid, NotFound
from domain.log import Session
from domain.record import Record
from domain.storage.blobs import Blobs, require_intact
from domain.values import Content
from projections import files
from projections.files import PAGE, File
from projections.objects import Head


class Arriving:
    """A body that is to be a file: read once and stored once, however often that is decided."""

    def __init__(self, body: bytes, depth: int, blobs: Blobs) -> None:
        self._body = body
        self._depth = depth
        self._blobs = blobs

    @cached_property
    def wanted(self) -> uploads.Received | uploads.Linked:
        """What the body asks for. Raises Invalid, Forbidden."""
        return uploads.new_file(self._body, self._depth)

    @cached_property
    def stored(self) -> tuple[Content, Content | None]:
        """The bytes and their preview, durable. Raises OutOfSpace."""
        wanted = self.wanted
        assert isinstance(wanted, uploads.Received)  # noqa: S101 - nothing else has bytes
        content = keep(self._blobs, wanted.content, wanted.media_type)
        if wanted.preview is None:
            return content, None
        return content, keep(self._blobs, wanted.preview, wanted.preview_type)


def add(session: Session, object_id: str, arriving: Arriving) -> Record:
    """Give an object the file that a body asks for, all on a writer's thread.

    Nothing is stored before it is known that it may be.
    """
    record = commands.addable(session, object_id)
    wanted = arriving.wanted
    if wanted.object_id not in (None, record.number):
        raise Invalid(f"object_id must be {record.number}")
    if isinstance(wanted, uploads.Linked):
        return commands.link(session, record, wanted.url)
    content, preview = arriving.stored
    return commands.receive(
        session, record, wanted.name, content, preview=preview, sha512=wanted.sha512
    )


class Files(SampleDbResource):
    """/objects/{object_id}/files/"""

    answers: ClassVar = {"GET": array(replies.FILE)}
    request: ClassVar = {"POST": schemas.NEW_FILE}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with the files that the asker may see, without their bytes; streamed.

        Raises NotFound, Forbidden.
        """
        actor: Actor = req.context.actor
        head = await viewable(self.service, actor, object_id)
        access.require_version(actor, head.level, head.files, head.files)
        first = await self._page(head, -1)
        if len(first) < PAGE:
            send_bytes(resp, b"[%b]" % _lines(head, first))
            return
        resp.content_type = JSON
        resp.stream = self._listed(head, first)

    async def _page(self, head: Head, after: int) -> list[File]:
        granted = head.level >= Level.VIEW
        return await files.page(self.service.db, head.id, after, granted=granted)

    async def _listed(self, head: Head, page: list[File]) -> AsyncIterator[bytes]:
        opening = b"["
        while page:
            yield opening + _lines(head, page)
            opening = b","
            page = await self._page(head, page[-1].number) if len(page) == PAGE else []
        yield b"]"

    async def on_post(self, req: Request, resp: Response, object_id: str) -> None:
        """201 with the file's Location. Raises NotFound, Forbidden, Invalid, Conflict.

        Its bytes come in base64 within the largest JSON body: larger ones need another door.
        """
        body = await self.body(req)
        arriving = Arriving(body, self.service.limits.json_depth, self.service.blobs)
        await self.make(req, resp, body, self._made, add, object_id, arriving)

    def _made(self, record: Record) -> str:
        return f"{self.prefix}/objects/{record.number}/files/{record.files - 1}"


class OneFile(SampleDbResource):
    """/objects/{object_id}/files/{file}"""

    answers: ClassVar = {"GET": replies.FILE}

    async def on_get(self, req: Request, resp: Response, object_id: str, file: str) -> None:
        """200 with the file and its bytes in base64, 304 when the asker has it.

        The bytes are checked before the first is sent. Raises NotFound, Forbidden, Damaged.
        """
        actor: Actor = req.context.actor
        head = await viewable(self.service, actor, object_id)
        access.require_version(actor, head.level, head.files, head.files)
        found = await files.one(self.service.db, head.id, parse.number(file, "file"))
        if found is None:
            raise NotFound(f"There is no file {file} of object {object_id}.")
        access.require_version(actor, head.level, found.visible(datetime.now(UTC)), head.files)
        tag = render.etag(object_id, f"file{file}")
        if matches(req.get_header("If-None-Match"), tag):
            resp.status = 304
            resp.set_header("ETag", tag)
            return
        parts = render.file_in_parts(head.number, found)
        blobs = self.service.blobs
        for part in parts:
            if isinstance(part, Content):
                await self.service.slow(partial(require_intact, blobs, part.sha256))
        resp.set_header("ETag", tag)
        resp.content_type = JSON
        resp.content_length = length(parts)
        resp.stream = pieces(self.service, parts)


def _lines(head: Head, page: list[File]) -> bytes:
    return b",".join([render.file(head.number, each) for each in page])
