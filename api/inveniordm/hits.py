"""Records and drafts as a list shows them: each as it is read by its id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from msgspec.structs import replace

from api.inveniordm import showing
from api.inveniordm.showing import Asked
from api.service import Service
from domain.access import Level
from projections import drafts, published

WHOLE = 100  # hits that an answer has in one piece, and that are read at once

Line = published.Found | drafts.Found
Key = TypeVar("Key")


async def read(
    service: Service,
    asked: Asked,
    base: str,
    first: Iterable[Line],
    rest: Sequence[Key],
    reader: Callable[[Sequence[Key]], Awaitable[Iterable[Line]]],
) -> AsyncIterator[bytes]:
    """Give those that may be seen; all but the first are read as they are sent: few are held."""
    lines: Iterable[Line] = first
    for at in range(0, len(rest) + WHOLE, WHOLE):
        async for each in shown(service, asked, base, filter(_open, lines)):
            yield each
        some = rest[at : at + WHOLE]
        lines = await reader(some) if some else ()


async def shown(
    service: Service, asked: Asked, base: str, lines: Iterable[Line]
) -> AsyncIterator[bytes]:
    """Give records and drafts, each as JSON."""
    some = list(lines)
    if asked.elsewhere is not None:
        records = [each for each in some if isinstance(each, published.Found)]
        asked = replace(asked, elsewhere=await asked.elsewhere.among(records))
    for line in some:
        show = _record if isinstance(line, published.Found) else _draft
        yield await show(service, asked, base, line)  # type: ignore[arg-type]
        await asyncio.sleep(0)  # others have their turn between two


def come_whole(lines: Iterable[Line]) -> bool:
    """Whether all have their documents with them."""
    return all(map(_document, lines))


async def _record(service: Service, asked: Asked, base: str, line: published.Found) -> bytes:
    assert line.newest is not None  # noqa: S101 - it is published
    newest = line.newest
    if not newest.body:
        newest = replace(newest, body=await published.document(service.db, line))
    body, _ = await showing.record(service, asked, base, line, newest)
    return body


async def _draft(service: Service, asked: Asked, base: str, line: drafts.Found) -> bytes:
    found = line
    if not _document(line):
        found = await drafts.one(service.db, line.record.pid, ()) or line
    kin = showing.kin_of(found.family)
    return await showing.draft(service, asked, base, found.record, kin, found.draft)


def _document(line: Line) -> bytes:
    if isinstance(line, published.Found):
        return line.newest.body if line.newest is not None else b""
    return bytes(line.draft.document)


def _open(line: Line) -> bool:
    """Whether what might be seen when it was found still may be."""
    if isinstance(line, published.Found):
        return line.open_at(datetime.now(UTC))
    return line.level >= Level.PREVIEW
