"""Records in CAP's shape at /api/records: those that are at home here, or all where Accept says so.

Source: the CAP specification, "/api/records is shared with InvenioRDM".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from falcon.asgi import Request
from msgspec.structs import replace

from api import home
from api.cap import media, render, replies
from api.cap.render import Shown
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
    def shapes(self) -> Mapping[str, Schema]:
        """Return the media types that it alone has, each with the schema of a record in it."""
        return replies.OTHERS

    def asked(self, req: Request) -> str | None:
        """Return which of its own media types a request would rather have than any; or None."""
        preferred = self._preferred(req)
        return preferred if preferred in media.OWN else None

    def elsewhere(self, req: Request) -> home.Elsewhere:
        """Return what shows the records that a request is to have in this door's shape."""
        preferred, actor = self._preferred(req), req.context.actor

        async def show(base: str, found: Found, newest: Newest) -> bytes | None:
            if preferred in media.OWN:
                return await self._record(actor, base, found, newest, preferred)
            if preferred == JSON and await self._types.has(found.action):
                return await self._record(actor, base, found, newest, JSON)
            return None

        return show

    def _preferred(self, req: Request) -> str | None:
        return JSON if req.accept in media.UNSPECIFIC else req.client_prefers(self._every)

    async def _record(
        self, actor: Actor, base: str, found: Found, newest: Newest, kind: str
    ) -> bytes:
        one = await deposits.one(self._service.db, found.id, actor.principals)
        assert one is not None  # noqa: S101 - it was found
        # As it was published, whatever became of its draft since.
        record = replace(
            one.record,
            version=newest.revision,
            recorded_at=newest.recorded_at,
            manifest=newest.manifest,
        )
        shown = Shown(
            record,
            one.family,
            record.schema_version or one.schema_version,
            newest.body,
            as_record=True,
            files=None if found.may_list(datetime.now(UTC)) else 0,
        )
        return await render.render(self._service, self._types, actor, base, shown, kind)
