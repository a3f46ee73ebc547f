"""Differences between documents: exact to the last digit, in both forms."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import jsonpatch
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.differences import json_patch, merge_patch
from domain.errors import NotAcceptable
from tests.running import ROOT, environment

NUMBERS = ["0", "-0", "0.0", "-0.0", "1", "1.0", "1.00", "1e0", "1E0", "1e400", "1E400", "1e-400"]
NUMBERS += ["0.1", "0.10000000000000000555", "12345678901234567890123", "9007199254740993.0"]
LEAVES = st.sampled_from(["null", "true", "false", '""', '"a"', *NUMBERS])
KEYS = st.sampled_from(["a", "b", "/", "~", "", "0"])


def array(items: list[str]) -> str:
    """Items that are JSON as a JSON array."""
    return f"[{','.join(items)}]"


def object_(members: dict[str, str]) -> str:
    """Members that are JSON as a JSON object."""
    return "{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in members.items()) + "}"


DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=5).map(array)
        | st.dictionaries(KEYS, inner, max_size=4).map(object_)
    ),
    max_leaves=15,
)


def exact(text: str | bytes) -> Any:
    """A document in which every number is a text that says how it is spelled."""
    return json.loads(text, parse_float=" {}".format, parse_int=" {}".format)


def same(one: Any, other: Any) -> bool:
    """Whether two documents are the same JSON."""
    return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        other, option=orjson.OPT_SORT_KEYS
    )


def merged(target: Any, patch: Any) -> Any:
    """What a merge patch makes: the algorithm of RFC 7396, 2."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


@settings(deadline=None)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_a_json_patch_gives_the_later_document_to_the_last_digit(before: str, after: str) -> None:
    """Applied with the jsonpatch library; numbers keep their spelling."""
    found = json_patch(before.encode(), after.encode())

    assert same(jsonpatch.apply_patch(exact(before), exact(found)), exact(after))
    assert (found == b"[]") == same(exact(before), exact(after))


@settings(deadline=None)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_a_merge_patch_gives_the_later_document_or_is_refused(before: str, after: str) -> None:
    """Refused only where there is none: a member that is null in the later document alone."""
    try:
        found = merge_patch(before.encode(), after.encode())
    except NotAcceptable:
        assert "null" in after
    else:
        assert same(merged(exact(before), exact(found)), exact(after))


@pytest.mark.parametrize("before", NUMBERS)
@pytest.mark.parametrize("after", NUMBERS)
def test_two_spellings_of_a_number_are_two_numbers(before: str, after: str) -> None:
    """The bytes that are kept differ, so the patch says so, and how."""
    if before == after:
        assert json_patch(f"[{before}]".encode(), f"[{after}]".encode()) == b"[]"
        assert merge_patch(f'{{"n":{before}}}'.encode(), f'{{"n":{after}}}'.encode()) == b"{}"
        return
    said = b'[{"op":"replace","path":"/0","value":%b}]' % after.encode()
    assert json_patch(f"[{before}]".encode(), f"[{after}]".encode()) == said
    member = f'{{"n":{after}}}'.encode()
    assert merge_patch(f'{{"n":{before}}}'.encode(), member) == member


def test_a_null_that_was_there_before_need_not_be_said() -> None:
    """What is not mentioned stays."""
    assert merge_patch(b'{"a":null,"b":1}', b'{"a":null,"b":2}') == b'{"b":2}'
    assert merge_patch(b'{"a":1}', b'{"a":[null,{"b":null}]}') == b'{"a":[null,{"b":null}]}'
    assert merge_patch(b"{}", b"null") == b"null"
    with pytest.raises(NotAcceptable, match="'b' became null"):
        merge_patch(b"{}", b'{"a":{"b":null}}')


def test_the_same_two_documents_give_the_same_bytes_in_every_process() -> None:
    """However it hashes texts."""
    script = (
        "import json; from domain.differences import *;"
        "a = json.dumps({f'k{n}': {'x': n} for n in range(50)}).encode();"
        "b = json.dumps({f'k{n}': {'y': n} for n in range(25, 75)}).encode();"
        "print(json_patch(a, b), merge_patch(a, b))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
