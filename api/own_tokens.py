"""The tokens that somebody has, page by page, as JSON and HTML both show them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from api.service import Service
from domain.access import Actor
from domain.commands.accounts import Issued
from projections import tokens
from projections.tokens import NEWEST, Listed, Place

ORDER = ("read", "write", "actions", "user:email")
SIZE = 25
MOST = 1000  # of a page
ACCESS_TOKENS = 100  # that are shown at most


class Page(Struct, frozen=True):
    """Some tokens, and where those that were made before them are; None: there are none."""

    tokens: list[Listed]
    following: str | None


async def page(service: Service, actor: Actor, after: str | None, size: int) -> Page:
    """Return up to `size` tokens of the actor, newest first, after a place that a page before gave.

    The first page begins with access tokens that hold. Raises Invalid for no such place.
    """
    place = NEWEST if after is None else service.cursors.read(after, Place)
    held: list[Listed] = []
    if after is None:
        held = await tokens.access_tokens(service.db, actor.account, ACCESS_TOKENS)
    found = await tokens.page(service.db, actor.account, place, size + 1)
    following = None
    if len(found) > size:
        last = found[size - 1]
        following = service.cursors.text(Place(last.made_at, last.id))
    return Page(held + found[:size], following)


def listed(made: Issued) -> Listed:
    """Return a token that was just made, as it is listed."""
    token = made.token
    return Listed(
        id=token.id,
        label=token.label,
        scopes=token.scopes,
        expires_at=token.expires_at,
        revoked=False,
        made_at=token.recorded_at,
        used_at=None,
        parent=token.parent,
    )


def ordered(scopes: Iterable[str]) -> list[str]:
    """Return scopes in the order in which they are told of."""
    return [each for each in ORDER if each in scopes]
