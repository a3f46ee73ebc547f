"""The bytes of files: uploaded to a draft, downloaded from it and from records.

Source: InvenioRDM, "Upload a draft file's content", "Download a record file".
"""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.inveniordm import replies, schemas
from api.inveniordm.entries import entry, folder
from api.inveniordm.reading_files import completed, of_draft, of_record
from api.inveniordm.resource import InvenioRdmResource, send
from api.keys import key_of
from api.receiving import arriving, receive
from api.sending import UNTYPED, send_content
from api.service import Service
from domain.commands import draft_files as commands
from domain.draft_files import DraftFile
from domain.errors import Invalid
from domain.values import Content


class DraftContent(InvenioRdmResource):
    """/api/records/{pid}/draft/files/{key}/content"""

    answers: ClassVar = {"PUT": replies.FILE}
    media_types: ClassVar = {"GET": ("*/*",)}
    request: ClassVar = {"PUT": schemas.BYTES}
    request_types: ClassVar = {"PUT": UNTYPED}
    too_late = 400

    async def on_get(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """200 with the file's bytes, 206 with a range of them, 304 when the asker has them.

        Raises NotFound, Forbidden, Invalid, Stale.
        """
        files = await of_draft(self.service, req.context.actor, pid)
        await give(self.service, req, resp, await files.one(key_of(key)))

    async def on_put(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """200 with the file, still pending: its bytes are the body, of whatever type and size.

        Until it is committed they may be sent again. Raises NotFound, Forbidden, Conflict for a
        complete file, Invalid for a body that breaks off or is not as it was announced.
        """
        async with arriving(req) as parts:
            name = key_of(key)
            if req.get_header("Content-Range") is not None:  # RFC 9110, 14.5
                raise Invalid("A file is sent whole, not a range of it.")
            # Before bytes are taken in for nothing; decided when they are here.
            await self.service.run(req.context.actor, None, commands.receivable, pid, name)
            blob = await receive(self.service, req, parts)
        await req.context.gate.still_open(req, self)
        content = Content(blob.sha256, blob.md5, blob.size)
        filed = await self.service.run(
            req.context.actor, None, commands.receive, pid, name, content
        )
        send(req, resp, entry(folder(self.base(req), pid, draft=True), filed.file))


class RecordContent(InvenioRdmResource):
    """/api/records/{pid}/files/{key}/content"""

    media_types: ClassVar = {"GET": ("*/*",)}

    async def on_get(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """200 with the file's bytes, 206 with a range of them, 304 when the asker has them.

        Raises NotFound, Forbidden, Invalid, Stale.
        """
        files = await of_record(self.service, req.context.actor, pid)
        await give(self.service, req, resp, await files.one(key_of(key)))


async def give(service: Service, req: Request, resp: Response, file: DraftFile) -> None:
    """Answer with a complete file's bytes. Raises NotFound, falcon.HTTPError, Damaged."""
    name = file.key.rpartition("/")[2] or file.key
    await send_content(service, req, resp, completed(file), name, file.updated_at)
