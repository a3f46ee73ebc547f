"""Instruments and the categories of their logs: made and changed by administrators.

Source: the specification, 2; SampleDB "Instruments".
"""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.sampledb import places, places_schemas, replies
from api.sampledb.fields import Fields
from api.sampledb.resource import SampleDbResource
from api.shapes import array
from domain import access, instrument
from domain.access import Actor
from domain.commands import instruments as commands
from domain.commands.locations import require_administrator
from domain.errors import NotFound
from domain.identifiers import NUMBER
from domain.log import Session
from projections import instruments
from projections.instruments import Row


def create(session: Session, body: bytes, depth: int) -> instrument.Instrument:
    """Read a body and make the instrument it asks for, all on a writer's thread."""
    require_administrator(session)
    return commands.create(session, *places.new_instrument(body, depth))


def change(session: Session, number: str, body: bytes, depth: int) -> Row:
    """Read a body and change an instrument as it says. Return it as readers see it."""
    require_administrator(session)
    details, scientists = places.instrument(number, body, depth)
    now = commands.change(session, number, details, scientists)
    return Row(now.id, now.number, now.details, now.categories, sorted(set(scientists)))


def add_category(session: Session, number: str, body: bytes, depth: int) -> instrument.Instrument:
    """Read a body and give a log the category it asks for."""
    require_administrator(session)
    title = Fields(body, depth, {"title"}).text("title")
    return commands.add_category(session, number, title)


def rename_category(
    session: Session, number: str, category: str, body: bytes, depth: int
) -> instrument.Instrument:
    """Read a body and rename a category as it says."""
    require_administrator(session)
    fields = Fields(body, depth, {"category_id", "title"})
    fields.same("category_id", category)
    return commands.rename_category(session, number, category, fields.text("title"))


class OfInstrument(SampleDbResource):
    """What is about an instrument."""

    async def found(self, instrument_id: str) -> Row:
        """Return the instrument. Raises NotFound."""
        found = None
        if NUMBER.fullmatch(instrument_id):
            found = await instruments.one(self.service.db, int(instrument_id))
        if found is None:
            raise NotFound(f"There is no instrument {instrument_id}.")
        return found

    async def readable(self, req: Request, instrument_id: str) -> Row:
        """Return an instrument whose log the asker may read. Raises NotFound, Forbidden."""
        actor: Actor = req.context.actor
        found = await self.found(instrument_id)
        details = found.details
        access.require_log(
            actor, details.scientists, all_may=details.users_can_view_log_entries, what="read"
        )
        return found


class Instruments(SampleDbResource):
    """/instruments/"""

    answers: ClassVar = {"GET": array(replies.INSTRUMENT)}
    request: ClassVar = {"POST": places_schemas.NEW_INSTRUMENT}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with every instrument, by number."""
        rows = await instruments.every(self.service.db)
        send(resp, [places.shown_instrument(each) for each in rows])

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the instrument's Location. Raises Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.make(req, resp, body, self._at, create, body, depth)

    def _at(self, made: instrument.Instrument) -> str:
        return f"{self.prefix}/instruments/{made.number}"


class Instrument(OfInstrument):
    """/instruments/{instrument_id}"""

    answers: ClassVar = {"GET": replies.INSTRUMENT, "PUT": replies.INSTRUMENT}
    request: ClassVar = {"PUT": places_schemas.INSTRUMENT}

    async def on_get(self, req: Request, resp: Response, instrument_id: str) -> None:
        """200 with the instrument. Raises NotFound."""
        send(resp, places.shown_instrument(await self.found(instrument_id)))

    async def on_put(self, req: Request, resp: Response, instrument_id: str) -> None:
        """200 with the instrument as it is now. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        now = await self.service.run(req.context.actor, None, change, instrument_id, body, depth)
        send(resp, places.shown_instrument(now))


class LogCategories(OfInstrument):
    """/instruments/{instrument_id}/log_categories/"""

    answers: ClassVar = {"GET": array(replies.CATEGORY)}
    request: ClassVar = {"POST": places_schemas.CATEGORY}

    async def on_get(self, req: Request, resp: Response, instrument_id: str) -> None:
        """200 with the categories of the log, for who may read it. Raises NotFound, Forbidden."""
        row = await self.readable(req, instrument_id)
        numbers = range(1, len(row.categories) + 1)
        send(resp, [places.shown_category(row.categories, number) for number in numbers])

    async def on_post(self, req: Request, resp: Response, instrument_id: str) -> None:
        """201 with the category's Location. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.make(req, resp, body, self._at, add_category, instrument_id, body, depth)

    def _at(self, now: instrument.Instrument) -> str:
        return f"{self.prefix}/instruments/{now.number}/log_categories/{len(now.categories)}"


class LogCategory(OfInstrument):
    """/instruments/{instrument_id}/log_categories/{category_id}"""

    answers: ClassVar = {"GET": replies.CATEGORY, "PUT": replies.CATEGORY}
    request: ClassVar = {"PUT": places_schemas.CATEGORY_AGAIN}

    async def on_get(
        self, req: Request, resp: Response, instrument_id: str, category_id: str
    ) -> None:
        """200 with the category, for who may read the log. Raises NotFound, Forbidden."""
        row = await self.readable(req, instrument_id)
        if not (NUMBER.fullmatch(category_id) and 1 <= int(category_id) <= len(row.categories)):
            raise NotFound(f"There is no log category {category_id} of instrument {row.number}.")
        send(resp, places.shown_category(row.categories, int(category_id)))

    async def on_put(
        self, req: Request, resp: Response, instrument_id: str, category_id: str
    ) -> None:
        """200 with the category under its new title. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        now = await self.service.run(
            req.context.actor,
            None,
            rename_category,
            instrument_id,
            category_id,
            body,
            self.service.limits.json_depth,
        )
        send(resp, places.shown_category(now.categories, int(category_id)))
