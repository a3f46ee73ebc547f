"""What the resources of evidence share: no login, and bytes that never change.

What they give everybody are checkpoints and hashes, which tell how many events there are and
nothing of any: in a leaf is a digest that nobody can guess. What the hash of a leaf is made of, the
header of an event, says when what happened in which stream; ids of streams follow from names.
"""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Response

from api import problem
from api.door import Resource
from api.service import Service
from domain.errors import NotFound
from domain.evidence import checkpoints
from domain.evidence.checkpoints import Checkpoint
from projections import seals

FOR_EVER = "public, max-age=31536000, immutable"
_DIGITS = {
    "type": "string",
    "pattern": r"^(x?[0-9]{3}(\.p)?|[0-9]{1,3})$",
    "description": "three digits of the tile's number, all but the last after an x; .p/W: W wide",
}
PARTS = {
    "level": {"type": "integer", "minimum": 0, "description": "of the tree; 0 has the leaves"},
    **dict.fromkeys(("n1", "n2", "n3", "n4"), _DIGITS),
}
BYTES = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"


class EvidenceResource(Resource):
    """A resource below /log."""

    dialect = problem.DIALECT
    needs_login = False
    parts: ClassVar = PARTS

    def __init__(self, service: Service) -> None:
        self.service = service

    async def last(self) -> tuple[Checkpoint, str]:
        """Return the last checkpoint, and its note. Raises NotFound before the first."""
        note = await seals.checkpoint(self.service.db)
        if note is None:
            raise NotFound("Nothing is sealed yet.")
        return checkpoints.read(note), note


def send_text(resp: Response, text: str) -> None:
    """Answer with text that may be another the next time."""
    resp.content_type = TEXT
    resp.data = text.encode()
    resp.set_header("Cache-Control", "public, no-cache")


def send_for_ever(resp: Response, body: bytes) -> None:
    """Answer with bytes that never change."""
    resp.content_type = BYTES
    resp.data = body
    resp.set_header("Cache-Control", FOR_EVER)
