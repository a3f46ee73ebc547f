"""Places in walks through lists, as text that clients hand back: signed, so that none is made up.

All machines that have the key read them; to others they are no places.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TypeVar

import msgspec
from itsdangerous import BadSignature, Signer
from msgspec import Struct

from domain.errors import Invalid
from projections.cursor import UNKNOWN

SALT = "muniment.cursor"  # with the kind of place: one is not read as another

Place = TypeVar("Place", bound=Struct)


class Cursors:
    """Writes and reads places. `key` is of any length."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def text(self, place: Struct) -> str:
        """Return a place as text that a URL may hold as it is."""
        said = urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=")
        return self._signer(type(place)).sign(said).decode()

    def read(self, text: str, kind: type[Place]) -> Place:
        """Return the place of a kind that a text is. Raises Invalid: it was not made here."""
        try:
            said = self._signer(kind).unsign(text.encode())
            return msgspec.json.decode(urlsafe_b64decode(said + b"=" * (-len(said) % 4)), type=kind)
        except (BadSignature, UnicodeEncodeError, msgspec.MsgspecError):  # or of another release
            raise Invalid(UNKNOWN) from None

    def _signer(self, kind: type[Struct]) -> Signer:
        return Signer(
            self._key,
            salt=f"{SALT}.{kind.__module__}.{kind.__qualname__}",
            sep=".",
            key_derivation="hmac",
            digest_method=sha256,
        )
