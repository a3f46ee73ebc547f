"""The logins of programs that somebody has, page by page, as JSON and HTML both show them."""

from __future__ import annotations

from msgspec import Struct

from api.service import Service
from domain.access import Actor
from projections import logins
from projections.logins import Listed
from projections.tokens import NEWEST, Place


class Page(Struct, frozen=True):
    """Some logins, and where those that began before them are; None: there are none."""

    logins: list[Listed]
    following: str | None


async def page(service: Service, actor: Actor, after: str | None, size: int) -> Page:
    """Return up to `size` logins of the actor, newest first, after a place that a page before gave.

    Raises Invalid for no such place.
    """
    place = NEWEST if after is None else service.cursors.read(after, Place)
    found = await logins.page(service.db, actor.account, place, size + 1)
    following = None
    if len(found) > size:
        last = found[size - 1]
        following = service.cursors.text(Place(last.made_at, last.id))
    return Page(found[:size], following)
