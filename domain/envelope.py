"""Envelope encryption: a secret under a data key, and that under a key kept elsewhere.

AES-GCM with 256-bit keys and random nonces. What a secret or a key belongs to is its associated
data: put in another place it does not open. Source: NIST SP 800-38D.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from secrets import token_bytes
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from domain.errors import Damaged

KEY_BYTES = 32
NONCE_BYTES = 12


class Sealed(Struct, frozen=True):
    """A secret as it is kept: the id of its data key, and nonce and ciphertext in base64."""

    key: UUID
    nonce: str
    ciphertext: str


class DataKey:
    """A key that secrets are sealed with; it tells nobody what it is."""

    def __init__(self, id_: UUID, key: bytes) -> None:
        self.id = id_
        self._cipher = AESGCM(key)
        self._digesting = hmac.digest(key, b"digest", "sha256")  # a key of its own

    def seal(self, text: str, place: bytes) -> Sealed:
        """Return a text as it may be kept at a place."""
        nonce = token_bytes(NONCE_BYTES)
        ciphertext = self._cipher.encrypt(nonce, text.encode(), place)
        return Sealed(self.id, b64encode(nonce).decode(), b64encode(ciphertext).decode())

    def open(self, sealed: Sealed, place: bytes) -> str:
        """Return the text that was sealed for a place. Raises Damaged."""
        try:
            nonce, ciphertext = b64decode(sealed.nonce), b64decode(sealed.ciphertext)
            return self._cipher.decrypt(nonce, ciphertext, place).decode()
        except (InvalidTag, ValueError) as error:
            raise Damaged(f"A secret under the data key {self.id} does not open.") from error

    def digest(self, body: bytes) -> bytes:
        """Return a digest of what a secret is in, from which nobody guesses it."""
        return hmac.digest(self._digesting, body, "sha256")


def wrap(key: bytes, data_key: bytes, place: bytes) -> bytes:
    """Return a data key as it may be kept at a place, under another key."""
    nonce = token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data_key, place)


def unwrap(key: bytes, wrapped: bytes, place: bytes) -> bytes:
    """Return a data key that was wrapped under a key for a place. Raises Damaged."""
    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as error:
        raise Damaged("A data key does not open with the key that it names.") from error
