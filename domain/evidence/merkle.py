"""The Merkle tree over the leaves. Source: RFC 6962, 2.1.

Whoever asks for hashes gives a `Node`: (level, index) → the hash of the complete subtree over the
leaves from index * 2**level to (index + 1) * 2**level.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

Node = Callable[[int, int], bytes]

HASH = 32  # bytes
EMPTY = sha256(b"").digest()  # the root of a tree without leaves


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def split(width: int) -> int:
    """Return how many of `width` leaves, two or more, are on the left: a power of two below it."""
    return 1 << ((width - 1).bit_length() - 1)


def root(node: Node, size: int) -> bytes:
    """Return the root of the tree of the first `size` leaves."""
    return subtree(node, 0, size) if size else EMPTY


def subtree(node: Node, begin: int, end: int) -> bytes:
    """Return the hash over the leaves `begin` to `end`, a range that RFC 6962 comes upon.

    Its beginning is a multiple of the largest power of two within it.
    """
    width = end - begin
    if width & (width - 1) == 0:
        return node(width.bit_length() - 1, begin // width)
    middle = begin + split(width)
    return node_hash(subtree(node, begin, middle), subtree(node, middle, end))
