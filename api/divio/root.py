"""What there is: the root of the door. Source: the Divio manual, "Basic requests"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from falcon.asgi import Request, Response

from api.divio import replies
from api.divio.resource import DivioResource
from api.door import send
from api.service import Service


class Root(DivioResource):
    """/apps/v3/"""

    title = "Api Root"
    answers: ClassVar = {"GET": replies.ROOT}

    def __init__(self, service: Service, paths: Sequence[str]) -> None:
        super().__init__(service)
        self.paths = paths

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the collections, name → URL."""
        base = self.base(req)
        send(resp, {path: f"{base}/apps/v3/{path}/" for path in self.paths})
