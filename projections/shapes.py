"""What the statement that finds published records depends on, but for its condition's own text."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from projections.wanted import FACETS, Facet, Order, Wanted

Page = Literal["page_near", "page_sought"]


class Column(Struct, frozen=True):
    """A column, its type and a direction; ties are sorted by number in the same."""

    column: str
    type: str
    direction: Literal["ASC", "DESC"]

    def by(self, key: str, number: str) -> str:
        """Return what rows are sorted by."""
        return f"{key} {self.direction}, {number} {self.direction}"

    def beyond(self, key: str, number: str) -> str:
        """Return that a row stands after that of a cursor."""
        sign = "<" if self.direction == "DESC" else ">"
        return f"({key}, {number}) {sign} (%(key)s::{self.type}, %(number)s::bigint)"


ORDERS: dict[Order, Column] = {
    "bestmatch": Column("rank", "float8", "DESC"),
    "newest": Column("created_at", "timestamptz", "DESC"),
    "oldest": Column("created_at", "timestamptz", "ASC"),
    "updated-desc": Column("updated_at", "timestamptz", "DESC"),
    "updated-asc": Column("updated_at", "timestamptz", "ASC"),
    "version": Column("index", "integer", "DESC"),
    "datestamp": Column("datestamp", "timestamptz", "ASC"),
}


class Shape(Struct, frozen=True):
    """All of that."""

    sort: Order
    page: Page
    walking: bool
    counted: bool  # the facets, and how many there are
    ranged: bool  # by datestamps
    every: bool  # not the latest of a family alone
    selected: tuple[Facet, ...]
    asked: Literal["all", "words", "hint", "text"]
    within: bool  # of families alone
    exact: bool  # what is asked of indexes is enough

    @classmethod
    def of(cls, wanted: Wanted, page: Page) -> Shape:
        """Return what the statement depends on that gives a page in one of two ways."""
        condition = wanted.condition
        return cls(
            sort=wanted.sorted,
            page=page,
            walking=wanted.after is not None,
            counted=wanted.facets or wanted.after is None,
            ranged=wanted.since is not None or wanted.before is not None,
            every=wanted.all_versions,
            selected=tuple(each for each in FACETS if each in wanted.selected),
            asked="all"
            if condition is None
            else "words"
            if condition.words is not None
            else "hint"
            if condition.hint is not None and condition.families is None
            else "text",
            within=condition is not None and condition.families is not None,
            exact=condition is not None and condition.settled,
        )

    @property
    def past(self) -> bool:
        """Whether records are wanted as they stood when a walk began."""
        return self.walking and self.sort != "datestamp"
