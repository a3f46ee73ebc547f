"""Published records as a list shows them: each as it is read by its id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

from msgspec.structs import replace

from api.inveniordm import showing
from api.inveniordm.showing import Asked
from api.service import Service
from projections import published
from projections.published import Found

WHOLE = 100  # hits that an answer has in one piece, and that are read at once


def seen(lines: Iterable[Found]) -> list[Found]:
    """Return what may be seen, of records that might when they were found."""
    now = datetime.now(UTC)
    return [line for line in lines if line.open_at(now)]


def come_whole(lines: Iterable[Found]) -> bool:
    """Whether all have their documents with them."""
    return all(line.newest is not None and line.newest.body for line in lines)


async def shown(
    service: Service, asked: Asked, base: str, lines: Iterable[Found]
) -> AsyncIterator[bytes]:
    """Give records, each as JSON."""
    for line in lines:
        yield await one(service, asked, base, line)
        await asyncio.sleep(0)  # others have their turn between two


async def one(service: Service, asked: Asked, base: str, line: Found) -> bytes:
    """Return a record as JSON."""
    assert line.newest is not None  # noqa: S101 - it is published
    newest = line.newest
    if not newest.body:
        newest = replace(newest, body=await published.document(service.db, line))
    body, _ = await showing.record(service, asked, base, line, newest)
    return body
