"""Where a JSON Patch is applied. Source: RFC 6902."""

from __future__ import annotations

import json

import pytest

from domain import heavy, patching

SHORT = b'{"a":"tin"}'


@pytest.mark.parametrize(
    "patch",
    [
        b'[{"op":"copy","from":"/a","path":"/b"}]',
        rb'[{"op":"\u0063opy","from":"/a","path":"/b"}]',
        b'[{"op":"add","path":"/b","value":"%s"}]' % (b"x" * heavy.LIGHT),
    ],
)
def test_a_patch_that_makes_much_is_heavy_work(patch: bytes) -> None:
    """One that copies, however it spells that, and one that is long."""
    with pytest.raises(heavy.TooHeavy):
        heavy.lightly(lambda: patching.applied(SHORT, patch, 100))


def test_a_short_patch_is_applied_at_once() -> None:
    """It waits for nobody."""
    patch = b'[{"op":"add","path":"/b","value":1},{"op":"move","from":"/a","path":"/c"}]'

    assert heavy.lightly(lambda: patching.applied(SHORT, patch, 100)) == b'{"b":1,"c":"tin"}'


def test_a_word_in_a_patch_makes_no_heavy_work_of_it() -> None:
    """Not `copy`, and no letter that is escaped, whether in a value or in a path."""
    value = "Münze, copyright: copy"
    added = {"op": "add", "path": "/copy", "value": value, "note": {"op": "copy"}}
    patch = json.dumps([added]).encode()

    made = heavy.lightly(lambda: patching.applied(SHORT, patch, 100))

    assert b"\\u00fc" in patch
    assert json.loads(made) == {"a": "tin", "copy": value}
