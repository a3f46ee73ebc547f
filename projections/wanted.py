"""Which published records somebody wants, and how they are sorted."""

from __future__ import annotations

from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct

from projections.asking import Compiled
from projections.cursor import Cursor

Sort = Literal["bestmatch", "newest", "oldest", "updated-desc", "updated-asc", "version"]
Facet = Literal["resource_type", "access_status", "languages", "publication_date", "file_type"]

FACETS: tuple[Facet, ...] = get_args(Facet)


class Wanted(Struct, frozen=True, kw_only=True):
    """Which published records, of those that the principals may view, and which page of them.

    SIGNED_IN is among the principals of who has signed in, EVERYONE among all. `after` is a place
    (Found.next): what follows is as it stood when its walk began, and `offset` counts from there.
    `selected` are values of facets, of each of which a record has one; a resource type stands for
    its subtypes too.
    """

    principals: tuple[UUID, ...]
    condition: Compiled | None = None  # None: all
    sort: Sort = "newest"
    limit: int = 10
    offset: int = 0
    after: Cursor | None = None
    all_versions: bool = False  # or the latest record of each family alone
    selected: dict[Facet, tuple[str, ...]] = {}
    facets: bool = True  # whether they are counted

    @property
    def sorted(self) -> Sort:
        """How they are sorted: where no words are asked for, none match better than others."""
        ranked = self.condition is not None and self.condition.words is not None
        return "newest" if self.sort == "bestmatch" and not ranked else self.sort
