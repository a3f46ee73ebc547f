"""Verify a Muniment proof with nothing but its log's public key.  verify_proof.py FILE KEY

It needs Python 3.11 and the package cryptography, and nothing of Muniment. Read it, then trust it.
The formats: RFC 6962 and 9162 (the tree), C2SP signed-note and tlog-checkpoint (what is signed).
"""

import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def need(true: object, what: str) -> None:
    """Go on only where something is true: every check below is one call of this."""
    if not true:
        raise ValueError(what)


def raw(text: str) -> bytes:
    """Bytes from base64. Text that decodes to the same bytes, but is spelled otherwise, is none."""
    found = b64decode(text, validate=True)
    need(b64encode(found).decode() == text, "base64 is written in one way")
    return found


def signed(note: str, key: str) -> tuple[int, bytes]:
    """Size and root of the tree that the key has signed: NAME, SIZE, ROOT, empty, SIGNATURE."""
    name, id_, public = key.split("+", 2)  # the key is NAME+ID+BASE64, the last being 01 and key
    need(raw(public)[0] == 1 and len(raw(public)) == 33, "the key is of Ed25519")
    need(sha256(f"{name}\n".encode() + raw(public)).digest()[:4].hex() == id_, "the id is right")
    origin, size, root, empty, signature, end = note.split("\n")  # these lines, and no others
    need((origin, str(int(size)), empty, end) == (name, size, "", ""), "it is of the key's log")
    dash, signer, bytes_ = signature.split(" ")
    need((dash, signer, raw(bytes_)[:4].hex()) == ("—", name, id_), "it is signed by this key")
    text = f"{origin}\n{size}\n{root}\n".encode()  # what is signed; verify() raises if it is not:
    Ed25519PublicKey.from_public_bytes(raw(public)[1:]).verify(raw(bytes_)[4:], text)
    return int(size), raw(root)


def included(leaf: bytes, index: int, path: list[bytes], size: int, root: bytes) -> bool:
    """Whether leaf number `index` of the tree is this one: RFC 9162, 2.1.3.2, word for word."""
    hash_, place, last = sha256(b"\0" + leaf).digest(), index, size - 1  # a leaf is hashed with 00
    need(0 <= index < size, "the leaf is within the tree")
    for each in path:  # up from the leaf; `last` is the last node of the level, `place` is ours
        need(last, "the path is no longer than the tree is high")
        if place % 2 or place == last:  # we are on the right, the next hash is our left neighbour
            hash_ = sha256(b"\1" + each + hash_).digest()  # two nodes are hashed with 01
            while place and not place % 2:  # levels where the last node has no neighbour
                place, last = place // 2, last // 2
        else:
            hash_ = sha256(b"\1" + hash_ + each).digest()
        place, last = place // 2, last // 2
    return last == 0 and hash_ == root


def header(leaf: bytes) -> dict[str, Any]:
    """Fields of a leaf, each after its length in two bytes; numbers are big-endian."""
    names, fields, at = ["stream", "version", "position", "topic", "recorded_at", "digest"], [], 0
    while at < len(leaf):
        length = int.from_bytes(leaf[at : at + 2])
        fields.append(leaf[at + 2 : at + 2 + length])
        at += 2 + length
    need(at == len(leaf) and len(fields) == 6, "a leaf has six fields")
    return dict(zip(names, fields, strict=True))


def verify(proof: bytes, key: str) -> tuple[int, list[dict[str, Any]]]:
    """The signed size, and the events that are shown to be in that tree, with what they say."""
    events: list[dict[str, Any]] = []
    head, _, note = proof.decode().partition("\n\n")  # the events, an empty line, the checkpoint
    size, root = signed(note, key.strip())
    lines = iter(head.split("\n"))
    need(next(lines) == "muniment-proof v1", "this is a proof")
    for line in lines:
        word, _, value = line.partition(" ")
        if word == "salt":  # and the state after it: they must give the digest of the last leaf
            state = next(lines).removeprefix("state ")
            need(len(raw(value)) == 16 and "state" not in events[-1], "a salt is of 16 bytes")
            need(sha256(raw(value) + raw(state)).digest() == events[-1]["digest"], "it said this")
            events[-1]["state"] = raw(state)
            continue
        leaf, path = next(lines).removeprefix("leaf "), next(lines).removeprefix("path").split(" ")
        need(word == "event" and str(int(value)) == value and path[0] == "", "an event comes next")
        need(included(raw(leaf), int(value), [*map(raw, path[1:])], size, root), "it is included")
        events.append(header(raw(leaf)))
    versions = [int.from_bytes(each["version"]) for each in events]
    need(len({each["stream"] for each in events}) == 1, "the events are of one stream")
    need(versions[0] == 1 and sorted({*versions}) == versions, "in order from the first")
    return size, events


if __name__ == "__main__":
    signed_size, shown = verify(Path(sys.argv[1]).read_bytes(), sys.argv[2])
    sys.stdout.write(f"It holds: {len(shown)} events of one stream, in a log of {signed_size}.\n")
    for one in shown:  # each with microseconds since 1970, its topic, and what it says
        when, what = int.from_bytes(one["recorded_at"], signed=True), one["topic"].decode()
        sys.stdout.write(f"{when} {what} {one.get('state', b'').decode()}\n")
