"""The last checkpoint, and the key that it is checked with. Source: C2SP tlog-checkpoint."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.evidence.resource import TEXT, EvidenceResource, send_text
from domain.errors import NotFound
from projections import seals


class LastCheckpoint(EvidenceResource):
    """/log/checkpoint"""

    media_types: ClassVar = {"GET": (TEXT,)}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the last checkpoint, a signed note. Raises NotFound before the first."""
        _, note = await self.last()
        send_text(resp, note)


class Key(EvidenceResource):
    """/log/key"""

    media_types: ClassVar = {"GET": (TEXT,)}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the public key, in the form of signed notes. Raises NotFound before it is used.

        Keep it: a key that comes with what it checks proves nothing.
        """
        key = await seals.key(self.service.db)
        if key is None:
            raise NotFound("Nothing is sealed yet.")
        send_text(resp, f"{key}\n")
