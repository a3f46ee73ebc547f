"""Where a walk through a vocabulary has come to, as opaque text: past its window, page by page."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import datetime

import msgspec
from msgspec import Struct

from domain.errors import Invalid
from projections.cursor import UNKNOWN

LARGEST = 16 << 10  # characters


class Place(Struct, frozen=True, array_like=True):
    """The place after a term: what it was sorted by, and its id."""

    sort: str
    name: str
    created_at: datetime
    key: str

    def text(self) -> str:
        """Return the place as text that a URL may hold as it is."""
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


_decode = msgspec.json.Decoder(Place).decode


def parse(text: str, sort: str) -> Place:
    """Return the place that a text is, in a list that is sorted so. Raises Invalid."""
    try:
        if len(text) > LARGEST or not text.isascii():
            raise ValueError
        place = _decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if place.sort != sort or "\0" in place.name + place.key or not place.created_at.tzinfo:
            raise ValueError
    except (ValueError, Error, msgspec.MsgspecError):
        raise Invalid(UNKNOWN) from None
    return place
