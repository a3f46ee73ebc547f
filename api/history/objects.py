"""An object as it stood: in both its times, or as the Memento protocol asks.

Source: DESIGN.md "Events", two times; RFC 7089.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from falcon.asgi import Request, Response

from api import instants, memento, problem, tombs
from api.door import Dialect
from api.sampledb import objects as sampledb
from domain import access
from domain.access import Actor, Level
from domain.errors import NotFound
from domain.instants import rfc3339
from projections import timeline, tombstones
from projections.timeline import Moment

SETTLED = timedelta(seconds=60)  # after it nothing is recorded with an earlier instant
CACHED = "private, max-age=86400"


class Object(sampledb.Object):
    """/objects/{object_id}"""

    query: ClassVar = {
        "GET": {
            "as_of": "only what was recorded by then: an instant, or a date, of RFC 3339",
            "valid_at": "the version in force then, by what it says of itself",
        }
    }

    dialects: ClassVar = {"GET": (sampledb.Object.dialect, problem.DIALECT)}
    headers: ClassVar = {"GET": {"Accept-Datetime": "the version current then: an HTTP date"}}

    def dialect_of(self, req: Request) -> Dialect:
        """Return SampleDB's dialect for what SampleDB has: the way to the current version."""
        return problem.DIALECT if _about_time(req) else super().dialect_of(req)

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """302 to the version current now or at an instant; Link leads to those around it.

        Raises Invalid, NotFound, Forbidden.
        """
        base = f"{self.prefix}/objects/{object_id}"
        resp.set_header("Vary", "Accept-Datetime")
        if not _about_time(req):
            await super().on_get(req, resp, object_id)
            resp.set_header("Link", ", ".join(memento.original(base)))
            return
        as_of = instants.parameter(req, "as_of")
        valid_at = instants.parameter(req, "valid_at")
        found = await self._found(req, object_id, as_of, valid_at)
        if found is None:
            raise NotFound(f"There is no object {object_id}.")
        actor: Actor = req.context.actor
        access.require_version(actor, found.level, found.visibility, found.visibility)
        await self._require_there(actor, object_id, found, as_of, valid_at)
        if (
            found.picked is None
            or found.then is None
            or not access.may_view_version(found.level, found.then, found.visibility)
        ):
            raise _nothing(found, as_of, valid_at)
        resp.status = 302
        resp.set_header("Location", f"{base}/versions/{found.picked.version}")
        resp.set_header("Link", memento.links(base, found.picked, found.around))
        if as_of is not None and instants.is_older(as_of, SETTLED):
            resp.set_header("Cache-Control", CACHED)

    async def _require_there(
        self,
        actor: Actor,
        object_id: str,
        found: Moment,
        as_of: datetime | None,
        valid_at: datetime | None,
    ) -> None:
        """Pass unless the version in force was erased. Raises Gone, NotFound to who sees no more.

        Who asks for the nearest version (Accept-Datetime) is led to one that is there.
        """
        if as_of is None and valid_at is None:
            return
        number = await tombstones.standing(self.service.db, object_id, as_of, valid_at)
        if number is None:
            return
        stone = await tombs.buried(self.service.db, object_id, [str(number)], actor.principals)
        raise _nothing(found, as_of, valid_at) if stone is None else tombs.gone(stone, object_id)

    async def _found(
        self, req: Request, object_id: str, as_of: datetime | None, valid_at: datetime | None
    ) -> Moment | None:
        db, principals = self.service.db, req.context.actor.principals
        if as_of is not None:
            instants.require_past("as_of", as_of)
        if valid_at is not None:
            return await timeline.valid(db, object_id, principals, valid_at, as_of)
        if as_of is not None:
            return await timeline.recorded(db, object_id, principals, as_of)
        return await timeline.nearest(db, object_id, principals, instants.accepted(req))


def _about_time(req: Request) -> bool:
    return (
        req.has_param("as_of")
        or req.has_param("valid_at")
        or req.get_header("Accept-Datetime") is not None
    )


def _nothing(found: Moment, as_of: datetime | None, valid_at: datetime | None) -> NotFound:
    """Return why no version answers.

    Who was granted nothing is told one thing, whatever the reason: that a version is hidden, and
    when hidden ones were recorded or valid, is nobody's affair who may not see them.
    """
    if found.level < Level.VIEW:
        return NotFound("None of the versions that you may see answers this.")
    if as_of is not None and as_of < found.began:
        return NotFound(
            f"The object was unborn at as_of {rfc3339(as_of)}: its first version was"
            f" recorded at {rfc3339(found.began)}."
        )
    known = "" if as_of is None else f" recorded by as_of {rfc3339(as_of)}"
    at = "" if valid_at is None else f" at valid_at {rfc3339(valid_at)}"
    return NotFound(f"No version{known} was valid yet{at}.")
