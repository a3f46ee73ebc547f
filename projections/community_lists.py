"""Lists of communities, page by page: of all that the asker may see, or of those he is in.

Their SQL is in communities.sql.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from projections.asking import Compiled
from projections.communities import SQL
from projections.database import Db
from projections.search import ask

Sort = Literal["bestmatch", "newest", "oldest", "updated-desc", "updated-asc"]
ORDERS: dict[Sort, str] = {
    "bestmatch": "rank DESC, created_at DESC, number DESC",
    "newest": "created_at DESC, number DESC",
    "oldest": "created_at, number",
    "updated-desc": "changed_at DESC, number DESC",
    "updated-asc": "changed_at, number",
}
EVERY = "'''/'''::tsquery"  # what each community's words satisfy. Source: es.community_words

_counts = msgspec.json.Decoder(list[tuple[str, int]])


class Wanted(Struct, frozen=True, kw_only=True):
    """Which communities, and which page of them; `types` are of what type one is, () of any.

    `own`: those that the account is a member of; else those that it may see.
    """

    account: UUID
    own: bool = False
    condition: Compiled | None = None
    types: tuple[str, ...] = ()
    sort: Sort = "newest"
    limit: int
    offset: int = 0


class Page(Struct, frozen=True):
    """The ids of some communities, in order, and how many there are in all.

    `types` says of which types how many there are, whichever types are wanted, the most first.
    """

    total: int
    types: list[tuple[str, int]]
    ids: list[UUID]


async def page(db: Db, wanted: Wanted) -> Page:
    """Return a page of communities. Raises Invalid for what takes too long."""
    [(total, types, ids)] = await ask(db, *statement(wanted))
    return Page(total, _counts.decode(types), ids)


def statement(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the statement that gives a page, and its parameters."""
    condition, asked, rank, held = wanted.condition, "true", "0", "true"
    params: dict[str, Any] = {
        "account": wanted.account,
        "principals": [],  # a community is in no community
        "types": list(wanted.types) or None,
        "limit": wanted.limit,
        "offset": wanted.offset,
    }
    if condition is not None:
        params |= condition.params
        if not condition.exact:
            held = condition.text
        if condition.words is not None:
            # Empty, they ask for nothing, and give it where they alone decide.
            words = f"nullif({condition.words}, '')" if condition.exact else condition.words
            asked = f"g.words @@ (SELECT {EVERY} && {words})"
            rank = f"ts_rank(g.words, {condition.words})"
    text = (
        SQL["listed"]
        .replace("{whose}", SQL["own" if wanted.own else "visible"])
        .replace("{rank}", rank)
        .replace("{asked}", asked)
        .replace("{condition}", held)
        .replace("{order}", ORDERS[wanted.sort])
    )
    return text, params
