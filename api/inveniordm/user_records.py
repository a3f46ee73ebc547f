"""What somebody owns, drafts and records, searched. Source: InvenioRDM, "User Records"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast
from uuid import UUID

from falcon.asgi import Request, Response

from api.inveniordm import facets, hits, listing, replies, schemas, search, showing
from api.inveniordm.resource import InvenioRdmResource
from domain.access import Actor
from domain.errors import Anonymous
from projections import drafts, mine, published
from projections.mine import Facet, Place, Wanted
from projections.wanted import Sort


class UserRecords(InvenioRdmResource):
    """/api/user/records/"""

    answers: ClassVar = {"GET": replies.hits(replies.RECORD)}
    query: ClassVar = {"GET": schemas.OWN}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the asker's own drafts and records that a query finds.

        A record that is being edited is there once, as its draft, and so is a family whose next
        version is a draft. Raises Anonymous, Invalid, NotAcceptable.
        """
        actor: Actor = req.context.actor
        if actor.anonymous:
            raise Anonymous("Sign in to see your records.")
        service, shown = self.service, showing.asked(req)
        condition = await search.asked(service, req)
        default = search.sorted_by(condition, "updated-desc")
        page = listing.asked(req, search.SORTS, default, cursors=True)
        chosen = facets.chosen(req, mine.FACETS)
        wanted = Wanted(
            owner=actor.account,
            principals=actor.principals,
            condition=condition,
            sort=cast("Sort", page.sort),
            limit=page.size,
            offset=0 if page.after else page.offset,
            after=None if page.after is None else service.cursors.read(page.after, Place),
            all_versions=search.flag(req, "allversions"),
            selected=cast("dict[Facet, tuple[str, ...]]", await facets.selected(service, chosen)),
        )
        found = await mine.find(service.searching, wanted)

        async def read(records: Sequence[tuple[UUID, bool]]) -> list[hits.Line]:
            return await self._read(actor, records)

        await search.send_found(
            self, req, resp, "/api/user/records", shown, page, chosen, found, read
        )

    async def _read(self, actor: Actor, records: Sequence[tuple[UUID, bool]]) -> list[hits.Line]:
        """Return records, and drafts where it is the draft that was found, in their order."""
        db, principals = self.service.db, actor.principals
        lines: dict[UUID, hits.Line] = {}
        if ids := [id_ for id_, is_draft in records if is_draft]:
            lines |= {line.record.id: line for line in await drafts.those(db, ids, principals)}
        if ids := [id_ for id_, is_draft in records if not is_draft]:
            lines |= {line.id: line for line in await published.those(db, ids, principals)}
        return [lines[id_] for id_, _ in records if id_ in lines]
