"""What requests say. Source: the InvenioRDM specification, 1 and 2."""

from __future__ import annotations

from falcon.asgi import Request

from api.inveniordm.errors import UNREADABLE
from domain.commands import models
from domain.commands.models import Sent
from domain.errors import Invalid, Stale


def sent(body: bytes, depth: int) -> Sent:
    """Return a draft's body by its members; an empty one says nothing. Raises Invalid."""
    try:
        return models.sent(body, depth)
    except Invalid as error:
        raise Invalid(f"{UNREADABLE} {error.message}") from error


def expected(req: Request) -> int | None:
    """Return the revision that If-Match names, quoted or not; None: any. Raises Invalid, Stale."""
    header = req.get_header("If-Match")
    if header is None or header.strip() == "*":
        return None
    if "," in header:
        raise Invalid("If-Match must name one revision.")
    # A record's tag has more in it than its revision.
    found = header.strip().strip('"').partition("-")[0]
    if not (found.isascii() and found.isdecimal() and len(found) <= 18):
        raise Stale("If-Match names no revision of this draft.")
    return int(found)
