"""How a request finds the community that it is about."""

from __future__ import annotations

from urllib.parse import urlencode

from falcon.asgi import Request, Response

from api.service import Service
from domain.access import Actor
from domain.commands.communities import DELETED, UNKNOWN
from domain.errors import Anonymous, Forbidden, Gone, NotFound
from projections import communities
from projections.communities import Community


async def seen(service: Service, actor: Actor, text: str) -> Community:
    """Return the community that a slug, even an older one, or an id names, if the actor sees it.

    Raises NotFound, Gone, Anonymous, Forbidden.
    """
    found = await communities.one(service.db, text, actor.account)
    if found is None:
        raise NotFound(UNKNOWN.format(text))
    if found.deleted:
        raise Gone(DELETED)
    if not found.may_see:
        if actor.anonymous:
            raise Anonymous("Sign in to see this.")
        raise Forbidden("Only members see this community.")
    return found


def lead(req: Request, resp: Response, url: str) -> None:
    """Answer that it is elsewhere, for good: 301. No credential is in the new address."""
    kept = {name: value for name, value in req.params.items() if name != "access_token"}
    resp.status = 301
    resp.set_header("Location", f"{url}?{urlencode(kept, doseq=True)}" if kept else url)


def is_renamed(found: Community, text: str) -> bool:
    """Whether a text names a community by an address that it has no more."""
    return text.lower() not in (found.slug, str(found.id), found.id.hex)
