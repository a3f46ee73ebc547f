"""Locations and their types: read by every user, made and changed by administrators.

Source: the specification, 2; SampleDB 0.33, PUT and POST /locations/.
"""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.sampledb import places, places_schemas, replies
from api.sampledb.resource import SampleDbResource
from api.shapes import array
from domain import location
from domain.commands import locations as commands
from domain.errors import NotFound
from domain.identifiers import NUMBER
from domain.log import Session
from projections import location_types, locations


def create(session: Session, body: bytes, depth: int) -> location.Location:
    """Read a body and make the location it asks for, all on a writer's thread."""
    commands.require_administrator(session)
    return commands.create(session, places.new_location(body, depth))


def change(session: Session, number: str, body: bytes, depth: int) -> location.Location:
    """Read a body and change a location as it says."""
    commands.require_administrator(session)
    return commands.change(session, number, places.location(number, body, depth))


def create_type(session: Session, body: bytes, depth: int) -> location.LocationType:
    """Read a body and make the location type it asks for."""
    commands.require_administrator(session)
    return commands.create_type(session, places.new_location_type(body, depth))


def change_type(session: Session, number: str, body: bytes, depth: int) -> location.LocationType:
    """Read a body and change a location type as it says."""
    commands.require_administrator(session)
    return commands.change_type(session, number, places.location_type(number, body, depth))


class Locations(SampleDbResource):
    """/locations/"""

    answers: ClassVar = {"GET": array(replies.LOCATION)}
    request: ClassVar = {"POST": places_schemas.NEW_LOCATION}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with every location, by number."""
        rows = await locations.every(self.service.db)
        send(resp, [places.shown_location(each.number, each.details) for each in rows])

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the location's Location. Raises Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.make(req, resp, body, self._at, create, body, depth)

    def _at(self, made: location.Location) -> str:
        return f"{self.prefix}/locations/{made.number}"


class Location(SampleDbResource):
    """/locations/{location_id}"""

    answers: ClassVar = {"GET": replies.LOCATION, "PUT": replies.LOCATION}
    request: ClassVar = {"PUT": places_schemas.LOCATION}

    async def on_get(self, req: Request, resp: Response, location_id: str) -> None:
        """200 with the location. Raises NotFound."""
        found = None
        if NUMBER.fullmatch(location_id):
            found = await locations.one(self.service.db, int(location_id))
        if found is None:
            raise NotFound(f"There is no location {location_id}.")
        send(resp, places.shown_location(found.number, found.details))

    async def on_put(self, req: Request, resp: Response, location_id: str) -> None:
        """200 with the location as it is now. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        now = await self.service.run(req.context.actor, None, change, location_id, body, depth)
        send(resp, places.shown_location(now.number, now.details))


class LocationTypes(SampleDbResource):
    """/location_types/"""

    answers: ClassVar = {"GET": array(replies.LOCATION_TYPE)}
    request: ClassVar = {"POST": places_schemas.NEW_LOCATION_TYPE}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with every location type, by number."""
        rows = await location_types.every(self.service.db)
        made = [places.shown_type(each.number, each.details) for each in rows]
        send(resp, [*places.built_in(), *made])

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the type's Location. Raises Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.make(req, resp, body, self._at, create_type, body, depth)

    def _at(self, made: location.LocationType) -> str:
        return f"{self.prefix}/location_types/{made.number}"


class LocationType(SampleDbResource):
    """/location_types/{location_type_id}"""

    answers: ClassVar = {"GET": replies.LOCATION_TYPE, "PUT": replies.LOCATION_TYPE}
    request: ClassVar = {"PUT": places_schemas.LOCATION_TYPE}

    async def on_get(self, req: Request, resp: Response, location_type_id: str) -> None:
        """200 with the location type. Raises NotFound."""
        for each in places.built_in():
            if location_type_id == str(each["location_type_id"]):
                send(resp, each)
                return
        found = None
        if NUMBER.fullmatch(location_type_id):
            found = await location_types.one(self.service.db, int(location_type_id))
        if found is None:
            raise NotFound(f"There is no location type {location_type_id}.")
        send(resp, places.shown_type(found.number, found.details))

    async def on_put(self, req: Request, resp: Response, location_type_id: str) -> None:
        """200 with the location type as it is now. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        now = await self.service.run(
            req.context.actor, None, change_type, location_type_id, body, depth
        )
        send(resp, places.shown_type(now.number, now.details))
