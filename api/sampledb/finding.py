"""How the objects of a list are found: all that may be viewed, or those that a query is true of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from api.sampledb.asked import Listing
from api.service import Service
from projections import asking, objects, search
from projections.asking import Compiled
from projections.objects import Filter, Page


class Finder:
    """Finds objects that one of the principals may view."""

    def __init__(
        self, service: Service, principals: Sequence[UUID], condition: Compiled | None
    ) -> None:
        self.service = service
        self.principals = principals
        self.condition = condition

    async def page(self, wanted: Filter) -> Page:
        """Return the first page of a list. Raises Invalid when that takes too long."""
        if self.condition is None:
            return await objects.listed(self.service.db, self.principals, wanted)
        searching = self.service.searching
        return await search.found(searching, self.principals, wanted, self.condition)

    async def count(self, wanted: Filter) -> int:
        """Return how many objects a list has. Raises Invalid when that takes too long."""
        searching = self.service.searching
        return await search.count(searching, self.principals, wanted, self.condition)

    async def referring(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        """Return which objects refer to which of some, by number. Raises Invalid likewise."""
        return await search.referring(self.service.searching, self.principals, numbers)


async def finder(service: Service, principals: Sequence[UUID], asked: Listing) -> Finder:
    """Return what finds the objects that are asked for. Raises Invalid, with what is wrong."""
    condition = None
    if asked.query is not None:
        condition = await service.slow(partial(_read, asked.query, advanced=asked.advanced))
    return Finder(service, principals, condition)


def _read(query: str, *, advanced: bool) -> Compiled:
    from api.sampledb.query import parser  # what it takes is loaded when somebody searches

    return asking.compiled(parser.parse(query) if advanced else parser.words(query))
