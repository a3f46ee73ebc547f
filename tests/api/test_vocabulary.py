"""What terms say, as answers show them: in every worker, at once after a change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from api.vocabulary import Vocabulary
from domain.commands import accounts, terms
from domain.storage.counters import Counters
from domain.term import Content, Ref
from projections.database import reading_pool, serving
from projections.voids import voider
from tests.writing import log_on


@asynccontextmanager
async def worker(database: str, folder: Path) -> AsyncIterator[Vocabulary]:
    """What a worker of the service knows of terms; those on one folder share its counters."""
    db = reading_pool(serving(database, "test"), 1)
    await db.open()
    try:
        yield Vocabulary(db, Counters(folder / "counters"))
    finally:
        await db.close()


async def titles(vocabulary: Vocabulary, *refs: Ref) -> list[str | None]:
    """What a worker shows of terms, None of those that there are not."""
    found = await vocabulary.find(refs)
    return [found[ref].content.title["en"] if ref in found else None for ref in refs]


def test_a_changed_title_shows_in_the_next_read_of_every_worker(
    database: str, tmp_path: Path
) -> None:
    """Though each remembers what terms say; a new term is found as soon as it is there."""
    ref, other, new = (Ref("languages", f"{uuid4()}") for _ in range(3))

    async def run() -> None:
        async with worker(database, tmp_path) as one, worker(database, tmp_path) as two:
            with log_on(database, voider(Counters(tmp_path / "counters"))) as log:

                def put(*said: tuple[Ref, str]) -> None:
                    content = {ref: Content({"en": title}) for ref, title in said}
                    log.run(accounts.OPERATOR, terms.put, content)

                put((ref, "Tin"), (other, "Copper"))
                for each in (one, two):
                    assert await titles(each, ref, other, new) == ["Tin", "Copper", None]
                for title in ("Bronze", "Brass", "Gold"):
                    put((ref, title), (new, f"New {title}"))
                    for each in (one, two):
                        shown = await titles(each, ref, other, new)
                        assert shown == [title, "Copper", f"New {title}"]

    asyncio.run(run())


def test_what_is_remembered_is_not_looked_up_again(database: str, tmp_path: Path) -> None:
    """Answers that show the same terms cost no statement."""
    ref = Ref("languages", f"{uuid4()}")
    with log_on(database) as log:
        log.run(accounts.OPERATOR, terms.put, {ref: Content({"en": "Tin"})})

    async def run() -> None:
        async with worker(database, tmp_path) as vocabulary:
            assert await titles(vocabulary, ref) == ["Tin"]
        assert await titles(vocabulary, ref) == ["Tin"]  # its connections are closed

    asyncio.run(run())
