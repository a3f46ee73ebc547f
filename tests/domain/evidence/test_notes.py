"""Signed notes and checkpoints: in the forms of C2SP, and nobody else's."""

from __future__ import annotations

import pytest

from domain.evidence import checkpoints
from domain.evidence.checkpoints import Checkpoint
from domain.evidence.notes import NoteError, PrivateKey, private_key, public_key

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
    assert private_key(PRIVATE).sign(TEXT) == SIGNED
    assert private_key(PRIVATE).public.text == PUBLIC
    assert public_key(PUBLIC).check(SIGNED) == TEXT


def test_keys_are_read_back() -> None:
    """Both forms."""
    assert private_key(KEY.text).sign(TEXT) == KEY.sign(TEXT)
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

    assert checkpoints.in_file(whole + whole[:50] + whole + whole[:-1]) == [NOTE, NOTE]
