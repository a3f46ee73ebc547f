"""Leaves: the header of an event as bytes that are written in one way."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evidence import leaf
from domain.evidence.leaf import Header

HEADERS = st.builds(
    Header,
    st.uuids(),
    st.integers(1, 2**31 - 1),
    st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=40),
    st.datetimes(timezones=st.just(UTC)),
    st.binary(min_size=32, max_size=32),
)


@given(HEADERS)
def test_a_header_is_read_back(header: Header) -> None:
    """All of it."""
    assert leaf.decode(leaf.encode(header)) == header


@given(HEADERS, st.data())
def test_no_other_bytes_are_the_same_leaf(header: Header, data: st.DataObject) -> None:
    """A byte that is another gives another header, or none."""
    bytes_ = bytearray(leaf.encode(header))
    at = data.draw(st.integers(0, len(bytes_) - 1))
    bytes_[at] ^= data.draw(st.integers(1, 255))
    with suppress(ValueError):
        assert leaf.decode(bytes(bytes_)) != header
    with pytest.raises(ValueError, match=r"length|longer"):
        leaf.decode(leaf.encode(header)[:-1])


def test_the_bytes_of_a_leaf_never_change() -> None:
    """Every leaf that was ever signed was made so."""
    header = Header(
        UUID("00112233-4455-6677-8899-aabbccddeeff"),
        3,
        5 << 20 | 1,
        "record.published",
        datetime(2026, 11, 21, 16, 0, 0, 1, UTC),
        bytes(range(32)),
    )

    assert leaf.encode(header).hex() == (
        "0010" "00112233445566778899aabbccddeeff" "0004" "00000003" "0008" "0000000000500001"
        "0010" "7265636f72642e7075626c6973686564" "0008" "000660cb73f00001"
        "0020" "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    )  # fmt: skip
