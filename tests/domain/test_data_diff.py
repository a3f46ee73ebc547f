"""SampleDB's form of a difference: told, applied, and refused where it does not fit."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.data_diff import apply, difference
from domain.errors import Invalid
from domain.patches import read, same

NUMBERS = ["0", "-0", "1", "1.0", "1.00", "1e0", "12345678901234567890", "0.1000000000000000000001"]
NAMES = ["a", "b", "", "0", "+0", "-1", "_type", "_before", "_after", "data"]


def _object(members: dict[str, str]) -> str:
    return f"{{{','.join([orjson.dumps(key).decode() + ':' + members[key] for key in members])}}}"


DOCUMENTS = st.recursive(
    st.sampled_from(["null", "true", "false", '"a"', '"timeseries"', *NUMBERS]),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]")
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4).map(_object)
    ),
    max_leaves=20,
).map(str.encode)


def applied(before: str, diff: Any) -> Any:
    """What a difference makes of a document; it says the truth about what was."""
    found = apply(before.encode(), orjson.dumps(diff))
    assert found.claimed is None
    return orjson.loads(found.after)


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_a_difference_makes_the_later_document_of_the_earlier(before: bytes, after: bytes) -> None:
    """Whatever the two are, to the spelling of each number; null where nothing differs."""
    diff = difference(before, after)

    made = apply(before, diff)

    assert same(read(made.after), read(after))
    assert made.claimed is None
    assert (diff == b"null") == same(read(before), read(after))


def test_members_are_told_under_their_names_and_values_with_a_type_whole() -> None:
    """As SampleDB tells them: what is added or removed has one side only."""
    before = b'{"a":{"b":1,"c":2},"mass":{"_type":"quantity","magnitude":1},"gone":[]}'
    after = b'{"a":{"b":1,"c":3},"mass":{"_type":"quantity","magnitude":2},"new":null}'

    assert orjson.loads(difference(before, after)) == {
        "a": {"c": {"_before": 2, "_after": 3}},
        "mass": {
            "_before": {"_type": "quantity", "magnitude": 1},
            "_after": {"_type": "quantity", "magnitude": 2},
        },
        "gone": {"_before": []},
        "new": {"_after": None},
    }


def test_items_are_told_in_a_list() -> None:
    """With null for those that stay."""
    diff = orjson.loads(difference(b"[1,2,3]", b"[1,4,3,5]"))

    assert diff == [None, {"_before": 2, "_after": 4}, None, {"_after": 5}]
    assert orjson.loads(difference(b"[1,2]", b"[1]")) == [None, {"_before": 2}]


@pytest.mark.parametrize(
    ("diff", "after"),
    [
        ({"0": {"_before": 1, "_after": 9}}, [9, 2, 3]),
        ({"-1": {"_before": 3, "_after": 9}}, [1, 2, 9]),
        ({"+0": {"_after": 4}, "+1": {"_after": 5}}, [1, 2, 3, 4, 5]),
        ({"3": {"_after": 4}}, [1, 2, 3, 4]),
        ({"0": {"_before": 1}, "1": {"_before": 2}, "+0": {"_after": 4}}, [3, 4]),
        ({"-3": None}, [1, 2, 3]),
        ({}, [1, 2, 3]),
        ([{"_before": 1}, {"_before": 2}], [3]),
        ([None], [1, 2, 3]),
    ],
)
def test_items_change_by_their_indexes(diff: Any, after: list[int]) -> None:
    """From the beginning, from the end, and past it; all count in the list as it was."""
    assert applied("[1,2,3]", diff) == after


def test_rows_of_a_timeseries_change_as_items_do() -> None:
    """A script appends one without sending the others."""
    before = '{"_type":"timeseries","units":"K","data":[[0,1]]}'

    assert applied(before, {"+0": {"_after": [1, 2]}})["data"] == [[0, 1], [1, 2]]
    assert applied(before, [{"_before": [0, 1]}, {"_after": [1, 2]}])["data"] == [[1, 2]]


@pytest.mark.parametrize(
    ("before", "diff"),
    [
        ("1", {}),
        ("1", [None]),
        ("{}", [None]),
        ("[]", [None]),
        ("[]", {"a": {"_after": 1}}),
        ("[]", {"1": {"_after": 1}}),
        ("[1]", {"+1": {"_after": 1}}),
        ("[1]", {"-2": {"_before": 1}}),
        ("[1]", {"0": None, "-1": None}),
        ("[1]", {"999999999": {"_after": 1}}),
        ("[1]", {"9999999999": {"_after": 1}}),
        ("[1]", {"01": None}),
        ("{}", {"a": None}),
        ("{}", {"a": {"_before": None}}),
        ('{"a":1}', {"a": {"_after": 2}}),
        ('{"a":1}', {"a": {"_before": 1, "_after": 2, "_other": 3}}),
        ('{"a":1}', {"a": {"b": {"_after": 2}}}),
        ('{"a":1}', {"a": 2}),
        ('{"a":1}', {"_before": {"a": 1}}),
    ],
)
def test_a_difference_of_another_form_is_refused(before: str, diff: Any) -> None:
    """What is to stay is there, what is to come is not, indexes have no gap."""
    with pytest.raises(Invalid, match="data_diff does not fit"):
        apply(before.encode(), orjson.dumps(diff))


@pytest.mark.parametrize(
    ("stored", "claimed", "equal"),
    [
        ("1.00", "1.0", True),
        ("100", "1e2", True),
        ("-0.0", "0", True),
        ("1e400", "10e399", True),
        ("9007199254740993", "9007199254740992", False),
        ("0.1000000000000000000001", "0.1", False),
        ("12345678901234567890", "12345678901234567891", False),
        ("1e-99999999999999999999", "0", False),
        ("1", "true", False),
        ("0", "null", False),
        ("1", '"1"', False),
        ('{"b":1,"a":2}', '{"a":2.0,"b":1}', True),
        ("[1,2]", "[2,1]", False),
    ],
)
def test_what_was_is_compared_by_value_and_without_loss(
    stored: str, claimed: str, equal: bool
) -> None:
    """A number by what it is, whatever its spelling; of no digit is it shortened."""
    diff = b'{"a":{"_before":%b,"_after":null}}' % claimed.encode()

    made = apply(b'{"a":%b}' % stored.encode(), diff)

    assert (made.claimed is None) == equal
    assert made.unlike == (() if equal else ("a",))


def test_numbers_that_stay_keep_every_digit() -> None:
    """Those beside a change, and the new one."""
    before = b'{"a":3.14159265358979323846264338327950288,"b":1}'
    diff = b'{"b":{"_before":1,"_after":1.10}}'

    made = apply(before, diff)

    assert made.after == b'{"a":3.14159265358979323846264338327950288,"b":1.10}'


def test_a_document_beside_a_difference_must_be_what_it_makes() -> None:
    """By value: the order of keys and the spelling of numbers may be its own."""
    diff = b'{"b":{"_after":2}}'

    assert not apply(b'{"a":1}', diff, b'{"b":2.0,"a":1}').conflicting
    assert apply(b'{"a":1}', diff, b'{"b":2.1,"a":1}').conflicting
