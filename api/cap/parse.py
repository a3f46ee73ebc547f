"""What CAP's requests say. Source: the CAP specification, "Endpoints", "What the client needs"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from falcon.asgi import Request

from api import query
from domain import documents
from domain.commands.deposits import stated
from domain.commands.sharing import Change
from domain.errors import Invalid
from domain.intake import Document

SCHEMA = re.compile(r"(?:.*/)?([A-Za-z0-9][\w.-]{0,99})-v(\d{1,9}\.\d{1,9}\.\d{1,9})(?:\.json)?#?")
LONGEST = 500  # characters of the name of a schema
SIZE = 10
MOST = 100  # hits of a page
WINDOW = 10_000  # hits that may be asked for, from the first
CHANGES = 1_000  # of rights, in one request
SORTS = ("mostrecent", "bestmatch")
BOOLS = {"true": True, "1": True, "false": False, "0": False}


class Beginning(NamedTuple):
    """What a new deposit is to be; `version` of the type: None: the newest."""

    type: str
    version: str | None
    document: Document


class Page(NamedTuple):
    """Which page is asked for, from 1, and of how many hits."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many hits come before it."""
        return (self.number - 1) * self.size


def beginning(body: bytes, depth: int) -> Beginning:
    """Return what a new deposit is to be: `$ana_type` or `$schema`, the rest is metadata.

    Raises Invalid.
    """
    document, members = stated(body.strip() or b"{}", depth)
    name = _text(members, "$ana_type")
    if name is not None:
        return Beginning(name, None, document)
    schema = _text(members, "$schema")
    if schema is None:
        raise Invalid("The analysis type is missing: name it in $ana_type or $schema.")
    match = SCHEMA.fullmatch(schema) if len(schema) <= LONGEST else None
    if match is None:
        raise Invalid(f"There is no schema {schema[:200]}.")
    return Beginning(match[1], match[2], document)


def metadata(body: bytes, depth: int) -> Document:
    """Return the metadata that a body is, without what begins with _ or $. Raises Invalid."""
    return stated(body, depth)[0]


def changes(body: bytes, depth: int) -> list[Change]:
    """Return the changes of rights that a body asks for. Raises Invalid."""
    documents.read(body, max_depth=depth)
    try:
        found = msgspec.json.decode(body, type=list[Change])
    except msgspec.ValidationError as error:
        raise Invalid(f"The permissions cannot be read: {error}") from error
    if not 1 <= len(found) <= CHANGES:
        raise Invalid(f"1 to {CHANGES} permissions are changed in one request.")
    return found


def page(req: Request) -> Page:
    """Return the page that is asked for. Raises Invalid."""
    number = query.number(req, "page", least=1) or 1
    size = query.number(req, "size", least=1, most=MOST) or SIZE
    if number * size > WINDOW:
        raise Invalid(f"At most {WINDOW} hits may be asked for, from the first.")
    return Page(number, size)


def by_match(req: Request) -> bool:
    """Return whether the best match comes first: else the last changed does. Raises Invalid."""
    found = req.get_param("sort") or SORTS[0]
    if found not in SORTS:
        raise Invalid(f"sort must be one of {', '.join(SORTS)}.")
    return found == "bestmatch"


def by_me(req: Request) -> bool:
    """Return whether only one's own are asked for. Raises Invalid."""
    said = (req.get_param("by_me") or "false").lower()
    if said not in BOOLS:
        raise Invalid("by_me must be True or False.")
    return BOOLS[said]


def _text(members: Mapping[str, Document], name: str) -> str | None:
    """Return a member that is a text; None without it. Raises Invalid."""
    if name not in members:
        return None
    found = members[name].text
    if found is None:
        raise Invalid(f"{name} must be a text.")
    return found
