"""Users. Source: the specification, 2 "Endpoints"."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.sampledb import render, replies
from api.sampledb.resource import SampleDbResource
from api.shapes import array
from domain.access import Actor
from domain.errors import NotFound
from domain.identifiers import NUMBER
from projections import accounts


class Users(SampleDbResource):
    """/users/"""

    answers: ClassVar = {"GET": array(replies.USER)}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with every account, by name."""
        actor: Actor = req.context.actor
        rows = await accounts.every(self.service.db)
        send(resp, [render.user(row, with_email=actor.admin) for row in rows])


class User(SampleDbResource):
    """/users/{user_id}, a number or `me`"""

    answers: ClassVar = {"GET": replies.USER}

    async def on_get(self, req: Request, resp: Response, user_id: str) -> None:
        """200 with the account; `me` is also shown the own e-mail address. Raises NotFound."""
        actor: Actor = req.context.actor
        me = user_id == "me"
        row = None
        if me or NUMBER.fullmatch(user_id):
            row = await accounts.one(self.service.db, actor.number if me else int(user_id))
        if row is None:
            raise NotFound(f"There is no user {user_id}.")
        send(resp, render.user(row, with_email=actor.admin or me))
