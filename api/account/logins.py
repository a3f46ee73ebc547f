"""Programs that act for oneself: their logins listed and ended. Source: RFC 8628, RFC 7009."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from falcon.asgi import Request, Response

from api import addresses, own_logins, own_tokens, query
from api.account import replies
from api.account.resource import AccountResource
from api.door import send
from api.own_tokens import MOST, SIZE
from domain.commands import logins as commands
from domain.commands import making_tokens
from domain.errors import NotFound
from domain.instants import rfc3339
from projections.logins import Listed


class Logins(AccountResource):
    """/api/me/logins/"""

    answers: ClassVar = {"GET": replies.LOGINS}
    query: ClassVar = {
        "GET": {
            "size": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST,
                "description": f"logins of a page; else {SIZE}",
            },
            "after": "where a page begins, as links.next has it",
        }
    }

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the programs that are logged in for oneself, newest first. Raises Invalid."""
        size = query.number(req, "size", least=1, most=MOST) or SIZE
        after = req.get_param("after") or None
        found = await own_logins.page(self.service, req.context.actor, after, size)
        url = f"{addresses.base(req, self.service.base_url)}/api/me/logins"
        links = {"self": url}
        if found.following is not None:
            links["next"] = f"{url}?{urlencode({'after': found.following, 'size': size})}"
        send(resp, {"hits": {"hits": [_shown(each) for each in found.logins]}, "links": links})
        resp.set_header("Cache-Control", "no-store")


class Login(AccountResource):
    """/api/me/logins/{id}"""

    parts: ClassVar = {
        "id": {"type": "string", "format": "uuid", "description": "the id of a login"}
    }

    async def on_delete(self, req: Request, resp: Response, id: str) -> None:  # noqa: A002
        """204 when the program acts for nobody any more, nor any access token that it was given.

        Raises Forbidden for a token that lacks a scope, NotFound.
        """
        making_tokens.require_all(req.context.actor)
        try:
            login = UUID(id)
        except ValueError:
            raise NotFound("There is no such login.") from None
        await self.service.end(req.context.actor, commands.end, login)
        resp.status = 204


def _shown(login: Listed) -> dict[str, Any]:
    return {
        "id": str(login.id),
        "client": login.client,
        "scopes": own_tokens.ordered(login.scopes),
        "expires_at": rfc3339(login.expires_at),
        "created_at": rfc3339(login.made_at),
    }
