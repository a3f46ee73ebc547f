"""What requests say of a community. Source: InvenioRDM, "Communities"; the specification, 6."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from msgspec import Struct
from msgspec.structs import replace

from api.inveniordm import parse
from api.inveniordm.parse import MISSING
from domain import community, heavy
from domain.commands.communities import Face
from domain.errors import Fault, Invalid, TooLarge
from domain.group import Policies
from domain.schemas.rdm import community as rdm
from domain.schemas.rdm.markup import stripped
from domain.values import Body

R = TypeVar("R")

MOST = 512 << 10  # bytes of a request's body
NAMES = ("id", "slug")  # what a community is to be called, then and today


class Sent(Struct, frozen=True):
    """What a body says. `slug` is what the community is to be called; None: it does not say.

    `metadata` are exact bytes; the title and the description are in them too. `access` are the
    policies that it says.
    """

    slug: str | None
    metadata: bytes
    title: str
    description: str
    access: dict[str, Any]

    def face(self, before: Policies) -> Face:
        """Return what the community is to say; what is not said of its policies stays."""
        policies = replace(before, **self.access)
        return Face(policies, Body(self.metadata), self.title, self.description)


def whole(body: bytes, depth: int, *, named: bool) -> Sent:
    """Return what a body says of all of a community; `named`: it must say what it is called.

    Raises Invalid, naming all that is wrong, and TooLarge.
    """
    return _read(_whole, body, depth, named)


def slug(body: bytes, depth: int) -> str:
    """Return what a body wants a community to be called; nothing else in it matters.

    Raises Invalid, TooLarge.
    """
    return _read(_name, body, depth)


def _read(reader: Callable[..., R], body: bytes, *more: object) -> R:
    """Read a body, where heavy work is done if it is large. Raises Invalid, TooLarge."""
    if len(body) > MOST:
        raise TooLarge(f"What is said of a community has at most {MOST} bytes.", MOST)
    return reader(body, *more) if len(body) <= heavy.LIGHT else heavy.call(reader, body, *more)


def _name(body: bytes, depth: int) -> str:
    found, faults = _slug(parse.object_of(body, depth), named=True)
    if found is None:
        raise Invalid("The identifier is not valid.", faults)
    return found


def _whole(body: bytes, depth: int, named: bool) -> Sent:
    said = parse.object_of(body, depth)
    found = rdm.read(said.get("metadata"), said.get("access"))
    slug, faults = _slug(said, named=named)
    if found.faults + faults:
        raise Invalid("This is no community.", found.faults + faults)
    title, description = found.metadata["title"], found.metadata.get("description", "")
    return Sent(slug, orjson.dumps(found.metadata), title, stripped(description), found.access)


def _slug(said: dict[str, Any], *, named: bool) -> tuple[str | None, tuple[Fault, ...]]:
    """Return what a community is to be called, or what is wrong with that."""
    given = next((said[name] for name in NAMES if said.get(name) is not None), None)
    if given is None:
        return None, (Fault(NAMES[:1], MISSING),) if named else ()
    if not isinstance(given, str):
        return None, (Fault(NAMES[:1], "Not a valid string."),)
    if not named:
        return given, ()
    try:
        return community.slug_of(given), ()
    except Invalid as error:
        return None, error.faults
