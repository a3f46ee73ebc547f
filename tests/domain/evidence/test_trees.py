"""Trees of tiles: roots and proofs are those of RFC 6962."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.evidence import tiles
from domain.evidence.merkle import leaf_hash, root
from domain.evidence.proofs import consistency, extends, includes, inclusion
from domain.evidence.tiles import Piece
from tests.domain.evidence.trees import Grown, leaves, mth, path, proof


def tree(size: int, *batches: int) -> Grown:
    """Return a tree of leaves that came in batches."""
    grown = Grown()
    hashes = [leaf_hash(each) for each in leaves(size)]
    for begin, end in pairwise([0, *sorted(min(each, size) for each in batches), size]):
        grown.add(hashes[begin:end])
    return grown


@given(st.integers(0, 700), st.lists(st.integers(0, 700), max_size=6))
@settings(max_examples=40, deadline=None)
def test_however_the_leaves_come_the_tiles_are_the_same(size: int, batches: list[int]) -> None:
    """And their root is the one of RFC 6962."""
    grown = tree(size, *batches)

    assert grown.tiles == tree(size).tiles
    assert root(grown.node, size) == mth(leaves(size))


@given(st.data(), st.integers(1, 700))
@settings(max_examples=60, deadline=None)
def test_proofs_of_inclusion_are_those_of_rfc_6962(data: st.DataObject, size: int) -> None:
    """For any leaf, and of an earlier tree too; they show that leaf, that place and that root."""
    grown, old = tree(size + 300), data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, old - 1))
    found = inclusion(grown.node, index, old)
    hash_, top = leaf_hash(leaves(old)[index]), root(grown.node, old)

    assert found == path(index, leaves(old))
    assert includes(hash_, index, old, top, found)
    assert not includes(leaf_hash(b"other"), index, old, top, found)
    assert not includes(hash_, index, old, top, [*found, top])
    assert not includes(hash_, old, old, top, found)
    for at in range(len(found)):
        changed = [*found[:at], bytes(32), *found[at + 1 :]]
        assert not includes(hash_, index, old, top, changed)
        assert not includes(hash_, index, old, top, found[:at] + found[at + 1 :])


@given(st.data(), st.integers(0, 700))
@settings(max_examples=60, deadline=None)
def test_proofs_of_consistency_are_those_of_rfc_6962(data: st.DataObject, new: int) -> None:
    """They show that a tree goes on from that one, and no other."""
    grown, old = tree(new), data.draw(st.integers(0, new))
    found = consistency(grown.node, old, new)
    before, after = root(grown.node, old), root(grown.node, new)

    assert found == (proof(old, leaves(new)) if old else [])
    assert extends(old, before, new, after, found)
    assert not extends(old, bytes(32), new, after, found)
    assert not extends(old, before, new, after, [*found, before])
    if 0 < old < new:
        assert not extends(old, before, new, bytes(32), found)
        assert not extends(old, before, new, after, found[:-1])


@given(st.integers(0, 10**12), st.integers(1, 256))
def test_a_piece_has_one_address(number: int, width: int) -> None:
    """What names it is read back."""
    named = Piece(number, width)

    assert tiles.piece(named.path) == named


def test_addresses_are_those_of_tlog_tiles() -> None:
    """By three digits, and the width of what is partial; nothing else is an address."""
    assert Piece(1234067).path == "x001/x234/067"
    assert Piece(273, 5).path == "273.p/5"
    for wrong in ("0", "67", "1000", "x000/001", "x001/67", "067.p/256", "067.p/0", "067.p/07"):
        assert tiles.piece(wrong) is None
