"""What InvenioRDM's resources share: the dialect, media types, bodies, how JSON is answered."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from typing import Any, ClassVar

import orjson
from falcon.asgi import Request, Response

from api import addresses
from api.conditional import matches
from api.door import JSON, Dialect, Resource, send_bytes
from api.home import Home
from api.inveniordm import errors, schemas
from api.query import preferred
from api.service import Service

V1 = "application/vnd.inveniordm.v1+json"
MEDIA_TYPES = {JSON: JSON, V1: V1}
UNSPECIFIC = frozenset({JSON, "*/*", "application/*"})

DIALECT = Dialect(
    name="inveniordm",
    status=errors.status,
    error=errors.body,
    challenge='Bearer realm="InvenioRDM"',
    any_origin=True,
)


class InvenioRdmResource(Resource):
    """A resource of this door. Nothing asks for a login before it knows what it is about."""

    dialect = DIALECT
    needs_login = False
    home: Home | None = None  # the other door of what is here, if there is one
    request: ClassVar[dict[str, object]] = {}  # method → JSON Schema of the body
    query: ClassVar[dict[str, dict[str, Any]]] = {}  # method → parameter → what it does
    parts: ClassVar = schemas.PARTS
    answers: ClassVar[dict[str, Any]] = {}  # method → JSON Schema of success
    media_types: ClassVar[dict[str, Collection[str]]] = {}  # method → of answers, if not of JSON
    answer_types = (JSON, V1)

    def __init__(self, service: Service) -> None:
        self.service = service

    def media_type_of(self, req: Request) -> str:
        """Return the media type of JSON that a request asks for. Raises NotAcceptable."""
        return media_type(req)

    def base(self, req: Request) -> str:
        """Return what links begin with: scheme and host, without a slash at the end."""
        return addresses.base(req, self.service.base_url)


def media_type(req: Request) -> str:
    """Return which media type is answered: one of two, or another door's. Raises NotAcceptable."""
    if (shaped := getattr(req.context, "shaped", None)) is not None:
        return str(shaped)
    accepted = req.accept
    return JSON if accepted in UNSPECIFIC else preferred(req, MEDIA_TYPES)


def pretty(req: Request) -> bool:
    """Whether the answer is to be indented."""
    return bool(req.query_string) and req.get_param("prettyprint") not in (None, "", "0", "false")


def dumps(req: Request, value: Any) -> bytes:
    """Return JSON, indented if that is asked for."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 if pretty(req) else None)


def send(req: Request, resp: Response, value: Any, status: int = 200) -> None:
    """Answer with a value as JSON, in the media type asked for. Raises NotAcceptable."""
    send_body(req, resp, dumps(req, value), status)


def send_body(req: Request, resp: Response, body: bytes, status: int = 200) -> None:
    """Answer with JSON that is bytes already. Raises NotAcceptable."""
    send_bytes(resp, body, status)
    resp.content_type = _vary(req, resp)


def send_tagged(req: Request, resp: Response, body: bytes, tag: str) -> None:
    """Answer with JSON and its tag: 304 when the asker has it. Raises NotAcceptable."""
    resp.set_header("ETag", tag)
    if matches(req.get_header("If-None-Match"), tag):
        resp.status = 304
        _vary(req, resp)
        return
    send_body(req, resp, body)


def _vary(req: Request, resp: Response) -> str:
    """Say what of a request decides on how it is answered. Return the media type of the answer."""
    found = media_type(req)
    resp.set_header("Vary", "Accept, Accept-Language" if found == V1 else "Accept")
    return found


def tag_of(revision: int, body: bytes) -> str:
    """Return the tag of what is shown with more than its own revision tells."""
    return f'"{revision}-{blake2b(body, digest_size=6).hexdigest()}"'


def etag(revision: int) -> str:
    """Return the tag of a draft, or of the record that came of it, at a revision."""
    return f'"{revision}"'
