"""What SampleDB's resources share: the service, the dialect, the body of a POST."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request

from api.door import Dialect, Resource
from api.sampledb import errors, render
from api.service import Service

DIALECT = Dialect(
    name="sampledb",
    status=errors.status,
    error=errors.body,
    created=render.created,
    challenge='Bearer realm="Authentication Required"',
    any_origin=True,
)


class SampleDbResource(Resource):
    """A resource below `prefix`; `/api/v1` always asks for a login, `/objects` does not."""

    dialect = DIALECT
    request: ClassVar[dict[str, object]] = {}  # method → JSON Schema of the body
    query: ClassVar[dict[str, dict[str, str]]] = {}  # method → parameter → what it does

    def __init__(self, service: Service, prefix: str = "/api/v1") -> None:
        self.service = service
        self.prefix = prefix
        self.needs_login = prefix == "/api/v1"

    async def body(self, req: Request) -> bytes:
        """Return the request's body; who sends it may still do so when it has come.

        Raises as api.bodies.Bodies.read and api.gate.Gate.still_open.
        """
        body = await self.service.bodies.read(req)
        await req.context.gate.still_open(req, self)
        return body
