"""Trees, checkpoints and tiles as others have them: by pymerkle, and by C2SP's text alone.

Source: C2SP signed-note, tlog-checkpoint and tlog-tiles, whose rules are written out here once more
over the packages cryptography and pymerkle.
"""

from __future__ import annotations

from base64 import b64decode
from functools import cache
from hashlib import sha256
from itertools import pairwise

import pymerkle
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.evidence import checkpoints, merkle, tiles
from domain.evidence.notes import PrivateKey
from domain.evidence.proofs import consistency, extends, inclusion
from tests.domain.evidence.trees import Grown, leaves

MOST = 100_000
SIZES = [1, 2, 3, 255, 256, 257, 65_536, MOST]
KEY = PrivateKey("log.example/muniment", bytes(range(32)))


@cache
def theirs() -> pymerkle.InmemoryTree:
    """Return the tree of all leaves, by another implementation."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    tree.append_entries(leaves(MOST))
    return tree


@cache
def tree(size: int) -> Grown:
    """Return the tree of so many leaves, which came in three batches."""
    grown, hashes = Grown(), [merkle.leaf_hash(each) for each in leaves(size)]
    for begin, end in pairwise([0, size // 3, size // 2, size]):
        grown.add(hashes[begin:end])
    return grown


@cache
def ours(size: int) -> dict[str, bytes]:
    """Return what a log of so many leaves serves, by its path: the resources of tlog-tiles."""
    grown = tree(size)
    root = merkle.root(grown.node, size)
    served = {"checkpoint": checkpoints.sign(KEY, size, root).encode()}
    for (level, number), each in grown.tiles.items():
        piece = tiles.Piece(number, len(each) // 32)
        served[f"tile/{level}/{piece.path}"] = each
    return served


def opened(note: bytes, vkey: str) -> bytes:
    """Return the text of a note that a verifier key has signed, by the rules of signed-note."""
    name, id_, key = vkey.split("+", 2)
    type_and_key = b64decode(key)
    assert type_and_key[:1] == b"\x01"
    assert sha256(name.encode() + b"\n" + type_and_key).digest()[:4].hex() == id_
    text, _, signatures = note.rpartition(b"\n\n")
    (line,) = signatures.decode().splitlines()
    dash, signer, base64 = line.split(" ")
    signature = b64decode(base64, validate=True)
    assert (dash, signer, signature[:4].hex()) == ("\u2014", name, id_)
    Ed25519PublicKey.from_public_bytes(type_and_key[1:]).verify(signature[4:], text + b"\n")
    return text + b"\n"


def path(level: int, number: int, width: int) -> str:
    """Return the path of a tile, by the rules of tlog-tiles."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"{number % 1000:03d}")
    encoded = "/".join([f"x{each}" for each in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{encoded}" + (f".p/{width}" if width < 256 else "")


@pytest.mark.parametrize("size", SIZES)
def test_another_implementation_comes_to_the_same(size: int) -> None:
    """Root and proofs, by pymerkle."""
    grown, other = tree(size), theirs()
    top = merkle.root(grown.node, size)

    assert other.get_root(size) == top
    for index in {0, size // 3, size // 2, size - 1}:
        shown = other.prove_inclusion(index + 1, size)
        assert shown.path[1:] == inclusion(grown.node, index, size)
        pymerkle.verify_inclusion(merkle.leaf_hash(leaves(index + 1)[index]), top, shown)
    for old in {1, size // 3, size // 2, size - 1, size} - {0}:
        before = merkle.root(grown.node, old)
        assert other.get_root(old) == before
        pymerkle.verify_consistency(before, top, other.prove_consistency(old, size))
        assert extends(old, before, size, top, consistency(grown.node, old, size))


@pytest.mark.parametrize("size", SIZES)
def test_a_checkpoint_has_the_signature_and_the_root_that_others_expect(size: int) -> None:
    """Three lines: origin, size in decimal, root in base64; signed by Ed25519 with a key's id."""
    text = opened(ours(size)["checkpoint"], KEY.public.text)

    origin, count, root, rest = text.decode().split("\n")
    assert (origin, count, rest) == ("log.example/muniment", str(size), "")
    assert b64decode(root, validate=True) == theirs().get_root(size)


def test_a_checkpoint_of_another_key_or_another_text_is_found_out() -> None:
    """By the signature, as others check it."""
    note = ours(257)["checkpoint"]
    with pytest.raises(InvalidSignature):
        opened(note.replace(b"\n257\n", b"\n258\n"), KEY.public.text)
    with pytest.raises(AssertionError):
        opened(note, PrivateKey("log.example/muniment", bytes(32)).public.text)


@pytest.mark.parametrize("size", SIZES)
def test_tiles_are_where_others_look_for_them_and_have_what_they_expect(size: int) -> None:
    """All of them and no more; each hash is that of the leaf, or of the whole tile below it."""
    served = {name for name in ours(size) if name != "checkpoint"}
    other, level, count = theirs(), 0, size
    looked_for: set[str] = set()
    while count:
        for number in range(-(-count // 256)):
            width = min(256, count - number * 256)
            name = path(level, number, width)
            looked_for.add(name)
            hashes = ours(size)[name]
            assert len(hashes) == 32 * width
            if level == 0:
                expected = (other.get_leaf(number * 256 + each + 1) for each in range(width))
                assert hashes == b"".join(expected)
            else:
                below = (ours(size)[path(level - 1, number * 256 + at, 256)] for at in range(width))
                assert hashes == b"".join(map(folded, below))
        level, count = level + 1, count // 256
    assert served == looked_for


def folded(hashes: bytes) -> bytes:
    """Return the hash of a whole tile: eight times the hashes of pairs, RFC 6962, 2.1."""
    while len(hashes) > 32:
        pairs = (hashes[at : at + 64] for at in range(0, len(hashes), 64))
        hashes = b"".join(sha256(b"\x01" + each).digest() for each in pairs)
    return hashes


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "tile/3/000"),
        (7, "tile/3/007"),
        (999, "tile/3/999"),
        (1000, "tile/3/x001/000"),
        (1234067, "tile/3/x001/x234/067"),
        (1000000, "tile/3/x001/x000/000"),
    ],
)
def test_paths_are_those_of_the_specification(number: int, expected: str) -> None:
    """Its own example, and those at the edges; a partial tile has its width after it."""
    assert f"tile/3/{tiles.Piece(number).path}" == expected
    assert f"tile/3/{tiles.Piece(number, 5).path}" == f"{expected}.p/5"
