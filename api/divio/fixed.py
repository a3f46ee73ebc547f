"""Collections of what is built in, and those in which there is nothing here.

Source: the Divio specification, "Endpoints": lists of what Muniment does not have are empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.divio import paging, replies
from api.divio.resource import DivioResource
from api.door import send
from api.service import Service
from domain.errors import NotFound
from domain.hosted import PLAN_GROUP, REGION
from domain.identifiers import base32_of

REGIONS = ({"uuid": base32_of(REGION), "name": "Local"},)
PLAN_GROUPS = ({"uuid": base32_of(PLAN_GROUP), "name": "Free", "regions": [base32_of(REGION)]},)
EMPTY = (
    *("app-templates", "services", "repositories", "domains", "patches", "builds"),
    *("serviceinstances", "service-instances", "backups", "service-instance-backups"),
)


class FixedResource(DivioResource):
    """What answers with lines that never change."""

    def __init__(self, service: Service, path: str, lines: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(service)
        self.path, self.lines = path, lines
        self.title = path.rpartition("/")[2].replace("-", " ").capitalize()


class Fixed(FixedResource):
    """/apps/v3/regions/ and the like"""

    answers: ClassVar = {"GET": replies.listed(replies.FIXED)}

    def __init__(self, service: Service, path: str, lines: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(service, path, lines)
        asked = {"uuid": "the id of one", "name": "its name"}
        self.query = {"GET": paging.parameters() | asked}  # type: ignore[misc]  # others have none

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with all there are, which may be none. Raises NotFound."""
        wanted = {name: paging.last(req, name) for name in ("uuid", "name")}
        found = [
            line
            for line in self.lines
            if all(not text or line[name] == text for name, text in wanted.items())
        ]
        await paging.answer_all(req, resp, f"{self.base(req)}{self.path}/", found)


class OneFixed(FixedResource):
    """/apps/v3/regions/{uuid}/ and the like"""

    answers: ClassVar = {"GET": replies.FIXED}

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with it. Raises NotFound."""
        for line in self.lines:
            if line["uuid"] == uuid:
                send(resp, line)
                return
        raise NotFound(f"No {self.title.lower()} matches the given query.")
