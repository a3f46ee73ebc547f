"""Pages of records and drafts, and the ways to them. Source: InvenioRDM, `self_html`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import blake2b
from typing import ClassVar
from urllib.parse import urlsplit

from falcon.asgi import Request, Response

from api import addresses, shown_links
from api.conditional import matches
from api.door import Resource, send_bytes
from api.exports import gathering
from api.exports.forms import signs
from api.inveniordm import showing
from api.inveniordm.reading_files import OfDraft, OfRecord
from api.inveniordm.records import newest_of_family, opened
from api.inveniordm.showing import Asked
from api.pages.dialect import DIALECT
from api.pages.drawing import HEADERS, HTML
from api.pages.page import Around, Version, drawn
from api.service import Service
from domain import access
from domain.access import Actor, Level
from domain.commands.builtin import RECORD_MODEL
from domain.draft_files import DraftFile
from domain.errors import NoRecord
from projections import drafts, family_versions, published
from projections.family_versions import Wanted
from projections.published import Found, Newest

SHOWN = 100  # files, and versions, that a page lists


class Page(Resource):
    """A page. Who may see it is decided as for what it shows."""

    dialect = DIALECT
    needs_login = False
    takes_links = True
    media_types: ClassVar = {"GET": (HTML,)}
    parts: ClassVar = {
        "pid": "the public id of a record",
        "community": "the slug of a community, or its id",
    }

    def __init__(self, service: Service) -> None:
        self.service = service

    def root(self, req: Request) -> str:
        """Return what links of a page begin with: the path of the configured base."""
        return urlsplit(addresses.base(req, self.service.base_url)).path

    def lead(self, req: Request, resp: Response, path: str) -> None:
        """Answer that it is elsewhere, for now."""
        resp.status = 302
        resp.set_header("Location", self.root(req) + path + shown_links.kept(req))

    async def send(self, req: Request, resp: Response, body: bytes, around: Around) -> None:
        """Answer with the page of a record or draft, 304 when the asker has it."""
        language = showing.language(req)
        size = max(len(body), len(around.document or b""))
        self.show(req, resp, await self.service.weighed(size, drawn, body, around, language))

    def show(self, req: Request, resp: Response, page: bytes) -> None:
        """Answer with a page, 304 when the asker has it."""
        tag = f'"{blake2b(page, digest_size=12).hexdigest()}"'
        resp.set_headers(dict(HEADERS))
        resp.set_header("ETag", tag)
        if matches(req.get_header("If-None-Match"), tag):
            resp.status = 304
            return
        send_bytes(resp, page)
        resp.content_type = HTML


class Record(Page):
    """/records/{pid}"""

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the record's page, 304 when the asker has it; 302 from a parent to its newest.

        Link leads to what programs read of it (FAIR Signposting).

        Raises NotFound, Forbidden.
        """
        actor: Actor = req.context.actor
        found = await published.one(self.service.db, pid, actor.principals)
        if found is None:
            newest_pid = await newest_of_family(self.service, actor, pid)
            self.lead(req, resp, f"/records/{newest_pid}")
            return
        newest = opened(actor, found)
        asked = Asked(showing.language(req), pretty=False)
        base = addresses.base(req, self.service.base_url)
        body, refs = await showing.record(self.service, asked, base, found, newest)
        around = await self._around(req, found, newest)
        source = await gathering.gather(self.service, base, found, newest, refs)
        files = [
            gathering.file(base, pid, each.key, each.content)
            for each in around.files
            if source.is_open and each.content is not None
        ]
        signed = await self.service.weighed(len(source.document), signs, source, files)
        resp.set_header("Link", signed)
        await self.send(req, resp, body, around)

    async def _around(self, req: Request, found: Found, newest: Newest) -> Around:
        ours = found.action == RECORD_MODEL
        now = found.access.at(datetime.now(UTC)).of_files
        is_open = access.may_view_version(found.level, now, now)
        files: list[DraftFile] = []
        if is_open:
            pages = OfRecord(self.service, found, newest, found.created_at).pages()
            files = await _first(pages)
        versions, total = await _versions(self.service, req.context.actor, found.pid)
        return Around(
            root=self.root(req),
            query=shown_links.kept(req),
            files=files,
            all_files=newest.manifest.count if newest.manifest is not None and is_open else 0,
            versions=versions,
            all_versions=total,
            document=None if ours else newest.body,
            closed_files=not is_open and (newest.options is None or newest.options.enabled),
            version=found.versions - 1,
        )


class Latest(Page):
    """/records/{pid}/latest"""

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """302 to the page of the newest published version. Raises NotFound, Forbidden."""
        actor: Actor = req.context.actor
        found = await family_versions.latest(self.service.db, pid, actor.principals)
        if found is None:
            raise NoRecord(f"No version of {pid} is published.")
        opened(actor, found)
        self.lead(req, resp, f"/records/{found.pid}")


class Draft(Page):
    """/uploads/{pid}"""

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the draft's page, 304 when the asker has it.

        302 to a published record without a draft, or with one that the asker may not see. Raises
        NotFound, Forbidden.
        """
        actor: Actor = req.context.actor
        found = await drafts.one(self.service.db, pid, actor.principals)
        if found is None or found.level < Level.PREVIEW:
            record = await published.one(self.service.db, pid, actor.principals)
            if record is not None and record.versions:
                self.lead(req, resp, f"/records/{pid}")
                return
        if found is None:
            raise NoRecord(f"No draft of {pid} is open.")
        access.require(actor, found.level, Level.PREVIEW, "see this draft")
        asked = Asked(showing.language(req), pretty=False)
        base = addresses.base(req, self.service.base_url)
        kin = showing.kin_of(found.family)
        body = await showing.draft(self.service, asked, base, found.record, kin, found.draft)
        pages = OfDraft(self.service, found.record, found.draft.files).pages()
        open_draft = found.record.draft
        versions, total = await _versions(self.service, actor, pid)
        around = Around(
            root=self.root(req),
            query=shown_links.kept(req),
            files=await _first(pages),
            all_files=0 if open_draft is None else open_draft.files,
            versions=versions,
            all_versions=total,
            version=found.record.versions - 1 if found.record.versions else None,
        )
        await self.send(req, resp, body, around)


async def _first(pages: AsyncIterator[list[DraftFile]]) -> list[DraftFile]:
    files: list[DraftFile] = []
    async for page in pages:
        files += page
        if len(files) >= SHOWN:
            break
    return files[:SHOWN]


async def _versions(service: Service, actor: Actor, pid: str) -> tuple[list[Version], int]:
    wanted = Wanted(limit=SHOWN, budget=0)
    page = await family_versions.page(service.db, pid, actor.principals, wanted)
    if page is None:  # the draft was discarded a moment ago
        return [], 0
    return [
        Version(line.index, line.pid, line.newest.recorded_at)
        for line in page.lines
        if line.newest is not None
    ], page.total
