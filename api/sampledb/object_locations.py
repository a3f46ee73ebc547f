"""Where an object was put, time after time. Source: the specification, 2; SampleDB 0.33.

Shown to those who were granted something themselves or with all who are signed in, as are the
events of it: where things lie and who answers for them is not the public's affair. Instants have
six digits of a second: SampleDB's published client reads no others here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

import orjson
from falcon.asgi import Request, Response

from api.door import JSON, send
from api.sampledb import places_schemas, render, replies
from api.sampledb.fields import Fields
from api.sampledb.places import DESCRIPTION
from api.sampledb.resource import SampleDbResource
from api.shapes import array
from api.viewing import viewable
from domain import access
from domain.access import Actor, Level
from domain.commands import locations as commands
from domain.commands import objects
from domain.errors import NotFound
from domain.identifiers import NUMBER
from domain.log import Session
from domain.record import Record
from projections import grants, object_locations
from projections.object_locations import PAGE, Row
from projections.objects import Head


def assign(session: Session, object_id: str, body: bytes, depth: int) -> Record:
    """Read a body and put an object where it says, all on a writer's thread."""
    record = objects.writable(session, object_id)
    known = {"object_id", "location_id", "responsible_user_id", "description"}
    fields = Fields(body, depth, known)
    fields.same("object_id", str(record.number))
    return commands.assign(
        session,
        record,
        location=fields.integer_or_null("location_id", None),
        responsible=fields.integer_or_null("responsible_user_id", None),
        description=fields.words("description", "", longest=DESCRIPTION),
    )


class OfObject(SampleDbResource):
    """What is about where an object was."""

    async def shown(self, req: Request, object_id: str) -> Head:
        """Return an object whose locations the asker may see. Raises NotFound, Forbidden."""
        actor: Actor = req.context.actor
        head = await viewable(self.service, actor, object_id)
        own = await grants.highest(self.service.db, head.family, access.of_their_own(actor))
        access.require(actor, own, Level.VIEW, "see the locations of this object")
        return head


class ObjectLocations(OfObject):
    """/objects/{object_id}/locations/"""

    answers: ClassVar = {"GET": array(replies.ASSIGNMENT)}
    request: ClassVar = {"POST": places_schemas.NEW_ASSIGNMENT}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with every assignment, the first one first; streamed. Raises NotFound, Forbidden."""
        head = await self.shown(req, object_id)
        first = await object_locations.page(self.service.db, head.id, -1)
        if len(first) < PAGE:
            send(resp, [_assignment(head.number, each) for each in first])
            return
        resp.content_type = JSON
        resp.stream = self._listed(head, first)

    async def _listed(self, head: Head, page: list[Row]) -> AsyncIterator[bytes]:
        opening = b"["
        while page:
            yield opening + orjson.dumps([_assignment(head.number, each) for each in page])[1:-1]
            opening = b","
            page = await object_locations.page(self.service.db, head.id, page[-1].number)
        yield b"]"

    async def on_post(self, req: Request, resp: Response, object_id: str) -> None:
        """201 with the assignment's Location. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.make(req, resp, body, self._at, assign, object_id, body, depth)

    def _at(self, record: Record) -> str:
        return f"{self.prefix}/objects/{record.number}/locations/{record.locations - 1}"


class ObjectLocation(OfObject):
    """/objects/{object_id}/locations/{index}"""

    answers: ClassVar = {"GET": replies.ASSIGNMENT}

    async def on_get(self, req: Request, resp: Response, object_id: str, index: str) -> None:
        """200 with the assignment. Raises NotFound, Forbidden."""
        head = await self.shown(req, object_id)
        found = None
        if NUMBER.fullmatch(index) and len(index) <= 9:
            found = await object_locations.one(self.service.db, head.id, int(index))
        if found is None:
            raise NotFound(f"There is no location {index} of object {object_id}.")
        send(resp, _assignment(head.number, found))


def _assignment(number: int, row: Row) -> dict[str, Any]:
    return {
        "object_id": number,
        "location_id": row.location,
        "responsible_user_id": row.responsible,
        "user_id": row.user,
        "description": row.description,
        "utc_datetime": render.precise(row.recorded_at),
    }
