"""A tree that is read leaf by leaf: its root at any size, in the memory of a few hashes."""

from __future__ import annotations

from domain.evidence.merkle import EMPTY, node_hash


class Frontier:
    """The complete subtrees that the leaves so far come to, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        hash_ = leaf
        for _ in range((~self.size & self.size + 1).bit_length() - 1):  # trailing ones of size
            hash_ = node_hash(self._subtrees.pop(), hash_)
        self._subtrees.append(hash_)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._subtrees:
            return EMPTY
        root = self._subtrees[-1]
        for each in reversed(self._subtrees[:-1]):
            root = node_hash(each, root)
        return root
