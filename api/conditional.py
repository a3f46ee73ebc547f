"""Conditional requests: what the asker has already, and what he expects to change."""

from __future__ import annotations

from falcon.asgi import Request

from domain.errors import Invalid, Stale


def matches(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match names this tag. Source: RFC 9110, 13.1.2 (weak comparison)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    return any(each.strip().removeprefix("W/") == tag for each in header.split(","))


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
        raise Stale("If-Match names no revision.")
    return int(found)
