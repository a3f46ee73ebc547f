"""A list of objects as JSON: a short one at once, a long one in pieces.

No piece grows with the list, and a large document or schema has its piece to itself, so that a
list takes constant memory, whatever is in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from falcon.asgi import Response

from api.door import JSON, send_bytes
from api.sampledb import render
from api.sampledb.finding import Finder
from domain.commands.builtin import RECORD_MODEL
from projections import objects
from projections.objects import LARGE, Listed, Page

PIECE = 256 << 10  # bytes, about
_RECORD_MODEL = RECORD_MODEL.bytes


async def answer(
    resp: Response, finder: Finder, page: Page, *, name_only: bool, referencing: bool
) -> None:
    """Answer with the newest version of each object of a list that begins with a page."""
    lines = Lines(finder, name_only=name_only, referencing=referencing)
    await lines.learn(page)
    if page.rest is None and lines.small(page):
        send_bytes(
            resp, b"[%b]" % b",".join([lines.one(row, row.body or b"") for row in page.lines])
        )
    else:
        resp.content_type = JSON
        resp.stream = lines.pieces(page)


class Lines:
    """Renders lines; what they refer to is asked for once."""

    def __init__(self, finder: Finder, *, name_only: bool, referencing: bool) -> None:
        self.finder = finder
        self.service = finder.service
        self.name_only = name_only
        self.referencing = referencing
        self._referring: dict[int, list[int]] = {}  # by number: the objects that refer to it
        self._schemas: dict[tuple[bytes, int], bytes] = {}
        self._numbers: dict[bytes, int] = {}  # of actions and accounts

    async def learn(self, page: Page) -> None:
        """Ask for what the lines of a page refer to."""
        service, schemas, numbers = self.service, self._schemas, self._numbers
        for row in page.lines:
            if (row.action, row.schema_version) not in schemas:
                action = UUID(bytes=row.action)
                numbers[row.action] = await service.number("actions", action)
                schemas[row.action, row.schema_version] = (
                    render.NAME_ONLY_SCHEMA
                    if self.name_only
                    else await service.schema(action, row.schema_version)
                )
            if row.by not in numbers:
                numbers[row.by] = await service.number("accounts", UUID(bytes=row.by))
        if self.referencing:
            self._referring = await self.finder.referring([row.number for row in page.lines])

    def small(self, page: Page) -> bool:
        """Whether a page may be held in memory whole."""
        return all(row.body is not None for row in page.lines) and all(
            len(schema) <= LARGE for schema in self._schemas.values()
        )

    def one(self, row: Listed, body: bytes) -> bytes:
        """Return a line whose page was learned."""
        if row.action == _RECORD_MODEL:
            body = render.titled(body)
        shown = render.version(
            row.number,
            row.version,
            self._numbers[row.action],
            self._numbers[row.by],
            row.recorded_at,
            self._schemas[row.action, row.schema_version],
            render.name_only(body) if self.name_only else body,
        )
        if not self.referencing:
            return shown
        numbers = b",".join([b'{"object_id":%d}' % each for each in self._referring[row.number]])
        return b'%b,"referencing_objects":[%b]}' % (shown[:-1], numbers)

    async def pieces(self, page: Page) -> AsyncIterator[bytes]:
        """Give the array that begins with a page."""
        db = self.service.db
        held: list[bytes] = []
        size, opening = 0, b"["
        while True:
            for row in page.lines:
                body = row.body
                if body is None:
                    body = await objects.document(db, row.number, row.version)
                held += (opening, self.one(row, body))
                size += len(held[-1])
                opening = b","
                if size > PIECE:
                    yield b"".join(held)
                    held, size = [], 0
            if page.rest is None:
                break
            page = await self.finder.page(page.rest)
            await self.learn(page)
        yield b"".join(held) + (b"]" if opening == b"," else b"[]")
