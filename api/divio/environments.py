"""What environments have beside: copies, and logs. Source: the Divio specification, "Endpoints"."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from falcon.asgi import Request, Response

from api import instants
from api.divio import fields, paging, replies
from api.divio.collections import ENVIRONMENTS
from api.divio.fields import Field
from api.divio.things import ThingResource, visible
from api.door import send
from api.service import Service
from domain.commands import applications
from domain.errors import Fault, Invalid
from domain.hosted import ENVIRONMENT, SLUG_LENGTH
from domain.identifiers import base32_of
from projections import hosted
from projections.hosted import Line

LINES = 100  # of a log, in an answer
SERVICE = "muniment"  # what the lines of a log are from


class Copy(ThingResource):
    """/apps/v3/environments/{uuid}/copy/"""

    takes: ClassVar = {"new_slug": Field("slug", required=True, most=SLUG_LENGTH)}
    request: ClassVar = {"POST": fields.schema(takes)}
    answers: ClassVar = {"POST": ENVIRONMENTS.schema}

    def __init__(self, service: Service) -> None:
        super().__init__(service, ENVIRONMENTS)

    async def on_post(self, req: Request, resp: Response, uuid: str) -> None:
        """201 with an environment that says the same. Raises Invalid, NotFound, Forbidden."""
        body, members = await self.members(req)
        new, faults = fields.read(members, self.takes)
        location, keys = self.collection.location, self.service.data_keys
        made = await self.run(req, body, location, applications.copy, keys, uuid, new, faults)
        await self.answer(resp, made, 201)
        resp.set_header("Location", location(made))


class Logs(ThingResource):
    """/apps/v3/environments/{uuid}/logs/"""

    answers: ClassVar = {"GET": replies.LOG}
    query: ClassVar = {
        "GET": {
            "from_ts": "an instant; lines are later",
            "to_ts": "an instant; lines are not later",
        }
    }

    def __init__(self, service: Service) -> None:
        super().__init__(service, ENVIRONMENTS)

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with the lines of its log, oldest first; `next` leads to those that follow.

        Raises NotFound, Invalid.
        """
        found = await visible(self.service, ENVIRONMENT, req.context.actor, uuid)
        since, until = _instant(req, "from_ts"), _instant(req, "to_ts")
        lines = await hosted.lines(self.service.db, found.id, since, until, LINES)
        last = lines[-1].recorded_at if lines else since
        following = {} if last is None else {"from_ts": last.isoformat()}
        following |= {} if until is None else {"to_ts": until.isoformat()}
        url = f"{self.base(req)}{req.path.rstrip('/')}/"
        shown = {
            "results": [
                {
                    "timestamp": each.recorded_at.isoformat(),
                    "service": SERVICE,
                    "message": _message(each),
                }
                for each in lines
            ],
            "next": f"{url}?{urlencode(following)}" if following else url,
            "previous": None,
        }
        send(resp, shown)


def _message(line: Line) -> str:
    """Return what a line of a log says."""
    said = f"version {line.number} of the environment was recorded"
    return said if line.deployment is None else f"{said}: deployment {base32_of(line.deployment)}"


def _instant(req: Request, name: str) -> datetime | None:
    """Return the instant that a parameter says, None without it. Raises Invalid."""
    text = paging.last(req, name)
    if not text:
        return None
    try:
        return instants.parse(name, text)
    except Invalid as error:
        raise Invalid(error.message, (Fault((name,), error.message),)) from error
