"""A record's home: the door that made it, which shows it in its own shape at a path of two doors.

Source: the CAP specification, "/api/records is shared with InvenioRDM".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from falcon.asgi import Request

from api.shapes import Schema
from projections.published import Found, Newest


class Elsewhere(Protocol):
    """What shows records otherwise than here."""

    async def __call__(self, base: str, found: Found, newest: Newest) -> bytes | None:
        """Show a record, its links beginning with a base; None: it is not shown otherwise."""

    async def among(self, listed: Sequence[Found]) -> Elsewhere:
        """Return what shows these in a list: what it takes is read for all of them at once."""


class Home(Protocol):
    """A door that some records are at home in."""

    @property
    def shape(self) -> Schema:
        """Return the schema of a record as this door shows it where nothing is asked for."""

    @property
    def shapes(self) -> Mapping[str, Schema]:
        """Return the media types that it alone has, each with the schema of a record in it."""

    def asked(self, req: Request) -> str | None:
        """Return which of its own media types a request would rather have than any; or None."""

    def elsewhere(self, req: Request) -> Elsewhere:
        """Return what shows the records that a request is to have in this door's shape."""
