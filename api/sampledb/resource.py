"""What SampleDB's resources share: the service, the dialect, the body of a POST, the 201."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from falcon.asgi import Request, Response

from api.door import Dialect, Resource, send
from api.idempotency import retry
from api.sampledb import errors, parameters, render, replies
from api.service import Service
from domain.log import Session

P = ParamSpec("P")
R = TypeVar("R")

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
    query: ClassVar[dict[str, dict[str, Any]]] = {}  # method → parameter → what it does
    parts: ClassVar = parameters.PARTS
    creates: ClassVar = replies.NUMBERS

    def __init__(self, service: Service, prefix: str = "/api/v1") -> None:
        self.service = service
        self.prefix = prefix
        self.needs_login = prefix == "/api/v1"

    async def make(
        self,
        req: Request,
        resp: Response,
        body: bytes,
        at: Callable[[R], str],
        command: Callable[Concatenate[Session, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Carry out a command, once for a body that is sent again, and answer 201 with a Location.

        `at` says it of what the command returns. Raises what the command raises.
        """
        once = retry(req, body, lambda made: (201, at(made), None))
        made = await self.service.run(req.context.actor, once, command, *args, **kwargs)
        location = at(made)
        send(resp, render.created(location), 201)
        resp.set_header("Location", location)
