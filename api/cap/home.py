"""Records in CAP's shape at /api/records: those that are at home here, or all where Accept says so.

Source: the CAP specification, "/api/records is shared with InvenioRDM".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from falcon.asgi import Request
from msgspec.structs import replace

from api import home
from api.cap import media, render, replies
from api.cap.shown import ALONE, LISTED, Beside, Shown, gathered
from api.cap.types import Types
from api.door import JSON
from api.service import Service
from api.shapes import Schema
from domain.access import Actor
from projections import deposits
from projections.published import Found, Newest


class Home:
    """See api.home.Home; `beside` are the media types of the other door."""

    def __init__(self, service: Service, types: Types, beside: Collection[str]) -> None:
        self._service = service
        self._types = types
        self._every = [JSON, *media.OWN, *(each for each in beside if each != JSON)]

    @property
    def shape(self) -> Schema:
        """Return the schema of a record as this door shows it where nothing is asked for."""
        return replies.SHAPES[JSON]

    @property
    def shapes(self) -> Mapping[str, Schema]:
        """Return the media types that it alone has, each with the schema of a record in it."""
        return replies.OTHERS

    def asked(self, req: Request) -> str | None:
        """Return which of its own media types a request would rather have than any; or None."""
        preferred = self._preferred(req)
        return preferred if preferred in media.OWN else None

    def elsewhere(self, req: Request) -> home.Elsewhere:
        """Return what shows the records that a request is to have in this door's shape."""
        return Elsewhere(self._service, self._types, req.context.actor, self._preferred(req))

    def _preferred(self, req: Request) -> str | None:
        return JSON if req.accept in media.UNSPECIFIC else req.client_prefers(self._every)


class Elsewhere:
    """See api.home.Elsewhere; `kind` is the media type that would rather be had than any.

    `known` and `beside` are what was read for a list, in which records show their first files.
    """

    def __init__(
        self,
        service: Service,
        types: Types,
        actor: Actor,
        kind: str | None,
        known: Mapping[UUID, deposits.Found] | None = None,
        beside: Beside | None = None,
    ) -> None:
        self._service = service
        self._types = types
        self._actor = actor
        self._kind = kind
        self._known = known
        self._beside = beside

    async def __call__(self, base: str, found: Found, newest: Newest) -> bytes | None:
        """Show a record, its links beginning with a base; None: it is not shown in CAP's shape."""
        if self._kind is None or not await self._shows(found):
            return None
        known = await self._read([found]) if self._known is None else self._known
        shown = _shown(found, newest, known[found.id], listed=self._known is not None)
        return await render.render(
            self._service, self._types, self._actor, base, shown, self._kind, self._beside
        )

    async def among(self, listed: Sequence[Found]) -> Elsewhere:
        """Return what shows these in a list: what it takes is read for all of them at once."""
        mine = [each for each in listed if await self._shows(each)]
        if self._kind is None or not mine:
            return self
        known = await self._read(mine)
        shown = [
            _shown(each, each.newest, known[each.id], listed=True)
            for each in mine
            if each.newest is not None
        ]
        beside = await gathered(self._service, self._actor, shown, self._kind)
        return Elsewhere(self._service, self._types, self._actor, self._kind, known, beside)

    async def _shows(self, found: Found) -> bool:
        if self._kind == JSON:
            return await self._types.has(found.action)
        return self._kind in media.OWN

    async def _read(self, records: Sequence[Found]) -> dict[UUID, deposits.Found]:
        ids = [each.id for each in records]
        return await deposits.standing(self._service.db, ids, self._actor.principals)


def _shown(found: Found, newest: Newest, one: deposits.Found, *, listed: bool) -> Shown:
    """Return a record as it was published, whatever became of its draft since."""
    record = replace(
        one.record,
        version=newest.revision,
        recorded_at=newest.recorded_at,
        manifest=newest.manifest,
    )
    files = LISTED if listed else ALONE
    return Shown(
        record,
        one.family,
        record.schema_version or one.schema_version,
        newest.body,
        as_record=True,
        files=files if found.may_list(datetime.now(UTC)) else 0,
    )
