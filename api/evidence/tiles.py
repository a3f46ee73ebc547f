"""The tree's tiles, and the leaves in bundles of 256. Source: C2SP tlog-tiles.

The tiles are everybody's; the leaves are for administrators, who follow the log itself.
"""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.evidence.resource import BYTES, EvidenceResource, send_for_ever
from domain import access
from domain.errors import NotFound
from domain.evidence import leaf, tiles
from domain.evidence.tiles import LEVELS, Piece
from projections import seals


class Tile(EvidenceResource):
    """/log/tile/{level}/{n1} and further parts of a number, and of a width"""

    media_types: ClassVar = {"GET": (BYTES,)}

    async def on_get(self, req: Request, resp: Response, level: str, **parts: str) -> None:
        """200 with the hashes of a tile, 32 bytes each. Raises NotFound for what is not sealed."""
        piece = _piece(parts)
        height = int(level) if level in map(str, range(LEVELS)) else None
        if piece is None or height is None:
            raise _absent()
        hashes = await seals.tile(self.service.db, height, piece)
        if hashes is None:
            raise _absent()
        send_for_ever(resp, hashes)


class Entries(EvidenceResource):
    """/log/tile/entries/{n1} and further parts of a number, and of a width"""

    media_types: ClassVar = {"GET": (BYTES,)}

    async def on_get(self, req: Request, resp: Response, **parts: str) -> None:
        """200 with leaves, each after its length, for administrators.

        Raises Forbidden, NotFound for what is not sealed. A leaf is the header of an event: stream,
        version, position, topic, recorded_at and digest, each after its length in two bytes.
        """
        access.require_admin(req.context.actor)
        piece = _piece(parts)
        headers = await seals.entries(self.service.db, piece) if piece is not None else []
        if piece is None or len(headers) < piece.width:
            raise _absent()
        resp.content_type = BYTES
        resp.data = leaf.bundle(headers)


def _piece(parts: dict[str, str]) -> Piece | None:
    return tiles.piece("/".join(parts[name] for name in sorted(parts)))


def _absent() -> NotFound:
    return NotFound("There is no such tile, or not yet.")
