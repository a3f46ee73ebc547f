"""The records in a community. Source: InvenioRDM, "Records & communities"."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.inveniordm import parse, replies, schemas, search
from api.inveniordm.communities.finding import seen
from api.inveniordm.communities.render import url_of
from api.inveniordm.resource import InvenioRdmResource, send
from domain.commands import inclusions as commands
from domain.group import Group
from domain.log import Session

NAME = "records"


def remove(session: Session, text: str, body: bytes, depth: int) -> Group:
    """Read a body and take the records out that it names, all or none, on a writer's thread."""
    return commands.remove(session, text, parse.ids(body, depth, NAME))


class CommunityRecords(InvenioRdmResource):
    """/api/communities/{community}/records"""

    answers: ClassVar = {"GET": replies.hits(replies.RECORD), "DELETE": replies.NOT_TAKEN_OUT}
    request: ClassVar = {"DELETE": schemas.named(NAME)}
    query: ClassVar = {"GET": schemas.SEARCH}

    async def on_get(self, req: Request, resp: Response, community: str) -> None:
        """200 with the community's published records that a query finds, as GET /api/records does.

        Raises NotFound, Gone, Forbidden, Invalid, NotAcceptable.
        """
        found = await seen(self.service, req.context.actor, community)
        await search.answer(self, req, resp, f"{url_of('', found.slug)}/{NAME}", within=found.id)

    async def on_delete(self, req: Request, resp: Response, community: str) -> None:
        """200 when the records that the body names are in the community no more; for its curators.

        Raises NotFound, Gone, Forbidden, Invalid where one was not in it.
        """
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.service.run(req.context.actor, None, remove, community, body, depth)
        send(req, resp, {"errors": []})
