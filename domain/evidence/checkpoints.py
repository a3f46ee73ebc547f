"""Checkpoints: how many leaves a tree had, and its root, signed. Source: C2SP tlog-checkpoint."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha256

from msgspec import Struct

from domain.evidence.merkle import HASH
from domain.evidence.notes import NoteError, PrivateKey, PublicKey, parts

_TEXT = re.compile(r"(\S+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n")
# In a file of many, each stands on lines of its own; what a crash cut off matches nowhere.
_IN_A_FILE = re.compile(
    rb"^\S+\n(?:0|[1-9][0-9]{0,17})\n[A-Za-z0-9+/]{43}=\n\n(?:\xe2\x80\x94 \S+ \S+\n)+",
    re.MULTILINE,
)


class Checkpoint(Struct, frozen=True):
    """A log's name, the number of its leaves and the root of their tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def log_key(seed: bytes) -> PrivateKey:
    """Return the key of a log, which is named for it: two logs never have one name."""
    unnamed = PrivateKey("", seed)
    return PrivateKey(f"muniment/{sha256(unnamed.public.raw).hexdigest()[:16]}", seed)


def sign(key: PrivateKey, size: int, root: bytes) -> str:
    """Return the signed checkpoint of a tree; the key's name is the log's."""
    return key.sign(Checkpoint(key.public.name, size, root).text)


def read(note: str) -> Checkpoint:
    """Return the checkpoint of a note, whoever signed it. Raises NoteError."""
    return _of(parts(note)[0])


def check(note: str, key: PublicKey) -> Checkpoint:
    """Return the checkpoint that a key has signed for its log. Raises NoteError."""
    found = _of(key.check(note))
    if found.origin != key.name:
        raise NoteError(f"it is a checkpoint of another log, {found.origin}")
    return found


def in_file(content: bytes) -> tuple[list[str], bytes]:
    """Return the whole notes of a file of checkpoints, in their order, and what follows them."""
    found = [*_IN_A_FILE.finditer(content)]
    rest = content[found[-1].end() :] if found else content
    return [each[0].decode(errors="replace") for each in found], rest


def _of(text: str) -> Checkpoint:
    found = _TEXT.fullmatch(text)
    root = b64decode(found[3]) if found is not None else b""
    if found is None or len(root) != HASH or b64encode(root).decode() != found[3]:
        raise NoteError("this is no checkpoint")
    return Checkpoint(found[1], int(found[2]), root)
