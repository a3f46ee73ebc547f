"""Who asks, and which types are there for him. Source: the CAP specification, /api/me."""

from __future__ import annotations

from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.cap import replies, types
from api.cap.resource import CapResource, send
from api.door import JSON
from domain.commands.addresses import address
from projections import accounts, deposits


class Me(CapResource):
    """/api/me"""

    answers: ClassVar = {"GET": replies.ME}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with who asks, the address that he is known by, and the types of deposits."""
        actor = req.context.actor
        person = await accounts.one(self.service.db, actor.number)
        email, orcid = (person.email, person.orcid) if person else (None, None)
        profile = {"display_name": actor.name} | ({"orcid": orcid} if orcid else {})
        shown = {
            "id": actor.number,
            "email": address(actor.name, email),
            "deposit_groups": [await self._group(each) for each in await self._types()],
            "profile": profile,
            "roles": [],
        }
        send(resp, shown, JSON)

    async def _types(self) -> list[deposits.Type]:
        return await deposits.types(self.service.db)

    async def _group(self, each: deposits.Type) -> dict[str, Any]:
        found = await self.types.of(each.id, each.version)
        return {
            "name": found.fullname,
            "deposit_group": found.name,
            "description": "",
            "schema_path": types.path(found),
        }
