"""What requests say. Source: the InvenioRDM specification, 1 and 2."""

from __future__ import annotations

from falcon.asgi import Request

from api.inveniordm.errors import UNREADABLE
from domain import documents
from domain.commands import models
from domain.commands.models import Sent
from domain.errors import Fault, Invalid, Stale

MISSING = "Missing data for required field."
MOST_KEYS = 10_000  # files that one request starts


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


def keys(body: bytes, depth: int) -> list[str]:
    """Return the keys of the files that a body starts, `[{"key": …}]`. Raises Invalid."""
    try:
        found = documents.read(body, max_depth=depth)
    except Invalid as error:
        raise Invalid(f"{UNREADABLE} {error.message}") from error
    if not isinstance(found, list):
        raise Invalid("The body must be an array of objects, each with a key.")
    if len(found) > MOST_KEYS:
        raise Invalid(f"One request starts {MOST_KEYS} files at most.")
    keys, faults = [], []
    for at, each in enumerate(found):
        key = each.get("key") if isinstance(each, dict) else None
        if isinstance(key, str):
            keys.append(key)
        else:
            faults.append(Fault((at, "key"), MISSING if key is None else "Not a valid string."))
    if faults:
        raise Invalid("Each file needs a key.", tuple(faults))
    return keys
