"""A draft file's bytes, sent in pieces that may be interrupted: tus 1.0 beside the plain PUT.

The file's `links.content` is where uploads are made. The last piece of one ends in the same event
as a PUT of all; an upload whose last answer was lost, or was not given, ends there when it is next
asked about. Who may send is asked at each request. Source: tus resumable upload protocol 1.0.0.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

import falcon
from falcon.asgi import Request, Response

from api import bodies, tus
from api.idempotency import retry
from api.inveniordm import filing, resumable_again, schemas
from api.inveniordm.content import DraftContent
from api.inveniordm.resource import InvenioRdmResource
from api.keys import key_of
from api.receiving import arriving, on_files, pour
from domain.commands import draft_files as commands
from domain.errors import Conflict, Invalid, NotFound, TooLarge
from domain.log import AnsweredBefore
from domain.storage.uploads import Upload, Work, new_id
from domain.values import Content

PATIENCE = 15.0  # seconds without a byte, after which the rest is waited for no more


class ResumableContent(DraftContent):
    """/api/records/{pid}/draft/files/{key}/content"""

    media_types: ClassVar = {**DraftContent.media_types, "POST": ()}
    headers: ClassVar = {
        "POST": {
            "Tus-Resumable": tus.SPOKEN,
            "Upload-Length": tus.LENGTH,
            "Upload-Metadata": "pairs of a name and a value in base64; kept nowhere",
        }
    }

    async def on_options(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """204 with what is understood of tus."""
        tus.introduce(resp, self)

    async def on_post(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """201 with the Location of an upload by tus 1.0, of Upload-Length bytes.

        With Upload-Offset, and Upload-Expires unless it is complete.

        Raises NotFound, Forbidden, Invalid, Conflict for a complete file, 412 without a version.
        """
        tus.begin(req, resp)
        length, name = tus.length(req), key_of(key)
        at = f"/api/records/{pid}/draft/uploads"
        # Upload-Length is what is said in the place of a body.
        again = retry(req, b"%d" % length, lambda made: (201, f"{at}/{made.id}", None))
        uploads, id_ = self.service.uploads, new_id()
        try:
            upload = await self.service.run(
                req.context.actor, again, filing.upload, uploads, id_, pid, name, length
            )
        except AnsweredBefore as error:
            await resumable_again.created(self, req, resp, pid, error.answer)
            return
        if upload.is_complete:
            upload = await finished(self, req, upload)
        resp.status = 201
        resp.set_header("Location", f"{self.base(req)}{at}/{upload.id}")
        tus.describe(resp, upload)


class ResumableUpload(InvenioRdmResource):
    """/api/records/{pid}/draft/uploads/{upload}"""

    headers: ClassVar = {
        "POST": {
            **tus.PIECE,
            "X-HTTP-Method-Override": {
                "enum": ["PATCH", "DELETE"],
                "required": True,
                "description": "as which",
            },
        },
        "PATCH": tus.PIECE,
        "DELETE": {"Tus-Resumable": tus.SPOKEN},
    }
    request: ClassVar = {"PATCH": schemas.BYTES, "POST": schemas.BYTES}
    request_types: ClassVar = {"PATCH": tus.PATCH_TYPE, "POST": tus.PATCH_TYPE}
    may_be_empty: ClassVar = ("POST",)
    too_late = 400

    async def on_options(self, req: Request, resp: Response, pid: str, upload: str) -> None:
        """204 with what is understood of tus."""
        tus.introduce(resp, self)

    async def on_head(self, req: Request, resp: Response, pid: str, upload: str) -> None:
        """200 with Upload-Offset, Upload-Length and Upload-Expires: so much is here, and safe.

        Raises NotFound, Forbidden, Conflict while the last bytes are checked or once the file is
        complete.
        """
        found = await self._found(req, resp, pid, upload)
        if found.is_complete and not found.is_received:  # somebody was not told, or it ended then
            found = await finished(self, req, found)
        tus.describe(resp, found)
        resp.set_header("Upload-Length", str(found.length))

    async def on_patch(self, req: Request, resp: Response, pid: str, upload: str) -> None:
        """204 with the new Upload-Offset, when the bytes are safe; with the last the file has them.

        With Upload-Expires until then.

        Raises NotFound, Forbidden, Invalid, TooLarge past Upload-Length, Conflict where another
        Upload-Offset is due, Busy while another request is at work on the upload, 410 once it has
        expired, 412 without Tus-Resumable, 415, 460 for bytes of another Upload-Checksum.
        """
        async with arriving(req) as parts:
            found = await self._found(req, resp, pid, upload)
            offset, announced = tus.offset(req), tus.checksum(req)
            assert isinstance(req, bodies.Request)  # noqa: S101 - the application makes no other
            bodies.require_identity(req)
            if found.is_received:
                require(found, offset, req.content_length)
            else:
                async with on_files(self.service, self.service.uploads.open(upload)) as work:
                    require(work.upload, offset, req.content_length)
                    if not work.upload.is_complete:
                        await self._written(work, parts, announced)
                    if work.upload.is_complete:
                        await finish(self, req, work)
                    found = work.upload
        resp.status = 204
        tus.describe(resp, found)

    async def on_delete(self, req: Request, resp: Response, pid: str, upload: str) -> None:
        """204 when there is no such upload any more.

        Raises NotFound, Forbidden, Conflict, Busy, 410 once it has expired, 412.
        """
        found = await self._found(req, resp, pid, upload)
        if found.is_received:
            await self.service.on_file(partial(self.service.uploads.drop, upload))
        else:
            async with on_files(self.service, self.service.uploads.open(upload)) as work:
                await self.service.on_file(work.drop)
        resp.status = 204

    async def on_post(self, req: Request, resp: Response, pid: str, upload: str) -> None:
        """204 as PATCH or DELETE, which X-HTTP-Method-Override names: some proxies pass on neither.

        As PATCH with the new Upload-Offset and Upload-Expires.

        Raises as those do NotFound, Forbidden, Conflict, Busy, TooLarge, 410, 412, 415, 460, and
        Invalid without the header.
        """
        override = (req.get_header("X-HTTP-Method-Override") or "").upper()
        if override not in ("PATCH", "DELETE"):
            raise Invalid("X-HTTP-Method-Override must name PATCH or DELETE.")
        tus.begin(req, resp)
        handle = partial(
            self.on_patch if override == "PATCH" else self.on_delete, req, resp, pid, upload
        )
        names = ("Upload-Offset", "Content-Length", "Upload-Checksum")
        said = [override, *(req.get_header(name) or "" for name in names)]
        await resumable_again.once(self, req, resp, pid, " ".join(said), handle)

    async def _found(self, req: Request, resp: Response, pid: str, id_: str) -> Upload:
        """Return an upload that the actor may go on with.

        Raises NotFound, Forbidden, Conflict once the file is complete, falcon.HTTPError once the
        upload has expired.
        """
        tus.begin(req, resp)
        upload = await self.service.on_file(partial(self.service.uploads.find, id_))
        if upload is None or upload.record != pid:
            raise NotFound("There is no such upload.")
        actor = req.context.actor
        if upload.is_received:
            await self.service.run(actor, None, commands.one, pid, upload.key)
            return upload
        file = await self.service.run(actor, None, commands.receivable, pid, upload.key)
        if file.started_at != upload.started_at or upload.expires_at < datetime.now(UTC):
            raise falcon.HTTPGone(description="The upload has expired, or its file is gone.")
        return upload

    async def _written(
        self, work: Work, parts: AsyncGenerator[bytes, None], announced: dict[str, bytes]
    ) -> None:
        """Write a PATCH's bytes. What breaks off leaves what came, unless a digest was announced.

        Raises Invalid, TooLarge, OutOfSpace, falcon.HTTPError for another digest.
        """
        hashes = {name: hashlib.new(name, usedforsecurity=False) for name in announced}
        takers: list[Callable[[bytes], object]] = [each.update for each in hashes.values()]
        takers.append(work.write if announced else work.write_and_save)
        try:
            await pour(self.service, bounded(parts, work.upload), takers, PATIENCE)
        except Invalid:
            if not announced:
                await self.service.on_file(work.save)
            raise
        if any(hashes[name].digest() != digest for name, digest in announced.items()):
            raise tus.mismatch()
        await self.service.on_file(work.save)


def require(upload: Upload, offset: int, size: int | None) -> None:
    """Pass when bytes come where they belong, and not too many. Raises Conflict, TooLarge."""
    if offset != upload.offset:
        raise Conflict(f"The upload goes on at {upload.offset}, not {offset}.")
    if size is not None and offset + size > upload.length:
        raise too_large(upload.length)


def too_large(length: int) -> TooLarge:
    """Return the refusal of bytes past the end."""
    return TooLarge(f"The upload has {length} bytes in all, these go past its end.", length)


async def bounded(
    parts: AsyncGenerator[bytes, None], upload: Upload
) -> AsyncGenerator[bytes, None]:
    """Give the parts. Raises TooLarge when there are more than the upload is to have."""
    left = upload.length - upload.offset
    async for part in parts:
        left -= len(part)
        if left < 0:
            raise too_large(upload.length)
        yield part


async def finished(resource: InvenioRdmResource, req: Request, upload: Upload) -> Upload:
    """Give a file the bytes of a complete upload. Raises as `finish`, and Conflict."""
    service = resource.service
    async with on_files(service, service.uploads.open(upload.id)) as work:
        await finish(resource, req, work)
        return work.upload


async def finish(resource: InvenioRdmResource, req: Request, work: Work) -> None:
    """Hash what came, and have the file have it, if the actor may do that still.

    Nothing is lost where it cannot be: it is done when the upload is next asked about. Raises
    NotFound, Forbidden, Conflict once the file is complete, OutOfSpace.
    """
    service, upload = resource.service, work.upload
    while (blob := await service.hashed(work.digest)) is None:
        pass
    await service.on_file(partial(work.keep, service.blobs, blob))
    await req.context.gate.still_open(req, resource)
    content = Content(blob.sha256, blob.md5, blob.size)
    actor = req.context.actor
    await service.run(actor, None, commands.receive, upload.record, upload.key, content)
    await service.on_file(work.end)
