"""Drafts published. Source: InvenioRDM, "Publish a draft record"."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api import conditional
from api.idempotency import retry
from api.inveniordm import replies, showing
from api.inveniordm.drafts import DraftResource
from api.inveniordm.resource import etag, send_body
from domain.commands import drafts as commands
from domain.commands.drafts import Publication


class Publish(DraftResource):
    """/api/records/{pid}/draft/actions/publish"""

    answers: ClassVar = {"POST": replies.RECORD}
    scope = "actions"

    async def on_post(self, req: Request, resp: Response, pid: str) -> None:
        """202 with the record, its Location.

        Raises NotFound, Forbidden, Stale, Invalid with all that is wrong.
        Without a draft, as after a publish, NotFound.
        """
        expected = conditional.expected(req)
        body = await self.body(req)
        done = await self.service.run(
            req.context.actor, retry(req, body, _first_answer), commands.publish, pid, expected
        )
        found, newest = showing.of_publication(done)
        shown, _ = await showing.record(
            self.service, showing.asked(req), self.base(req), found, newest
        )
        send_body(req, resp, shown, 202)
        _, location, tag = _first_answer(done)
        resp.set_header("Location", location)
        resp.set_header("ETag", tag)


def _first_answer(done: Publication) -> tuple[int, str, str]:
    return 202, f"/api/records/{done.record.pid}", etag(done.record.version)
