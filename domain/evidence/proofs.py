"""Proofs: that a leaf is in a tree, and that one tree goes on from another.

Source: RFC 6962, 2.1.1 and 2.1.2, and for their verification RFC 9162, 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.evidence.merkle import EMPTY, Node, node_hash, split, subtree


def inclusion(node: Node, index: int, size: int) -> list[bytes]:
    """Return the path from leaf `index` to the root of the first `size` leaves."""
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            path.append(subtree(node, middle, end))
            end = middle
        else:
            path.append(subtree(node, begin, middle))
            begin = middle
    return path[::-1]


def includes(leaf: bytes, index: int, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a path shows the hash `leaf` as leaf `index` of the tree with this root."""
    if not 0 <= index < size:
        return False
    hash_, place, last = leaf, index, size - 1
    for each in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            hash_ = node_hash(each, hash_)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, each)
        place, last = place >> 1, last >> 1
    return last == 0 and hash_ == root


def consistency(node: Node, old: int, new: int) -> list[bytes]:
    """Return the proof that the first `new` leaves go on from the first `old`; 0 <= old <= new."""
    path: list[bytes] = []
    if old in (0, new):
        return path
    begin, end, whole = 0, new, True
    while old != end:
        middle = begin + split(end - begin)
        if old <= middle:
            path.append(subtree(node, middle, end))
            end = middle
        else:
            path.append(subtree(node, begin, middle))
            begin, whole = middle, False
    if not whole:
        path.append(subtree(node, begin, end))
    return path[::-1]


def extends(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree of `new` leaves goes on from the one of `old`."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        same = old_root == (new_root if old == new else EMPTY)
        return same and not proof
    path = [*proof] if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(each, first), node_hash(each, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, each)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
