"""Dates and intervals of EDTF level 0, as the edtf library has them."""

from __future__ import annotations

import warnings
from calendar import isleap
from typing import Any

import pytest
from edtf import Date, Interval, parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.schemas.rdm.dates import parse
from domain.schemas.rdm.words import date_in_words


@pytest.mark.parametrize(
    "date",
    ["2020", "2020-11", "2020-11-10", "1939/1945", "1939-09-01/1945-09", "2020-02-29", "2018/2018"],
)
def test_a_date_or_an_interval_is_accepted(date: str) -> None:
    """Each end in its own precision."""
    assert parse(date)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "20",
        "2020-13",
        "2020-11-31",
        "2021-02-29",
        "1900-02-29",
        "1945/1939",
        "2020-11-10T10:00:00",
        "2020/2021/2022",
        "2020/",
        "2020-1",
        "\u0662\u0660\u0662\u0660",
        "2020-21",
        "2020~",
    ],
)
def test_what_is_none_is_refused(date: str) -> None:
    """Times, dates that no calendar has, ends before beginnings, and the other levels of EDTF."""
    assert parse(date) == ()


def _in_calendar(date: Any) -> bool:
    if type(date) is Interval:
        return _in_calendar(date.lower) and _in_calendar(date.upper)
    return not (date.month == "02" and date.day == "29") or isleap(int(date.year))


PART = st.one_of(
    st.integers(1, 9999).map("{:04}".format),
    st.tuples(st.integers(1, 9999), st.integers(0, 13)).map(lambda d: "{:04}-{:02}".format(*d)),
    st.tuples(st.integers(1, 9999), st.sampled_from([1, 2, 4]), st.integers(0, 32)).map(
        lambda d: "{:04}-{:02}-{:02}".format(*d)
    ),
)


@settings(max_examples=60)
@given(st.one_of(PART, st.lists(PART, min_size=1, max_size=3).map("/".join)))
def test_a_date_is_one_when_the_library_says_so(date: str) -> None:
    """But for 29 February, which it has in every year."""
    try:
        with warnings.catch_warnings(action="ignore"):
            found = parse_edtf(date)
    except EDTFParseException:
        accepted = False
    else:
        accepted = (
            type(found) in (Date, Interval)
            and _in_calendar(found)
            and found.lower_strict() <= found.upper_strict()
        )

    assert bool(parse(date)) == accepted


@pytest.mark.parametrize(
    ("date", "language", "words"),
    [
        ("2020-06-01", "en", "June 1, 2020"),
        ("2020-06-01", "de", "1. Juni 2020"),
        ("2020-06-01", "en_US", "June 1, 2020"),
        ("2020-06-01", "tlh", "June 1, 2020"),
        ("2020-06", "da", "juni 2020"),
        ("2020", "en", "2020"),
        ("0000", "en", "0000"),
        ("no date", "en", None),
    ],
)
def test_a_date_is_put_into_words(date: str, language: str, words: str | None) -> None:
    """In the reader's language, in English where that is not known."""
    assert date_in_words(date, "long", language) == words


def test_an_interval_is_put_into_words() -> None:
    """Both ends in the finer precision of the two."""
    words = date_in_words("2018/2020-09", "medium", "en")

    assert words is not None
    assert words.split("\u2009\u2013\u2009") == ["Jan 2018", "Sep 2020"]
