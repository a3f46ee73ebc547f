"""What Divio's resources share: `detail` and lists by field, bodies as JSON or as a form.

Source: the Divio specification, "Auth" and "Endpoints"; where it says nothing, what Django REST
framework does by default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar
from urllib.parse import parse_qs

import falcon
import orjson
from falcon.asgi import Request, Response

from api import addresses
from api.divio.fields import Field
from api.divio.replies import OPTIONS, PART
from api.door import JSON, Dialect, Resource, send
from api.errors import status_of
from api.idempotency import retry
from api.service import Service
from domain import heavy, intake
from domain.access import Actor
from domain.errors import Fault, Invalid, Needed, Refusal
from domain.event import Answer
from domain.intake import UNREAD
from domain.log import Session

P = ParamSpec("P")
R = TypeVar("R")

FORM = "application/x-www-form-urlencoded"
WHOLE = "non_field_errors"
MOST = 1_000  # members of a form
LARGE = "This is too large."


def _status(refusal: Refusal) -> int:
    return 400 if isinstance(refusal, Needed) else status_of(refusal)


def _error(refusal: Refusal, status: int) -> dict[str, Any]:
    """Return the body of a refusal: its faults by field where it has some."""
    if not isinstance(refusal, Invalid) or not refusal.faults:
        return {"detail": refusal.message}
    found: dict[str, Any] = {}
    for fault in refusal.faults:
        found.setdefault(str(fault.path[0]) if fault.path else WHOLE, []).append(fault.message)
    return found


DIALECT = Dialect(name="divio", status=_status, error=_error, challenge="Token")


class DivioResource(Resource):
    """A resource of Divio's; whoever asks has signed in, and not by a token in the query."""

    dialect = DIALECT
    needs_login = True
    token_in_query = False
    tells_options = True
    options: ClassVar = OPTIONS
    title = ""  # what it is called where a program asks for its OPTIONS
    takes: ClassVar[Mapping[str, Field]] = {}  # that a body has
    request: ClassVar[dict[str, object]] = {}  # method → JSON Schema of the body
    request_types: ClassVar = dict.fromkeys(("POST", "PATCH"), (JSON, FORM))
    answers: ClassVar[dict[str, Mapping[str, Any]]] = {}  # method → JSON Schema of success
    parts: ClassVar = {"uuid": PART, "member": PART}
    query: ClassVar[dict[str, dict[str, Any]]] = {}  # method → parameter → what it does

    def __init__(self, service: Service) -> None:
        self.service = service

    def base(self, req: Request) -> str:
        """Return what absolute links begin with."""
        return addresses.base(req, self.service.base_url)

    async def on_options(self, req: Request, resp: Response, **names: str) -> None:
        """200 with what may be sent here."""
        allowed = [
            name
            for name in ("GET", "POST", "PATCH", "DELETE")
            if hasattr(self, f"on_{name.lower()}")
        ]
        shown: dict[str, Any] = {
            "name": self.title,
            "description": "",
            "renders": [JSON],
            "parses": [JSON, FORM],
        }
        actions = {
            name: {field: each.options() for field, each in self.takes.items()}
            for name in allowed
            if self.takes and name in ("POST", "PATCH")
        }
        send(resp, shown | ({"actions": actions} if actions else {}))
        resp.set_header("Allow", ", ".join([*allowed, "HEAD", "OPTIONS"]))

    async def members(self, req: Request) -> tuple[bytes, dict[str, Any]]:
        """Return a body and its members, of JSON or of a form; none of nothing.

        Of a form they are texts. Raises Invalid, TooLarge, falcon.HTTPError with 415.
        """
        body = await self.body(req)
        kind = (req.content_type or "").partition(";")[0].strip().lower()
        if not body and kind in ("", JSON, FORM):
            return body, {}
        if kind == FORM:
            return body, _form(body)
        if kind != JSON:
            raise falcon.HTTPUnsupportedMediaType(
                description=f'Unsupported media type "{kind[:100]}" in request.'
            )
        return body, await self._json(body)

    async def _json(self, body: bytes) -> dict[str, Any]:
        depth = self.service.limits.json_depth
        if len(body) > heavy.LIGHT:
            found = await self.service.slow(lambda: intake.members(body, depth))
        else:
            found = _small(body, depth)
        for name, each in found.items():
            if each.value is UNREAD:
                raise Invalid(LARGE, (Fault((name,), LARGE),))
        return {name: each.value for name, each in found.items()}

    async def run(
        self,
        req: Request,
        body: bytes,
        location: Callable[[R], str | None],
        command: Callable[Concatenate[Session, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Carry out a command; a POST once, where it is sent again with its Idempotency-Key."""
        once = None
        if req.method == "POST":
            once = retry(req, body, lambda made: (201, location(made), None))
        actor: Actor = req.context.actor
        return await self.service.run(actor, once, command, *args, **kwargs)


class ShowingResource(DivioResource, ABC):
    """A resource of things that have ids, which it shows."""

    @abstractmethod
    async def shown(self, req: Request, uuid: str) -> dict[str, Any]:
        """Return what an id names as it is shown. Raises NotFound."""

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the body that a first answer had: what it made, as it is now."""
        uuid = (answer.location or "").rstrip("/").rpartition("/")[2]
        return orjson.dumps(await self.shown(req, uuid))


def _small(body: bytes, depth: int) -> dict[str, intake.Document]:
    try:
        return intake.members(body, depth)
    except Invalid as error:
        if body.lstrip()[:1] == b"{":
            raise Invalid(f"JSON parse error - {error.message}") from error
        message = "Invalid data. Expected a JSON object."
        raise Invalid(message, (Fault((WHOLE,), message),)) from error


def _form(body: bytes) -> dict[str, str]:
    """Return the members of a form; of what is there several times the last. Raises Invalid."""
    try:
        found = parse_qs(
            body.decode(), keep_blank_values=True, max_num_fields=MOST, errors="strict"
        )
    except ValueError as error:
        raise Invalid("Form parse error - the body is no form in UTF-8.") from error
    return {name: said[-1] for name, said in found.items()}
