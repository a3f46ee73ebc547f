"""/openapi.json"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api import addresses
from api.door import send
from api.openapi.document import document, served
from api.openapi.shapes import DOCUMENT


class OpenApi:
    """/openapi.json"""

    answers: ClassVar = {"GET": DOCUMENT}

    def __init__(self, routes: Mapping[str, object], base_url: str) -> None:
        self.routes, self.base_url = routes, base_url
        self._document: dict[str, Any] | None = None

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with this document."""
        if self._document is None:
            self._document = document(self.routes)
        send(resp, served(self._document, addresses.base(req, self.base_url)))

    on_head = on_get
