"""Signed notes: text with signatures below it, and the keys that make them and check them.

A key has a name. As it is given away it is one line, `<name>+<id>+<base64>`; the id is the
beginning of a hash over name and public key. Source: C2SP signed-note, Ed25519.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
ID = 4  # bytes

_SIGNATURE = re.compile(r"— (\S+) (\S+)\n")
_KEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)")


class NoteError(ValueError):
    """A text that is no note or no key, or a signature that is not the key's."""


class PublicKey:
    """A key that checks."""

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name
        self.raw = raw
        self.id = sha256(f"{name}\n".encode() + ED25519 + raw).digest()[:ID]

    @property
    def text(self) -> str:
        """The key as it is given away."""
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.raw).decode()}"

    def check(self, note: str) -> str:
        """Return the text of a note that this key has signed. Raises NoteError."""
        text, signatures = parts(note)
        for name, signature in signatures:
            if name == self.name and signature[:ID] == self.id:
                try:
                    Ed25519PublicKey.from_public_bytes(self.raw).verify(
                        signature[ID:], text.encode()
                    )
                except InvalidSignature:
                    raise NoteError("the signature is not the key's") from None
                return text
        raise NoteError(f"it is not signed by {self.name}")


class PrivateKey:
    """A key that signs."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the note of a text, which ends its last line."""
        signature = b64encode(self.public.id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.public.name} {signature}\n"


def public_key(text: str) -> PublicKey:
    """Return the key that checks, from its text. Raises NoteError."""
    found = _KEY.fullmatch(text.strip())
    raw = _decoded(found[3]) if found is not None else b""
    if found is None or raw[:1] != ED25519 or len(raw) != 33:
        raise NoteError("this is no Ed25519 key of signed notes")
    key = PublicKey(found[1], raw[1:])
    if key.id.hex() != found[2]:
        raise NoteError("the key's id is another's")
    return key


def parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a note's text, and the name and bytes of each signature. Raises NoteError."""
    body, gap, below = note.rpartition("\n\n")
    lines = _SIGNATURE.findall(below)
    if not gap or "".join(f"— {name} {signature}\n" for name, signature in lines) != below:
        raise NoteError("this is no signed note")
    return f"{body}\n", [(name, _decoded(signature)) for name, signature in lines]


def _decoded(text: str) -> bytes:
    """Return the bytes of base64 in its one form. Raises NoteError."""
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        found = b""
    if b64encode(found).decode() != text:
        raise NoteError("this is no base64")
    return found
