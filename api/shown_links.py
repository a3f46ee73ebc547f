"""Access links that a request shows: `?token=`. Source: InvenioRDM, "Access links".

Who shows a link's token is the link's principal too, for this request: whatever asks what an actor
may do needs to know nothing of links. What is changed so says by which link. A token that does not
hold opens nothing, and closes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from falcon.asgi import Request
from msgspec.structs import replace

from api.auth import LINKED
from api.service import Service
from domain.access import Actor
from projections import access_links

PARAMETER = "token"


def shown(req: Request) -> str | None:
    """Return the token of a link that a request shows."""
    if f"{PARAMETER}=" not in req.query_string:
        return None
    found = req.get_param_as_list(PARAMETER)
    return found[-1] if found else None


def kept(req: Request) -> str:
    """Return what shows the same link behind another address: `?token=…`, or nothing."""
    token = shown(req)
    return "" if token is None else f"?{urlencode({PARAMETER: token})}"


async def with_link(service: Service, req: Request, actor: Actor) -> Actor:
    """Return who asks, with what the link opens that the request shows, if it shows one."""
    token = shown(req)
    named = None if token is None else service.link_tokens.read(token)
    if named is None:
        return actor
    family, link = named
    found = await access_links.one(service.db, family, link)
    if found is None or not found.link.holds(datetime.now(UTC)):
        return actor
    return replace(actor, principals=(*actor.principals, link), via=f"{actor.via}{LINKED}{link}")
