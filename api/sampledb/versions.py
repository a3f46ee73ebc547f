"""Versions of an object: read one, publish the next. Source: SampleDB "Objects"."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api import memento
from api.conditional import matches
from api.door import send, send_bytes
from api.idempotency import retry
from api.sampledb import embedding, parameters, parse, render, replies, schemas
from api.sampledb.resource import SampleDbResource
from api.service import Limits
from api.service import Version as Remembered
from api.viewing import known_open, remember_level
from domain import access
from domain.access import Actor
from domain.commands import objects as commands
from domain.commands.differing import Difference
from domain.errors import Invalid, NotFound
from domain.log import Session
from domain.record import Record
from projections import objects


def created(resp: Response, location: str, etag: str) -> None:
    """Answer 201 with where the version is."""
    send(resp, render.created(location), 201)
    resp.set_header("Location", location)
    resp.set_header("ETag", etag)


def publish(session: Session, object_id: str, body: bytes, limits: Limits) -> Record:
    """Read a body and publish the version it asks for, all on a writer's thread."""
    record = commands.writable(session, object_id)
    wanted = parse.new_version(body, limits.json_depth)
    if wanted.object_id is not None and wanted.object_id != record.number:
        raise Invalid(f"object_id must be {record.number}")
    difference = (
        None if wanted.difference is None else Difference(wanted.difference.raw, limits.json_bytes)
    )
    return commands.publish(
        session,
        record,
        document=wanted.document,
        expected=wanted.expected,
        difference=difference,
    )


class Versions(SampleDbResource):
    """/objects/{object_id}/versions/"""

    request: ClassVar = {"POST": schemas.NEW_VERSION}

    async def on_post(self, req: Request, resp: Response, object_id: str) -> None:
        """201 with the new version's Location.

        Raises NotFound, Forbidden, Stale, Invalid, TooLarge.
        """
        body = await self.body(req)
        record = await self.service.run(
            req.context.actor,
            retry(req, body, lambda record: (201, *self._made(record))),
            publish,
            object_id,
            body,
            self.service.limits,
        )
        created(resp, *self._made(record))

    def _made(self, record: Record) -> tuple[str, str]:
        version = str(record.versions - 1)
        location = f"{self.prefix}/objects/{record.number}/versions/{version}"
        return location, render.etag(str(record.number), version)


class Version(SampleDbResource):
    """/objects/{object_id}/versions/{version}"""

    answers: ClassVar = {"GET": replies.VERSION}
    query: ClassVar = {"GET": parameters.VERSION}

    async def on_get(self, req: Request, resp: Response, object_id: str, version: str) -> None:
        """200 with the version, its Link and Memento-Datetime; 304 when the asker has it.

        Raises NotFound, Forbidden, TooLarge.
        """
        actor: Actor = req.context.actor
        held = self.service.versions.get((object_id, version))
        if held is None or not (held.public or known_open(self.service, actor, held.family)):
            held = await self._read(actor, req.context.epoch, object_id, version)
        if req.query_string and (wanted := parse.embedded(req)):
            # Without a tag: what is embedded may change.
            body = await embedding.answer(self.service, actor, object_id, held.body, wanted)
            self._send(resp, object_id, version, held, body)
            return
        tag = render.etag(object_id, version)
        resp.set_header("ETag", tag)
        if matches(req.get_header("If-None-Match"), tag):
            resp.status = 304
            return
        self._send(resp, object_id, version, held, held.body)

    def _send(
        self, resp: Response, object_id: str, version: str, held: Remembered, body: bytes
    ) -> None:
        send_bytes(resp, body)
        resp.set_header("Memento-Datetime", held.memento)
        base = f"{self.prefix}/objects/{object_id}"
        # Who sees what is not public was granted something, and sees every version.
        resp.set_header("Link", memento.settled(base, version, earlier=not held.public))

    async def _read(self, actor: Actor, epoch: int, object_id: str, version: str) -> Remembered:
        number = parse.number(version, "version")
        found = await objects.version(self.service.db, object_id, number, actor.principals)
        if found is None:
            raise NotFound(f"There is no object {object_id}.")
        row = found.version
        if row is None:
            raise NotFound(f"There is no version {version} of object {object_id}.")
        remember_level(self.service, actor, found.family, found.level, epoch)
        access.require_version(actor, found.level, row.visibility, found.visibility)
        body = render.version(
            found.number,
            number,
            await self.service.number("actions", found.action),
            await self.service.number("accounts", row.by),
            row.recorded_at,
            await self.service.schema(found.action, row.schema_version),
            row.body,
        )
        public = row.visibility == found.visibility == "public"
        recorded = memento.http_date(row.recorded_at)
        held = Remembered(found.family, public, body, recorded)
        self.service.versions.put(
            (object_id, version), held, epoch, ("content", found.family), weight=len(body)
        )
        return held
