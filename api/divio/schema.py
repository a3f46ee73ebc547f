"""What of the OpenAPI document is Divio's. Source: the Divio specification, "Endpoints"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api import addresses
from api.divio.resource import DivioResource
from api.door import send
from api.openapi.document import document, served
from api.openapi.shapes import DOCUMENT
from api.service import Service


class Schema(DivioResource):
    """/apps/v3/schema.json"""

    title = "Schema"
    answers: ClassVar = {"GET": DOCUMENT}

    def __init__(self, service: Service, routes: Mapping[str, object]) -> None:
        super().__init__(service)
        self.routes = routes
        self._document: dict[str, Any] | None = None

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the OpenAPI document of this door."""
        if self._document is None:
            self._document = document(self.routes)
        send(resp, served(self._document, addresses.base(req, self.service.base_url)))
