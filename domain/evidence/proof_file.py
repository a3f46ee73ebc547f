"""A proof as a file: events of one stream, each with its place in a signed tree.

Text in which every byte counts: there is one way to write a proof, and whatever is in it is signed,
directly or by a hash. Lines of one word and what it names, binary in base64:

    muniment-proof v1
    event 411           which leaf it is, from 0
    leaf <base64>       its header (domain/evidence/leaf.py)
    path <base64> …     the hashes from it to the root; the first is its neighbour
    salt <base64>       with what the event says: 16 bytes
    state <base64>      the stored JSON; SHA-256(salt ‖ state) is the digest in the leaf

    muniment/0123456789abcdef
    …                   after an empty line the checkpoint, as it was signed

The first event is the stream's first and says what it says, which is whose stream it is; another
is the publication that is proven. Whatever further events there are, are headers alone.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence

from msgspec import Struct

FIRST_LINE = "muniment-proof v1"


class Shown(Struct, frozen=True):
    """An event of a proof; `salt` and `state` are there or not together."""

    index: int
    leaf: bytes
    path: Sequence[bytes]
    salt: bytes | None = None
    state: bytes | None = None


def text(events: Iterable[Shown], checkpoint: str) -> str:
    """Return the proof of events in a signed checkpoint."""
    lines = [FIRST_LINE]
    for each in events:
        lines += [
            f"event {each.index}",
            f"leaf {_base64(each.leaf)}",
            " ".join(["path", *map(_base64, each.path)]),
        ]
        if each.salt is not None and each.state is not None:
            lines += [f"salt {_base64(each.salt)}", f"state {_base64(each.state)}"]
    return "\n".join(lines) + f"\n\n{checkpoint}"


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()
