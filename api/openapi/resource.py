"""/openapi.json"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.openapi.document import document


class OpenApi:
    """/openapi.json"""

    answers: ClassVar = {"GET": {"type": "object", "required": ["openapi", "info", "paths"]}}

    def __init__(self, routes: Mapping[str, object]) -> None:
        self.routes = routes
        self._document: dict[str, Any] | None = None

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with this document."""
        if self._document is None:
            self._document = document(self.routes)
        send(resp, self._document)

    on_head = on_get
