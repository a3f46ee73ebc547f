"""The headers that answers have, each described once; which a success has, its docstring says.

Some follow from what else is answered: the ETag of what can be a 304, or a 412 for one that is
stale; those of a file of which a range can be asked for; that of a POST which takes an
Idempotency-Key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from api.door import Resource

_TEXT = {"type": "string"}
_COUNTED = {"type": "integer", "minimum": 0}


def _header(about: str, schema: dict[str, Any] = _TEXT) -> dict[str, Any]:
    return {"description": about, "schema": schema}


KNOWN: dict[str, dict[str, Any]] = {
    "Accept-Ranges": _header("the unit of ranges", {"const": "bytes"}),
    "Content-Disposition": _header("whether a file is shown or saved, and as what"),
    "Content-Location": _header("where this is when something newer has come"),
    "Content-MD5": _header("the MD5 of the whole file, in hexadecimal digits"),
    "Content-Range": _header("which bytes of how many these are"),
    "ETag": _header("what If-Match and If-None-Match call this state of it"),
    "Idempotent-Replayed": _header("this is a first answer, given again", {"const": "true"}),
    "Last-Modified": _header("since when a file's bytes are these"),
    "Link": _header("what belongs to it, and the pages beside this one (RFC 8288)"),
    "Location": _header("where it is"),
    "Memento-Datetime": _header("when this version was made (RFC 7089)"),
    "Preference-Applied": _header("the preference that was heard", {"const": "count=exact"}),
    "Repr-Digest": _header("the SHA-256 of the whole file (RFC 9530)"),
    "Retry-After": _header("in how many seconds to ask again", _COUNTED),
    "Tus-Version": _header("the version of tus that is spoken"),
    "Upload-Expires": _header("until when an upload can be gone on with"),
    "Upload-Offset": _header("how many bytes are safe", _COUNTED),
    "WWW-Authenticate": _header("how to sign in"),
    "X-Total-Count": _header("how many there are, on all pages", _COUNTED),
}
_NAME = re.compile(rf"(?<![\w-])({'|'.join(KNOWN)})(?![\w-])")
_TRIED = ("Accept-Ranges", "Content-MD5", "ETag", "Last-Modified", "Repr-Digest")  # of a file
_FILE = (*_TRIED, "Content-Disposition")
# Of refusals: status → the header → whether it is always there.
_OF_REFUSALS: dict[int, dict[str, bool]] = {
    401: {"WWW-Authenticate": True},
    412: dict.fromkeys((*_TRIED, "Tus-Version"), False),
    416: dict.fromkeys((*_TRIED, "Content-Disposition", "Content-Range"), False),
    429: {"Retry-After": True},
    503: {"Retry-After": False},
}


def of_success(
    method: str, status: int, said: str, others: Iterable[int], resource: object
) -> dict[str, Any]:
    """Return the headers of a success: `said` is the docstring, `others` are all successes."""
    about, _, raised = said.partition("Raises")
    names = set(_NAME.findall(about))
    leads = 300 <= status < 400 and status != 304
    if leads or status in (201, 202):
        names.add("Location")
    if 206 in others and not leads:
        names |= {*_FILE, "Content-Range"} if status == 206 else set(_FILE)
    if (304 in others and not leads) or ("Stale" in raised and status != 204):
        names.add("ETag")
    if method == "POST" and isinstance(resource, Resource) and resource.takes_keys:
        names.add("Idempotent-Replayed")
    return {
        name: {**KNOWN[name], **({"required": True} if leads and name == "Location" else {})}
        for name in sorted(names)
    }


def of_refusal(status: int, *, waits: bool) -> dict[str, Any]:
    """Return the headers of a refusal; `waits`: it may be one for having asked too often."""
    found = ({"Retry-After": False} if waits else {}) | _OF_REFUSALS.get(status, {})
    return {
        name: {**KNOWN[name], **({"required": True} if always else {})}
        for name, always in found.items()
    }
