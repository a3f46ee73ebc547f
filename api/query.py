"""Numbers and texts in a query, read strictly, and what a client would rather have."""

from __future__ import annotations

from collections.abc import Mapping

from falcon.asgi import Request

from domain.errors import Invalid, NotAcceptable
from domain.identifiers import NUMBER


def number(req: Request, name: str, least: int = 0, most: int = 10**9 - 1) -> int | None:
    """Return the number that a parameter holds, or None without it. Raises Invalid."""
    text = req.get_param(name)
    if text is None:
        return None
    if not NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise Invalid(f"{name} must be a number from {least} to {most}.")
    return int(text)


def text(req: Request, name: str) -> str | None:
    """Return the text that a parameter holds, or None without one. Raises Invalid."""
    found = req.get_param(name)
    if found is not None and "\0" in found:
        raise Invalid(f"{name} has a NUL.")
    return found or None


def preferred(req: Request, kinds: Mapping[str, str]) -> str:
    """Return what Accept asks for: accepted media type → what is answered. Raises NotAcceptable."""
    found = req.client_prefers(list(kinds))
    if found is None:
        raise NotAcceptable(f"This can be had as {' or '.join(dict.fromkeys(kinds.values()))}.")
    return kinds[found]
