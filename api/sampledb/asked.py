"""What a list of objects is asked for with. Source: the specification, 2.3."""

from __future__ import annotations

from falcon.asgi import Request
from msgspec import Struct

from api.sampledb.parse import TYPES
from domain.errors import Invalid
from domain.identifiers import NUMBER

HUGE = 10**15  # Source: 2.3, limit
NO = frozenset({"false", "0", "no", "off"})


class Listing(Struct, frozen=True):
    """The query of GET /objects/; `type` is a name, `action` a number."""

    action: int | None
    type: str | None
    limit: int | None
    offset: int
    name_only: bool
    referencing: bool  # with the objects that refer to each
    query: str | None  # None: all
    advanced: bool  # whether the query is an advanced search, else one for words
    counted: bool  # whether the client would rather know how many there are


def listing(req: Request) -> Listing:
    """Return what GET /objects/ asks for. Raises Invalid for a filter that cannot be one."""
    action = None
    if text := req.get_param("action_id"):
        if not NUMBER.fullmatch(text):
            raise Invalid(f"There is no action {text}.")
        action = int(text)
    return Listing(
        action=action,
        type=_type(req.get_param("action_type_id") or req.get_param("action_type")),
        limit=_counted(req.get_param("limit"), least=1),
        offset=_counted(req.get_param("offset"), least=0) or 0,
        name_only=_wanted(req, "name_only", unless=False),
        referencing=_wanted(req, "get_referencing_objects", unless=False),
        query=(req.get_param("q") or "").strip() or None,
        advanced=_wanted(req, "use_advanced_search", unless=True),
        counted="count=exact" in _preferences(req),
    )


def _type(text: str | None) -> str | None:
    if not text:
        return None
    for number, name in TYPES.items():
        if text in (str(number), name):
            return name
    raise Invalid(f"There is no action type {text}.")


def _counted(text: str | None, *, least: int) -> int | None:
    """Return a count, or None when the text is none: SampleDB ignores those."""
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    number = int(text[:20])
    return number if least <= number <= HUGE else None


def _wanted(req: Request, name: str, *, unless: bool) -> bool:
    """Return whether something is wanted: where it is named, unless that says no."""
    text = req.get_param(name)
    return unless if text is None else text.lower() not in NO


def _preferences(req: Request) -> list[str]:
    """Return what the client would rather have. Source: RFC 7240, 2."""
    named = (each.partition(";")[0] for each in (req.get_header("Prefer") or "").split(","))
    return [each.replace(" ", "").replace('"', "").lower() for each in named]
