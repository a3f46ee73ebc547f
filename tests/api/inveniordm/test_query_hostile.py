"""Queries that mean harm: what is asked for is answered or refused, in time, and nothing breaks."""

from __future__ import annotations

import pytest

from api import lucene
from domain.errors import Invalid
from tests.api.inveniordm import hostile
from tests.api.inveniordm.asked import found, searching
from tests.writing import actor, create, log_on


def test_whatever_is_asked_is_answered_or_refused(database: str) -> None:
    """No statement is wrong, and none is cut off by its limit of five seconds."""
    with log_on(database) as log, searching(database) as conn:
        document = (
            b'{"metadata": {"title": "tin ' + b"a" * 500 + b'"}, "f": [1, "x y", {"a": "b"}]}'
        )
        made = [log.run(actor(), create, document).number for _ in range(3)]
        refused = 0
        for each in hostile.queries():
            try:
                assert set(found(conn, each, made)) <= set(made)
            except Invalid:
                refused += 1
        assert 0 < refused < 100
    assert len(hostile.queries()) > 300


@pytest.mark.parametrize(
    "text", ["a" * 2_001, "(" * 101 + "a" + ")" * 101, "-" * 1_000 + "a", "tin~ " * 11]
)
def test_a_query_that_is_too_much_is_refused(text: str) -> None:
    """Too long, too deep, or too vague."""
    with pytest.raises(Invalid, match="The query has"):
        lucene.parsed(text)


@pytest.mark.parametrize(
    "pattern",
    [r"(a)\1", "(?=a)", "(?<!a)b", "a{256}", "((a{200}){200}){200}", "a~b", "(" * 51 + "a"],
)
def test_a_regular_expression_that_may_run_away_is_refused(pattern: str) -> None:
    """Also one of a kind that only Lucene knows."""
    with pytest.raises(Invalid, match="regular expression"):
        lucene.parsed(f"tin OR f:/{pattern}/")


@pytest.mark.parametrize(
    "text",
    [
        "created:soon",
        "updated:[2000 TO now]",
        "created:2020-13",
        "versions.index:one",
        "is_draft:x",
    ],
)
def test_a_value_that_what_is_known_cannot_have_is_refused(text: str) -> None:
    """Nothing would be found: that would look like an answer."""
    with pytest.raises(Invalid, match=r"(created|updated|index|is_draft) is .*, not '"):
        lucene.parsed(f"tin OR {text}")
