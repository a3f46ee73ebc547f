"""Access tokens: a day's token for a script. Source: the specification, 2 "Endpoints"."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.auth import shown_token, token_of
from api.door import send
from api.idempotency import retry
from api.sampledb import parse, render, replies, schemas
from api.sampledb.resource import SampleDbResource
from domain.access import REFRESH, Actor
from domain.commands import access_tokens as commands
from domain.commands import making_tokens
from domain.errors import Conflict
from domain.log import AnsweredBefore


class AccessTokens(SampleDbResource):
    """/access_tokens/"""

    answers: ClassVar = {"POST": replies.PAIR}
    request: ClassVar = {"POST": schemas.NEW_ACCESS_TOKEN}
    refreshing = True

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a new pair; shown a refresh token, with one in the place of its own.

        Raises Forbidden for a token that lacks a scope and for an access token, Invalid.
        """
        if REFRESH not in req.context.actor.scopes:
            making_tokens.require_all(req.context.actor)  # before anything is read for nothing
        body = await self.body(req)
        once = retry(req, body, lambda _made: (201, None, None))
        actor: Actor = req.context.actor
        try:
            if REFRESH in actor.scopes:
                shown = shown_token(req) or ""
                made = await self.service.run(actor, once, commands.refresh, shown)
            else:
                label = parse.new_access_token(body, self.service.limits.json_depth)
                made = await self.service.run(actor, once, commands.mint, label, token_of(actor))
        except AnsweredBefore as error:
            raise Conflict("This token was made before, and is shown once.") from error
        send(resp, render.pair(made), 201)
        resp.set_header("Cache-Control", "no-store")
