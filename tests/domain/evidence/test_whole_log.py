"""A whole log by its leaves: what is not as it was signed, or in no order, is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evidence import leaf, merkle, whole_log
from domain.evidence.checkpoints import Checkpoint
from domain.evidence.frontier import Frontier
from domain.evidence.leaf import Header
from tests.domain.evidence.trees import leaves, mth

BEGAN = datetime(2026, 11, 21, tzinfo=UTC)
LOG = [
    leaf.encode(
        Header(
            UUID(int=each % 3),
            each // 3 + 1,
            each << 20,
            "record.published",
            BEGAN + timedelta(seconds=each),
            bytes([each]) * 32,
        )
    )
    for each in range(30)
]
SIGNED = [Checkpoint("log", size, mth(LOG[:size])) for size in (0, 1, 7, 7, 16, 30)]


@given(st.integers(0, 300))
def test_a_tree_read_leaf_by_leaf_has_the_root_of_rfc_6962(size: int) -> None:
    """At any size."""
    tree = Frontier()
    for each in leaves(size):
        tree.add(merkle.leaf_hash(each))

    assert tree.root() == mth(leaves(size))


def test_a_log_that_is_as_it_was_signed_contradicts_nothing() -> None:
    """At any of its checkpoints."""
    assert [*whole_log.check(LOG, SIGNED[1:])] == []


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (LOG[:-1], "30 events were signed, 29 are there"),
        ([*LOG[:3], *LOG[4:]], "follows event 1 of it"),
        ([*LOG[:3], LOG[4], LOG[3], *LOG[5:]], "is not after the one before it"),
        ([*LOG[:29], LOG[29][:-1] + b"x"], "the first 30 events are others"),
        ([*LOG[:29], b"none"], "is none"),
    ],
)
def test_what_is_not_as_it_was_is_said(log: list[bytes], said: str) -> None:
    """Taken away, exchanged or changed."""
    assert any(said in each for each in whole_log.check(log, SIGNED[1:]))
