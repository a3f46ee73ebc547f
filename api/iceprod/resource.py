"""What IceProd's resources share: refusals as `{code, error}`, bodies that are JSON objects.

Its client repeats what is answered with 408, 429 or 5xx, for minutes: no mistake of a user's is.
Source: the IceProd specification, "REST" and 8.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from falcon.asgi import Request

from api import bodies
from api.door import Dialect, Resource
from api.errors import status_of
from api.idempotency import retry
from api.service import Service
from domain import heavy, intake
from domain.access import Actor
from domain.errors import Invalid, Needed, Refusal, Stale, TooManyRequests
from domain.intake import UNREAD, Document
from domain.log import Session

P = ParamSpec("P")
R = TypeVar("R")


def _status(refusal: Refusal) -> int:
    """Return the status: 403 for too many failed sign-ins."""
    if isinstance(refusal, TooManyRequests):
        return 403
    return 400 if isinstance(refusal, Stale | Needed) else status_of(refusal)


def _error(refusal: Refusal, status: int) -> dict[str, Any]:
    """Return the body of a refusal; where a document has faults, with the first of them."""
    said = refusal.message
    if isinstance(refusal, Invalid) and refusal.faults:
        fault = refusal.faults[0]
        said = f"{'.'.join(map(str, fault.path)) or 'body'}: {fault.message}"
    return {"code": status, "error": said}


DIALECT = Dialect(
    name="iceprod",
    status=_status,
    error=_error,
    created=lambda location: {"result": location.rpartition("/")[2]},
)
NO_STORE = "no-store, no-cache, must-revalidate"


class IceprodResource(Resource):
    """A resource of IceProd's; whoever asks has signed in."""

    dialect = DIALECT
    needs_login = True
    too_late = 400
    request: ClassVar[dict[str, object]] = {}  # method → JSON Schema of the body
    query: ClassVar[dict[str, dict[str, str]]] = {}  # method → parameter → what it does
    parts: ClassVar = {
        "dataset_id": {"type": "string", "minLength": 1, "description": "the id of a dataset"},
        "action_id": {"type": "string", "minLength": 1, "description": "the id of an action"},
    }

    def __init__(self, service: Service) -> None:
        self.service = service

    async def body(self, req: Request) -> bytes:
        """Return the request's body; who sends it may still do so when it has come.

        Raises Invalid, TooLarge, and as api.gate.Gate.still_open.
        """
        body = await bodies.patiently(self.service.bodies.read(req))
        await req.context.gate.still_open(req, self)
        return body

    async def run(
        self,
        req: Request,
        body: bytes,
        status: int,
        location: Callable[[R], str | None],
        command: Callable[Concatenate[Session, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Carry out a command; a POST once, where it is sent again with its Idempotency-Key."""
        once = None
        if req.method == "POST":
            once = retry(req, body, lambda made: (status, location(made), None))
        actor: Actor = req.context.actor
        return await self.service.run(actor, once, command, *args, **kwargs)

    async def members(self, body: bytes) -> dict[str, Document]:
        """Return the members of a body; none of nothing. Raises Invalid."""
        depth = self.service.limits.json_depth
        if len(body) > heavy.LIGHT:  # the loop waits for nothing
            return await self.service.slow(lambda: intake.members(body, depth))
        return intake.members(body or b"{}", depth)


def fields(
    members: dict[str, Document],
    required: Collection[str],
    optional: Collection[str] = (),
    *,
    large: Collection[str] = (),
) -> dict[str, Document]:
    """Return members, of which those in `large` may be left unread.

    Raises Invalid for one that is missing, not known, or too large.
    """
    for name in required:
        if name not in members:
            raise Invalid(f"{name} is missing.")
    for name, document in members.items():
        if name not in required and name not in optional:
            raise Invalid(f"{name[:100]} is not known here.")
        if document.value is UNREAD and name not in large:
            raise Invalid(f"{name} is too large.")
    return members
