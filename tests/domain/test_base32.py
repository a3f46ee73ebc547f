"""Ids as Divio writes them: 26 characters that are one id and no number."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import base32_of, id_of_base32

IDS = st.builds(
    lambda number, version: UUID(int=number, version=version),
    st.integers(0, 2**128 - 1),
    st.sampled_from([4, 5]),
)


@given(IDS)
def test_an_id_is_read_back_and_is_never_all_digits(id_: UUID) -> None:
    """By who takes digits alone for an id of another kind."""
    text = base32_of(id_)

    assert len(text) == 26
    assert not text.isdigit()
    assert id_of_base32(text) == id_


@given(st.text("abcxyz234567018-", min_size=24, max_size=28))
def test_an_id_is_written_in_one_way(text: str) -> None:
    """Whatever else is sent is none."""
    id_ = id_of_base32(text)

    assert id_ is None or base32_of(id_) == text
