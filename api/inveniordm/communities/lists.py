"""Lists of communities, searched. Source: InvenioRDM, "Search Communities"."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, cast
from uuid import UUID

from falcon.asgi import Request, Response

from api import lucene
from api.inveniordm import listing, schemas, search
from api.inveniordm.communities import render
from api.inveniordm.resource import InvenioRdmResource, pretty
from domain.access import Actor
from domain.errors import Anonymous, Invalid
from domain.schemas.rdm.community import TYPES
from projections import communities, community_lists
from projections.community_lists import ORDERS, Sort, Wanted

TURN = 25  # communities that are read at once: each may say much of itself


async def answer(resource: InvenioRdmResource, req: Request, resp: Response, *, own: bool) -> None:
    """Answer with a page of communities; `own`: of those that the asker is a member of.

    Raises Anonymous, Invalid, NotAcceptable.
    """
    service, actor = resource.service, cast("Actor", req.context.actor)
    if own and actor.anonymous:
        raise Anonymous("Sign in to see your communities.")
    base = resource.base(req)
    condition = await lucene.compiled(service, req.get_param("q"))
    default = search.sorted_by(condition, "newest")
    asked = listing.asked(req, ORDERS, default, known=schemas.COMMUNITIES)
    wanted = Wanted(
        account=actor.account,
        own=own,
        condition=condition,
        types=_types(req),
        sort=cast("Sort", asked.sort),
        limit=asked.size,
        offset=asked.offset,
    )
    page = await community_lists.page(service.searching, wanted)

    async def hits(ids: Sequence[UUID]) -> AsyncIterator[bytes]:
        for start in range(0, len(ids), TURN):
            turn = ids[start : start + TURN]
            for each in await communities.those(service.db, turn, actor.account):
                yield render.community(each, base, pretty=pretty(req))

    await listing.send_list(
        req,
        resp,
        f"{base}/api/{'user/' if own else ''}communities",
        asked,
        page.total,
        hits(page.ids),
        streamed=len(page.ids) > TURN,
        aggregations={"type": _buckets(page.types)},
    )


def _types(req: Request) -> tuple[str, ...]:
    """Return the types that are asked for. Raises Invalid for what is none."""
    asked = tuple(req.get_param_as_list("type") or ())
    if not set(asked) <= set(TYPES):
        raise Invalid(f"type must be one of {', '.join(TYPES)}.")
    return asked


def _buckets(types: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Return how many there are of each type, as Elasticsearch says it."""
    return {
        "buckets": [{"doc_count": many, "key": type_} for type_, many in types],
        "doc_count_error_upper_bound": 0,
        "sum_other_doc_count": 0,
    }
