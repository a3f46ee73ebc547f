"""The representations of deposits and records, by Accept. Source: the CAP specification."""

from __future__ import annotations

from falcon.asgi import Request

from api.door import JSON
from api.query import preferred

BASIC = "application/basic+json"
FORM = "application/form+json"
PERMISSIONS = "application/permissions+json"
REPOSITORIES = "application/repositories+json"
OWN = (BASIC, FORM, PERMISSIONS, REPOSITORIES)
KINDS = {each: each for each in (JSON, *OWN)}
UNSPECIFIC = frozenset({JSON, "*/*", "application/*"})


def asked(req: Request) -> str:
    """Return which media type is answered. Raises NotAcceptable."""
    return JSON if req.accept in UNSPECIFIC else preferred(req, KINDS)
