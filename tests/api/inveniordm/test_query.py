"""What a query amounts to, as a condition."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from api.lucene import parsed
from projections.conditions import (
    All,
    Always,
    Bound,
    Condition,
    Either,
    Field,
    HasMatch,
    HasNear,
    HasPhrase,
    HasSimilar,
    IsBetween,
    IsKnown,
    IsThere,
    KnownMatch,
    Not,
)

TITLE = Field(("metadata", "title"), numbers=False)
A, B, C, D = map(HasPhrase, "abcd")


def known(name: str, comparison: str, value: str | Decimal | datetime | bool) -> IsKnown:
    """What is known of a record, compared."""
    return IsKnown(name, comparison, value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a", A),
        ("a b", Either((A, B))),
        ("a OR b || c", Either((A, B, C))),
        ("a AND b && c", All((A, B, C))),
        ("a AND b OR c d", Either((Either((All((A, B)), C)), D))),
        ("a AND (b OR c)", All((A, Either((B, C))))),
        ("NOT a", Not(A)),
        ("!a && -b", All((Not(A), Not(B)))),
        ("a -b", All((Not(B), A))),
        ("a NOT b c", All((Not(B), Either((A, C))))),
        ("+a b", A),
        ("+a +b -c d", All((A, B, Not(C)))),
        ("-a -b", All((Not(A), Not(B)))),
        ("a a AND a", A),
        ("and or not", Either((HasPhrase("and"), HasPhrase("or"), HasPhrase("not")))),
        ("a^2 (b c)^3.5", Either((A, Either((B, C))))),
        ('"a b"', HasPhrase("a b")),
        ('"a b"~0', HasPhrase("a b")),
        ('"a b"~2', HasNear("a b", 3)),
        ('"a b"~99', All((A, B))),
        ("a-b", HasPhrase("a-b")),
        ("tin~ tin~0", Either((HasSimilar("tin"), HasPhrase("tin")))),
        ("tin*", HasPhrase("tin", open_end=True)),
        ("T?n", HasMatch("t.n", "t")),
        ("*Än*d", HasMatch(".*an.*d", "")),
        ("a-t*n-b*", All((A, HasMatch("t.*n", "t"), HasPhrase("b", open_end=True)))),
        (r"ti\*n", HasPhrase("ti*n")),
        ("/Jo[hx]?n(a+|B{2,3})*/", HasMatch("jo[hx]?n(?:a+|b{2,3})*", "jo")),
        (r"/a|[^\d_-z]\.+?/", HasMatch(r"a|[^\d\_-z](?:\.+)?", "")),
        ("metadata.title:a", HasPhrase("a", TITLE)),
        ("metadata.title:(+a -b)", All((HasPhrase("a", TITLE), Not(HasPhrase("b", TITLE))))),
        (
            "metadata.title:(a OR x:b)",
            Either((HasPhrase("a", TITLE), HasPhrase("b", Field(("x",))))),
        ),
        (r"metadata.\*.x.*:a", HasPhrase("a", Field(("metadata", None, "x")))),
        ("x:*", IsThere(Field(("x",)))),
        ("_exists_:metadata.title", IsThere(TITLE)),
        ("x:[* TO *]", IsThere(Field(("x",)))),
        ("*", Always(True)),
        ("*:a", A),
        (".:a", Always(False)),
        ("!!!", Always(False)),
        ("", None),
        (" \t\0 ", None),
    ],
)
def test_a_query_amounts_to(text: str, condition: Condition | None) -> None:
    """AND binds before OR, and both before what has no operator."""
    assert parsed(text) == condition


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("x:[1 TO -2.5}", ("1", True, None, 1), ("-2.5", False, None, -2.5)),
        ("x:>=2020", ("2020", True, "2020-01-01", 2020), None),
        ("x:>-3", ("-3", False, None, -3), None),
        ("x:{* TO 2020-11]", None, ("2020-11", True, "2020-11-01", None)),
        ("x:<2020-11-05", None, ("2020-11-05", False, "2020-11-05", None)),
        ('x:["Tin foil" TO tin]', ("Tin foil", True, None, None), ("tin", True, None, None)),
        (
            "x:[2020-11-05T10:00:00Z TO 1e5]",
            ("2020-11-05T10:00:00Z", True, "2020-11-05", None),
            ("1e5", True, None, None),
        ),
    ],
)
def test_a_range_knows_what_its_ends_may_be(
    text: str,
    low: tuple[str, bool, str | None, float | None] | None,
    high: tuple[str, bool, str | None, float | None] | None,
) -> None:
    """Texts, days and numbers."""
    bounds = [
        each
        and Bound(each[0], each[1], each[2], None if each[3] is None else Decimal(str(each[3])))
        for each in (low, high)
    ]
    assert parsed(text) == IsBetween(Field(("x",)), *bounds)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("id:ABCDE-12345", known("id", "==", "abcde-12345")),
        ("id:ab*", KnownMatch("id", "^(?:ab.*)$")),
        ("versions.index:[2 TO 3}", [("versions.index", ">=", 2), ("versions.index", "<", 3)]),
        ("is_published:TRUE", known("is_published", "==", True)),
        ("created:2024-02", [("created", ">=", (2024, 2, 1)), ("created", "<", (2024, 3, 1))]),
        ("created:2024", [("created", ">=", (2024, 1, 1)), ("created", "<", (2025, 1, 1))]),
        (
            "created:[2024 TO 2025]",
            [("created", ">=", (2024, 1, 1)), ("created", "<", (2025, 1, 2))],
        ),
        (
            "created:{2024 TO 2025}",
            [("created", ">=", (2024, 1, 2)), ("created", "<", (2025, 1, 1))],
        ),
        ("updated:>2024-02-03T04:05:06Z", [("updated", ">", (2024, 2, 3, 4, 5, 6))]),
        ("updated:<=2024-02-03T04:05", [("updated", "<=", (2024, 2, 3, 4, 5))]),
    ],
)
def test_what_is_known_of_a_record_has_values_of_its_type(
    text: str, condition: Condition | list[tuple[str, str, int | tuple[int, ...]]]
) -> None:
    """A year or a month is all its days, and as an end of a range its first."""
    if isinstance(condition, list):
        condition = All(
            tuple(known(name, comparison, _value(value)) for name, comparison, value in condition)
        )
    assert parsed(text) == condition


def _value(value: int | tuple[int, ...]) -> Decimal | datetime:
    if isinstance(value, int):
        return Decimal(value)
    year, month, day, *time = value
    return datetime(year, month, day, *time, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"a', ['"a']),
        ("(a OR", ["(a"]),
        ("a AND", ["a"]),
        ("a:b:c d", ["a:b:c", "d"]),
        ("https://a.b/c", ["https://a.b/c"]),
        ("a ]b[", ["a", "]b["]),
        ("a^1.2.3", ["a^1.2.3"]),
        ("/a(/ b", ["/a(/", "b"]),
        ("[a TO b]", ["[a", "b]"]),
        ("it's 'a'", ["it's", "'a'"]),
    ],
)
def test_what_cannot_be_read_is_words(text: str, words: list[str]) -> None:
    """Those that are operators are left out."""
    assert parsed(text) == Either(tuple(map(HasPhrase, words)))
