"""Conditional requests: what the asker has already, and what he expects to change."""

from __future__ import annotations

from collections.abc import Callable

from falcon.asgi import Request

from domain.errors import Invalid, Stale
from domain.values import Content


def matches(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match names this tag. Source: RFC 9110, 13.1.2 (weak comparison)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    return any(each.strip().removeprefix("W/") == tag for each in header.split(","))


def among(header: str, tag: str) -> bool:
    """Whether an If-Match names this tag. Source: RFC 9110, 13.1.1 (strong comparison)."""
    return header.strip() == "*" or tag in [each.strip() for each in header.split(",")]


def tag_of(content: Content) -> str:
    """Return the tag of a file's bytes."""
    return f'"md5:{content.md5}"'


def expected_content(req: Request) -> Callable[[Content | None], bool]:
    """Return what says of a file's bytes, or of None for no file, if a request may change them.

    Source: RFC 9110, 13.1.1 and 13.1.2.
    """
    wanted, unwanted = req.get_header("If-Match"), req.get_header("If-None-Match")

    def holds(content: Content | None) -> bool:
        if content is None:
            return wanted is None
        tag = tag_of(content)
        return (wanted is None or among(wanted, tag)) and not matches(unwanted, tag)

    return holds


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
