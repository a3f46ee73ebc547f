"""Files of deposits, by bucket. Source: the CAP specification, "Endpoints", files."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import orjson
from falcon.asgi import Request, Response

from api import conditional
from api.cap import render, replies, schemas
from api.cap.reading import depid_of, readable
from api.cap.resource import CapResource, send, send_parts
from api.cap.shown import files, of_version
from api.door import JSON
from api.keys import key_of
from api.receiving import arriving, receive
from api.sending import UNTYPED, send_content
from domain.access import Actor, Level
from domain.commands import deposit_files as commands
from domain.draft_files import wrong
from domain.errors import Gone, NotFound
from domain.record import Record
from domain.values import Content
from projections import deposits, draft_files, manifest_pages

# As render.version_id writes them: nothing else is looked for in what was put before.
VERSION = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

UNWANTED = {"If-None-Match": "The ETag that it must not have; * for any."}


class DepositFiles(CapResource):
    """/api/deposits/{depid}/files"""

    answers: ClassVar = {"GET": replies.FILES}

    async def on_get(self, req: Request, resp: Response, depid: str) -> None:
        """200 with the deposit's files, in order of key. Raises NotFound, Gone, Forbidden."""
        found = await readable(self.service, req.context.actor, depid)
        await send_parts(resp, b"[]", self._parts(found.record), JSON)

    async def _parts(self, record: Record) -> AsyncIterator[bytes]:
        async for each in files(self.service, record, published=False):
            shown = render.file_entry("", each)
            yield orjson.dumps(
                {
                    "id": shown["version_id"],
                    "filename": shown["key"],
                    "filesize": shown["size"],
                    "checksum": shown["checksum"],
                }
            )


class BucketFile(CapResource):
    """/api/files/{bucket}/{key}"""

    answers: ClassVar = {"PUT": replies.FILE}
    media_types: ClassVar = {"GET": ("*/*",)}
    request: ClassVar = {"PUT": schemas.BYTES}
    request_types: ClassVar = {"PUT": UNTYPED}
    too_late = 400
    query: ClassVar = {"GET": schemas.VERSION}
    headers: ClassVar = {"PUT": UNWANTED, "DELETE": UNWANTED}

    async def on_get(self, req: Request, resp: Response, bucket: str, key: str) -> None:
        """200 with the file's bytes, 206 with a range of them, 304 when the asker has them.

        Raises NotFound, also for who may not see the deposit, Gone, Invalid, Stale.
        """
        name = key_of(key)
        content, since = await self._found(
            req.context.actor, depid_of(bucket), name, req.get_param("versionId")
        )
        await send_content(self.service, req, resp, content, name.rpartition("/")[2] or name, since)

    async def on_put(self, req: Request, resp: Response, bucket: str, key: str) -> None:
        """200 with the file, whose bytes are the body; those that it had are kept.

        Raises NotFound, Gone, Forbidden once the deposit is published, Stale, Invalid for a body
        that breaks off or is not as it was announced.
        """
        expected = conditional.expected_content(req)
        async with arriving(req) as parts:
            depid, name = depid_of(bucket), key_of(key)
            # Before bytes are taken in for nothing; decided when they are here.
            await self.service.run(
                req.context.actor, None, commands.receivable, depid, name, expected
            )
            blob = await receive(self.service, req, parts)
        await req.context.gate.still_open(req, self)
        filed = await self.service.run(
            req.context.actor,
            None,
            commands.put,
            depid,
            name,
            expected,
            sha256=blob.sha256,
            md5=blob.md5,
            size=blob.size,
        )
        send(resp, render.file_entry(self.base(req), filed.file), JSON)

    async def on_delete(self, req: Request, resp: Response, bucket: str, key: str) -> None:
        """204 when the deposit has the file no more.

        Raises NotFound, Gone, Forbidden, Stale, Invalid.
        """
        expected = conditional.expected_content(req)
        await self.service.run(
            req.context.actor, None, commands.remove, depid_of(bucket), key_of(key), expected
        )
        resp.status = 204

    async def _found(
        self, actor: Actor, depid: str, key: str, version: str | None
    ) -> tuple[Content, datetime]:
        """Return a file's bytes, now or of a version, and since when they are these.

        Who sees the record alone is given what is published. Raises NotFound, Gone.
        """
        none = NotFound("There is no such file.")
        found = await deposits.one(self.service.db, UUID(depid), actor.principals)
        if found is None or not found.is_deposit or found.level < Level.VIEW or wrong(key):
            raise none
        record = found.record
        if not record.exists:
            raise Gone("This deposit was deleted.")
        if found.level < Level.PREVIEW or record.draft is None:
            entry = await manifest_pages.one(self.service.db, record.manifest, key)
            file = None if entry is None else of_version(record, entry)
        else:
            file = await draft_files.one(self.service.db, record, key)
        if file is not None and file.state == "completed" and file.content is not None:
            named = render.version_id(record.id, key, file.content.sha256)
            if version in (None, named):
                return file.content, file.updated_at
        if version is not None and VERSION.fullmatch(version) and found.level >= Level.PREVIEW:
            async for at, content in deposits.contents(self.service.db, record.id, key):
                if version == render.version_id(record.id, key, content.sha256):
                    return content, at
        raise none
