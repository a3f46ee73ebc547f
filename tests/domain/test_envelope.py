"""Envelope encryption. Source: DESIGN.md "Who may do what", secrets."""

from __future__ import annotations

from base64 import b64decode, b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.envelope import KEY_BYTES, DataKey, unwrap, wrap
from domain.errors import Damaged

KEY = DataKey(UUID(int=1), bytes(KEY_BYTES))
PLACE = b"here"


@given(st.text(), st.binary())
def test_a_secret_opens_where_it_was_sealed(text: str, place: bytes) -> None:
    """Whatever it is, and however long."""
    assert KEY.open(KEY.seal(text, place), place) == text


def test_a_secret_is_never_sealed_alike() -> None:
    """Nobody sees that two are the same."""
    first, second = (KEY.seal("same", PLACE) for _ in range(2))

    assert first.ciphertext != second.ciphertext
    assert first.nonce != second.nonce


@given(st.binary(min_size=1), st.binary(min_size=1))
def test_a_secret_opens_in_no_other_place(place: bytes, other: bytes) -> None:
    """Nor does one whose ciphertext was changed, or under another key."""
    sealed = KEY.seal("tin", place)
    ciphertext = bytearray(b64decode(sealed.ciphertext))
    ciphertext[0] ^= 1
    changed = replace(sealed, ciphertext=b64encode(ciphertext).decode())

    if other != place:
        with pytest.raises(Damaged, match="does not open"):
            KEY.open(sealed, other)
    with pytest.raises(Damaged):
        KEY.open(changed, place)
    with pytest.raises(Damaged):
        DataKey(KEY.id, b"k" * KEY_BYTES).open(sealed, place)


@pytest.mark.parametrize("wrong", ["", "é", "AAAA", "not base64"])
def test_what_is_no_ciphertext_is_damaged(wrong: str) -> None:
    """Whatever stands in its place."""
    sealed = KEY.seal("tin", PLACE)

    for each in (replace(sealed, ciphertext=wrong), replace(sealed, nonce=wrong)):
        with pytest.raises(Damaged):
            KEY.open(each, PLACE)


def test_a_data_key_opens_under_its_own_key_alone() -> None:
    """And in its own place."""
    key, data_key = b"a" * KEY_BYTES, b"b" * KEY_BYTES
    wrapped = wrap(key, data_key, PLACE)

    assert data_key not in wrapped
    assert unwrap(key, wrapped, PLACE) == data_key
    for wrong in ((b"c" * KEY_BYTES, wrapped, PLACE), (key, wrapped, b"there"), (key, b"", PLACE)):
        with pytest.raises(Damaged):
            unwrap(*wrong)


def test_a_key_tells_nobody_what_it_is() -> None:
    """Not even where a failure is written down."""
    assert "k" * KEY_BYTES not in repr(vars(DataKey(KEY.id, b"k" * KEY_BYTES)))
