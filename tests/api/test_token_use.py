"""When tokens are used: written rarely, and not lost while the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import psycopg
import pytest

from api import token_use
from api.token_use import TokenUse

FIRST, SECOND = b"first", b"second"


class Kept:
    """What was written, and whether the database is away, or slow."""

    def __init__(self) -> None:
        self.written: list[dict[bytes, datetime]] = []
        self.tries = 0
        self.away = False
        self.slow = False

    async def keep(self, uses: dict[bytes, datetime]) -> None:
        """Write, unless the database is away."""
        self.tries += 1
        if self.away:
            raise psycopg.OperationalError("away")
        if self.slow:
            await asyncio.Event().wait()
        self.written.append(uses)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for notes at once."""
    monkeypatch.setattr(token_use, "PAUSE", 0.001)


def test_a_token_that_is_used_all_the_time_is_written_once_a_minute() -> None:
    """A thousand requests are one row, with when the first of them came; another has its own."""

    async def run() -> list[dict[bytes, datetime]]:
        kept = Kept()
        uses = TokenUse(kept.keep)
        uses.start()
        for _ in range(1000):
            uses.note(FIRST)
        await until(lambda: bool(kept.written))
        uses.note(FIRST)
        uses.note(SECOND)
        await uses.stop()
        return kept.written

    written = asyncio.run(run())

    assert [list(each) for each in written] == [[FIRST], [SECOND]]


def test_after_a_minute_it_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With when it is used then."""
    monkeypatch.setattr(token_use, "EVERY", 0.0)

    async def run() -> list[dict[bytes, datetime]]:
        kept = Kept()
        uses = TokenUse(kept.keep)
        for _ in range(2):
            uses.note(FIRST)
            await uses.stop()
        return kept.written

    before, after = asyncio.run(run())

    assert before[FIRST] <= after[FIRST]


def test_what_the_database_did_not_take_is_written_when_it_is_back() -> None:
    """The newest of what was noted meanwhile; nobody who asks for something hears of it."""

    async def run() -> Kept:
        kept = Kept()
        kept.away = True
        uses = TokenUse(kept.keep)
        uses.start()
        uses.note(FIRST)
        await until(lambda: kept.tries > 2)
        uses.note(SECOND)
        assert kept.written == []
        kept.away = False
        await until(lambda: bool(kept.written))
        await uses.stop()
        return kept

    kept = asyncio.run(run())

    assert {digest for each in kept.written for digest in each} == {FIRST, SECOND}


def test_what_is_being_written_when_a_worker_stops_is_written_by_its_last_try() -> None:
    """Together with what was noted meanwhile."""

    async def run() -> Kept:
        kept = Kept()
        kept.slow = True
        uses = TokenUse(kept.keep)
        uses.start()
        uses.note(FIRST)
        await until(lambda: kept.tries == 1)
        uses.note(SECOND)
        kept.slow = False
        await uses.stop()
        return kept

    kept = asyncio.run(run())

    assert [set(each) for each in kept.written] == [{FIRST, SECOND}]
