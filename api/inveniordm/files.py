"""Files of drafts and records: lists; started, complete, removed, imported; one at a time.

Source: InvenioRDM, "Draft files", "Record files".
"""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.idempotency import retry
from api.inveniordm import files_again, filing, replies, schemas
from api.inveniordm.entries import Folder, entry, folder, send_list
from api.inveniordm.filing import Listed
from api.inveniordm.reading_files import OfDraft, of_draft, of_record, with_started
from api.inveniordm.resource import InvenioRdmResource, send
from api.keys import key_of
from domain.commands import draft_files as commands
from domain.event import Answer


class FilesResource(InvenioRdmResource):
    """A resource of a draft's files."""

    def folder(self, req: Request, pid: str) -> Folder:
        """Return where the files are."""
        return folder(self.base(req), pid, draft=True)

    async def answer(self, req: Request, resp: Response, done: Listed) -> None:
        """Answer 201 with all files."""
        pages = OfDraft(self.service, done.record, done.options).pages()
        where = self.folder(req, done.record.pid)
        shown = with_started(pages, done.started)
        await send_list(req, resp, where, done.options, shown, 201)
        say_where(resp, files_again.first_list(done))

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the body that a first answer had. Raises NotFound, Forbidden."""
        return await files_again.body(self.service, req, self.base(req), answer)


def say_where(resp: Response, first: tuple[int, str, str]) -> None:
    """Say what an answer is about, and at which revision of the draft, as it is said again."""
    _, location, tag = first
    resp.set_header("Location", location)
    resp.set_header("ETag", tag)


class DraftFiles(FilesResource):
    """/api/records/{pid}/draft/files"""

    answers: ClassVar = {"GET": replies.FILES, "POST": replies.FILES}
    request: ClassVar = {"POST": schemas.NEW_FILES}
    query: ClassVar = {"GET": schemas.PRETTY}

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the draft's files, in order of key; streamed where they are many.

        Raises NotFound, Forbidden, NotAcceptable.
        """
        files = await of_draft(self.service, req.context.actor, pid)
        await send_list(req, resp, self.folder(req, pid), files.options, files.pages())

    async def on_post(self, req: Request, resp: Response, pid: str) -> None:
        """201 with all files, the new ones pending, and the draft's ETag.

        All of them are started, or none.

        Raises NotFound, Forbidden, Invalid, Conflict where the draft is to have no files.
        """
        body = await self.body(req)
        actor, depth = req.context.actor, self.service.limits.json_depth
        again = retry(req, body, files_again.first_list)
        done = await self.service.run(actor, again, filing.start, pid, body, depth)
        await self.answer(req, resp, done)


class Import(FilesResource):
    """/api/records/{pid}/draft/actions/files-import"""

    answers: ClassVar = {"POST": replies.FILES}

    async def on_post(self, req: Request, resp: Response, pid: str) -> None:
        """201 with the files of the newest published version, which the draft has now too.

        No byte of them is copied. The ETag is the draft's. Raises NotFound without such a version,
        Forbidden, Invalid where the draft has files, Conflict where it is to have none.
        """
        again = retry(req, await self.body(req), files_again.first_list)
        done = await self.service.run(req.context.actor, again, filing.import_files, pid)
        await self.answer(req, resp, done)


class DraftFile(FilesResource):
    """/api/records/{pid}/draft/files/{key}"""

    answers: ClassVar = {"GET": replies.FILE}
    query: ClassVar = {"GET": schemas.PRETTY}

    async def on_get(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """200 with the file's metadata. Raises NotFound, Forbidden, Invalid, NotAcceptable."""
        files = await of_draft(self.service, req.context.actor, pid)
        send(req, resp, entry(self.folder(req, pid), await files.one(key_of(key))))

    async def on_delete(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """204 when the draft has the file no more. Raises NotFound, Forbidden, Invalid."""
        await self.service.run(req.context.actor, None, commands.remove, pid, key_of(key))
        resp.status = 204


class Commit(FilesResource):
    """/api/records/{pid}/draft/files/{key}/commit"""

    answers: ClassVar = {"POST": replies.FILE}

    async def on_post(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """200 with the file, which is complete; so again when it was already. With Location, ETag.

        Raises NotFound, Forbidden, Invalid, Conflict when nothing was uploaded.
        """
        name, body = key_of(key), await self.body(req)
        again = retry(req, body, files_again.first_file)
        filed = await self.service.run(
            req.context.actor, again, filing.commit, pid, name, self.service.blobs
        )
        send(req, resp, entry(self.folder(req, pid), filed.file))
        say_where(resp, files_again.first_file(filed))


class RecordFiles(InvenioRdmResource):
    """/api/records/{pid}/files"""

    answers: ClassVar = {"GET": replies.FILES}
    query: ClassVar = {"GET": schemas.PRETTY}

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the record's files, in order of key; streamed where they are many.

        Raises NotFound, Forbidden, NotAcceptable.
        """
        files = await of_record(self.service, req.context.actor, pid)
        where = folder(self.base(req), pid, draft=False)
        await send_list(req, resp, where, files.options, files.pages())


class RecordFile(InvenioRdmResource):
    """/api/records/{pid}/files/{key}"""

    answers: ClassVar = {"GET": replies.FILE}
    query: ClassVar = {"GET": schemas.PRETTY}

    async def on_get(self, req: Request, resp: Response, pid: str, key: str) -> None:
        """200 with the file's metadata. Raises NotFound, Forbidden, Invalid, NotAcceptable."""
        files = await of_record(self.service, req.context.actor, pid)
        where = folder(self.base(req), pid, draft=False)
        send(req, resp, entry(where, await files.one(key_of(key))))
