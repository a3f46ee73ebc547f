"""How tests find published records: pools, the follower's work, and who asks for what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import uuid4

from psycopg import Connection

from domain.access import EVERYONE, SIGNED_IN
from domain.values import Access
from projections import follower, listed, listing, search
from projections.conditions import All, Condition, Either, HasText, HasWords, Path, Step
from projections.database import Db
from projections.listed import Found, Wanted
from projections.wanted import Order
from tests.projections.publishing import PEOPLE, WORDS

ASKERS = [
    (EVERYONE,),
    (uuid4(), SIGNED_IN, EVERYONE),
    *((person, SIGNED_IN, EVERYONE) for person in PEOPLE),
]
MANY = 40  # records, enough for walks of some pages
NEVER = datetime.max.replace(tzinfo=UTC)
OPEN, CLOSED = Access(record="public", files="public"), Access()
SORTS: list[Order] = ["newest", "oldest", "updated-desc", "updated-asc", "version", "datestamp"]
TEXTS = ("title", "description")
SELECTED: list[dict[listed.Facet, tuple[str, ...]]] = [
    {},
    {},
    {"languages": ("eng",), "access_status": ("open", "embargoed")},
    {"resource_type": ("dataset",), "file_type": ("csv", "gz")},
    {"publication_date": ("2021",)},
]


def follow(conn: Connection[Any]) -> None:
    """Let the follower come to the end of the log."""
    while follower.step(conn, listing.following()):
        pass


@asynccontextmanager
async def searching(database: str) -> AsyncIterator[Db]:
    """A pool for searches."""
    db = search.searching_pool(database, 1)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


def find(database: str, wanted: Wanted) -> Found:
    """Find something."""

    async def ask() -> Found:
        async with searching(database) as db:
            return await listed.find(db, wanted)

    return asyncio.run(ask())


def condition_of(random: Random) -> tuple[str | None, Condition | None]:
    """A word, and one of the conditions that ask for it; or nothing.

    One asks the index of words alone, one it and the documents, one these alone.
    """
    word = random.choice(WORDS)
    said = Either(tuple(HasText(Path((Step("metadata"), Step(name))), word) for name in TEXTS))
    return random.choice(
        [(None, None), (word, HasWords(word)), (word, All((HasWords(word), said))), (word, said)]
    )
