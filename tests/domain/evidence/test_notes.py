"""Signed notes and checkpoints: in the forms of C2SP, and nobody else's."""

from __future__ import annotations

from base64 import b64decode

import pytest

from domain.evidence import checkpoints
from domain.evidence.checkpoints import Checkpoint
from domain.evidence.notes import NoteError, PrivateKey, public_key

# Source: Go's golang.org/x/mod/sumdb/note, the example of its documentation.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = (
    f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgK"
    "vqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

KEY = PrivateKey("muniment/test", bytes(range(32)))
NOTE = checkpoints.sign(KEY, 257, bytes(32))


def test_a_note_is_signed_as_other_tools_sign_it() -> None:
    """Key, signature and note are those of Go's implementation."""
    key = PrivateKey("PeterNeumann", b64decode(PRIVATE.split("+", 4)[4])[1:])

    assert key.sign(TEXT) == SIGNED
    assert key.public.text == PUBLIC
    assert public_key(PUBLIC).check(SIGNED) == TEXT


def test_a_key_is_read_back() -> None:
    """From the line in which it is given away; a name that was put in its place is found."""
    with pytest.raises(NoteError, match="another's"):
        public_key(KEY.public.text.replace("test", "text"))
    assert public_key(f"{KEY.public.text}\n").raw == KEY.public.raw


def test_a_checkpoint_is_read_back_by_its_key_alone() -> None:
    """Another key, or another log's name, is refused."""
    assert checkpoints.check(NOTE, KEY.public) == Checkpoint("muniment/test", 257, bytes(32))
    with pytest.raises(NoteError, match="not signed by"):
        checkpoints.check(NOTE, PrivateKey("muniment/test", bytes(32)).public)
    other = KEY.sign(Checkpoint("muniment/other", 257, bytes(32)).text)
    with pytest.raises(NoteError, match="another log"):
        checkpoints.check(other, KEY.public)


@pytest.mark.parametrize("at", range(len(NOTE.encode())))
def test_no_byte_of_a_checkpoint_can_be_another(at: int) -> None:
    """Whatever bit of it is turned."""
    for bit in range(8):
        changed = bytearray(NOTE.encode())
        changed[at] ^= 1 << bit
        with pytest.raises(ValueError):  # noqa: PT011 - a NoteError, or no UTF-8
            checkpoints.check(changed.decode(), KEY.public)


def test_whole_checkpoints_are_found_in_a_file_of_many() -> None:
    """What a crash left of one is passed over, at the end and in between."""
    whole = f"\n{NOTE}".encode()

    found, rest = checkpoints.in_file(whole + whole[:50] + whole + whole[:-1])

    assert found == [NOTE, NOTE]
    assert rest == whole[:-1]
