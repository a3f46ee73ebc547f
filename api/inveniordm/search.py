"""Published records, searched. Source: the InvenioRDM specification, 2, row 15, and 4."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any, cast, get_args
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec.structs import replace

from api import lucene, query
from api.inveniordm import facets, hits, listing, showing
from api.inveniordm.resource import InvenioRdmResource
from api.service import Service
from domain.access import Actor
from domain.errors import Invalid
from projections import listed, mine, published
from projections.asking import Compiled
from projections.conditions import Condition, IsKnown
from projections.cursor import Cursor
from projections.wanted import FACETS, Facet, Sort, Wanted

SORTS: tuple[Sort, ...] = get_args(Sort)
LAST_CHANGED = "mostrecent"  # CAP's word
BOOLS = {"1": True, "true": True, "0": False, "false": False}


async def answer(
    resource: InvenioRdmResource,
    req: Request,
    resp: Response,
    path: str = "/api/records",
    within: UUID | None = None,
) -> None:
    """Answer with a page of what a query finds of what the asker may see.

    It is asked for at a path; `within` is the community whose records alone are found. Raises
    Invalid, NotAcceptable.
    """
    service, actor = resource.service, cast("Actor", req.context.actor)
    if resource.home is not None:
        req.context.shaped = resource.home.asked(req)
    shown = showing.asked(req)
    if resource.home is not None:
        shown = replace(shown, elsewhere=resource.home.elsewhere(req))
    condition = await asked(service, req, within)
    page = listing.asked(req, (*SORTS, LAST_CHANGED), sorted_by(condition, "newest"), cursors=True)
    chosen = facets.chosen(req, FACETS)
    wanted = Wanted(
        principals=actor.principals,
        condition=condition,
        sort="updated-desc" if page.sort == LAST_CHANGED else cast("Sort", page.sort),
        limit=page.size,
        offset=0 if page.after else page.offset,
        after=None if page.after is None else service.cursors.read(page.after, Cursor),
        all_versions=flag(req, "allversions"),
        selected=cast("dict[Facet, tuple[str, ...]]", await facets.selected(service, chosen)),
    )
    found = await listed.find(service.searching, wanted)

    async def read(ids: Sequence[UUID]) -> list[published.Found]:
        return await published.those(service.db, ids, actor.principals)

    await send_found(resource, req, resp, path, shown, page, chosen, found, read)


async def send_found(
    resource: InvenioRdmResource,
    req: Request,
    resp: Response,
    path: str,
    shown: showing.Asked,
    page: listing.Asked,
    chosen: facets.Chosen,
    found: listed.Found | mine.Found,
    read: Callable[[Sequence[Any]], Awaitable[list[Any]]],
) -> None:
    """Answer at a path with a page of what was found, of which `read` gives so many at a time."""
    service, base = resource.service, resource.base(req)
    first, rest = await read(found.records[: hits.WHOLE]), found.records[hits.WHOLE :]
    counts = cast("dict[str, facets.Counts]", found.facets)
    await listing.send_list(
        req,
        resp,
        f"{base}{path}",
        page,
        found.total,
        hits.read(service, shown, base, first, rest, read),
        streamed=bool(rest) or not hits.come_whole(first),
        aggregations=await facets.aggregations(service, counts, chosen, showing.language(req)),
        cursor=None if found.next is None else service.cursors.text(found.next),
    )


async def asked(service: Service, req: Request, within: UUID | None = None) -> Compiled | None:
    """Return what a request asks for of records, of all or of a community; None: nothing.

    Raises Invalid.
    """
    others: list[Condition] = []
    if within is not None:
        others.append(IsKnown("parent.communities.ids", "==", str(within)))
    if flag(req, "by_me"):
        me = Decimal(req.context.actor.number)
        others.append(IsKnown("parent.access.owned_by.user", "==", me))
    if kind := query.text(req, "type"):
        others.append(IsKnown("deposit_type", "==", kind))
    return await lucene.compiled(service, req.get_param("q"), others)


def sorted_by(condition: Compiled | None, otherwise: str) -> str:
    """Return the order that hits have where none is asked for."""
    if condition is None or (condition.settled and condition.words is None):
        return otherwise  # to be in a community is to match as well as any
    return "bestmatch"


def flag(req: Request, name: str) -> bool:
    """Return whether a parameter says yes; without it, no. Raises Invalid."""
    said = req.get_param(name) or "0"
    if said.lower() not in BOOLS:
        raise Invalid(f"{name} must be true or false.")
    return BOOLS[said.lower()]
