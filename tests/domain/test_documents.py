"""Documents: JSON read strictly, and never changed."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import documents
from domain.errors import Invalid

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)


def refusal_of(raw: bytes) -> Invalid:
    """Return why `raw` is refused."""
    with pytest.raises(Invalid) as refused:
        documents.read(raw)
    return refused.value


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_what_is_written_is_read_back(value: Any, indent: int | None, ascii_only: bool) -> None:
    """Any value, compact or indented, escaped or not, reads as itself."""
    raw = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()

    assert orjson.dumps(documents.read(raw)) == orjson.dumps(value)
    assert documents.read(orjson.dumps(value)) == value


@given(
    st.recursive(
        st.sampled_from(["0", "1.5", '"a"', '":"', '"\\u003a"', '"\\\\u0000"', '"["', "null"]),
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda each: f"[{','.join(each)}]")
            | st.lists(
                st.tuples(st.sampled_from(['"a"', '"\\u0061"', '"b"', '":"', '"\\u003A"']), inner),
                max_size=3,
            ).map(lambda each: "{" + ",".join(f"{k}:{v}" for k, v in each) + "}")
        ),
        max_leaves=12,
    )
)
def test_repeated_keys_are_refused_wherever_they_stand(text: str) -> None:
    """The verdict is that of a reader that is shown every pair, however keys are escaped."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(found)) < len(found):
            raise KeyError
        return dict(found)

    try:
        expected = json.loads(text, object_pairs_hook=pairs)
    except KeyError:
        assert "is repeated" in refusal_of(text.encode()).message
    else:
        assert documents.read(text.encode()) == expected


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a": "\xff"}', "not UTF-8: byte 0xff at offset 7"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b'{"a": 1,}', "line 1, column"),
        (b'{"a":\n nope}', "line 2, column"),
        (b"{} {}", "line 1, column"),
        (b'{"a": NaN}', "NaN is no JSON value (line 1, column"),
        (b"[1, -Infinity]", "-Infinity is no JSON value"),
        (b"[Infinity]", "Infinity is no JSON value"),
        (b"1e400", "infinity"),
        (b"-1e400", "infinity"),
        (rb'"\ud800"', "a lone surrogate"),
        (rb'{"\udc00": 1}', "a lone surrogate"),
        (rb'{"a": ["\u0000"]}', "NUL (\\u0000) in text (line 1, column 8, at /a/0)"),
        (rb'{"a\u0000": 1}', "NUL"),
        (b'{"a": 1,\n "b": {"c": 1, "c": 2}}', '"c" is repeated (line 2, column 16, at /b/c)'),
        (rb'{"a": 1, "\u0061": 2}', '"a" is repeated'),
        (rb'{"a": ":", "a": "\u003a:"}', '"a" is repeated'),
        (b"18446744073709551616", "the integer 18446744073709551616 does not fit in 64 bits"),
        (b'{"a":[0,-9223372036854775809]}', "does not fit in 64 bits (line 1, column 9, at /a/1)"),
        (b"[" + b"9" * 300 + b"]", "does not fit in 64 bits"),
    ],
)
def test_bad_json_is_refused_with_what_and_where(raw: bytes, says: str) -> None:
    """Nothing that two readers could take for two things is accepted."""
    assert says in refusal_of(raw).message


@pytest.mark.parametrize(
    "raw",
    [
        b"18446744073709551615",
        b"-9223372036854775808",
        b'"12345678901234567890123"',
        b'["a, 12345678901234567890, b"]',
        b"12345678901234567890.5",
        rb'"\\u0000"',
        rb'{"a": "\u003a", "b:": 1}',
        b'{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 2}]}',
        b"1.00000000000000000001",
    ],
)
def test_what_only_looks_bad_is_accepted(raw: bytes) -> None:
    """Long digits in text, escaped backslashes and equal keys of different objects are fine."""
    assert documents.read(raw) == json.loads(raw)


@pytest.mark.parametrize(
    ("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")]
)
def test_nesting_is_bounded(opening: bytes, closing: bytes) -> None:
    """A hundred levels are read, one more is refused; brackets in text are not levels."""
    times = 100 // (opening.count(b"[") + opening.count(b"{"))
    deepest = opening * times + b'"' + b"[{" * 300 + b'"' + closing * times

    assert documents.read(deepest)
    assert "more than 100 levels" in refusal_of(b"[" + deepest + b"]").message
    assert "levels" in refusal_of(b"[" * 101 + b"]" * 101).message
    assert documents.read(b"[" * 100 + b"]" * 100)
    refusal_of(b"[" * 100_000 + b"]" * 100_000)


def test_the_depth_allowed_may_be_chosen() -> None:
    """A caller that takes the document from inside a request allows it one level more."""
    assert documents.read(b"[" * 101 + b"]" * 101, max_depth=101)
    with pytest.raises(Invalid, match="more than 3 levels"):
        documents.read(b"[[[[]]]]", max_depth=3)


def test_members_keep_their_exact_bytes() -> None:
    """A number's digits and the spaces inside a member are as they came."""
    members = documents.split(rb'{"id": 1, "d\u0061ta" : {"x": 1.10, "y":1e2 }  }')

    assert {key: bytes(raw) for key, raw in members.items()} == {
        "id": b"1",
        "data": b'{"x": 1.10, "y":1e2 }',
    }


def test_only_an_object_has_members() -> None:
    """An array is refused."""
    with pytest.raises(Invalid, match="must be a JSON object"):
        documents.split(b"[1]")
