"""Patches: what makes one document of another, and what it may cost to find."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jsonpatch
import orjson
from hypothesis import given
from hypothesis import strategies as st

from domain.patches import LISTS, VALUES, patch, written
from tests import real

SCALARS = st.one_of(st.none(), st.booleans(), st.sampled_from([0, 1, 1.0, "", "a"]))
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.sampled_from(["a", "b", "/", "~", ""]), inner)
    ),
    max_leaves=20,
)


def applied(before: Any, after: Any) -> tuple[bytes, list[dict[str, Any]]]:
    """The document that the patch makes, as sorted bytes, and the patch."""
    found = patch(orjson.dumps(before), orjson.dumps(after))
    made = jsonpatch.apply_patch(before, found)
    return orjson.dumps(orjson.loads(written(made)), option=orjson.OPT_SORT_KEYS), found


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_a_patch_makes_the_later_document_of_the_earlier(before: Any, after: Any) -> None:
    """Whatever the two are; true is not 1, and nothing is said where nothing differs."""
    made, found = applied(before, after)

    wanted = orjson.dumps(after, option=orjson.OPT_SORT_KEYS)
    assert made == wanted
    assert bool(found) == (orjson.dumps(before, option=orjson.OPT_SORT_KEYS) != wanted)


def test_an_item_put_in_front_of_a_list_is_one_operation() -> None:
    """What follows it is not told as changed."""
    _, found = applied({"n": [1, 2, 3]}, {"n": [0, 1, 2, 3]})

    assert found == [{"op": "add", "path": "/n/0", "value": 0}]


def test_long_lists_that_differ_throughout_are_replaced_whole() -> None:
    """Comparing them item by item would take minutes; what is beside them is told one by one."""
    length = int(LISTS**0.5) + 10
    before = {"n": list(range(length)), "t": "a"}
    after = {"n": list(range(length, 0, -1)), "t": "b"}

    made, found = applied(before, after)

    assert orjson.loads(made) == after
    assert sorted(each["path"] for each in found) == ["/n", "/t"]


def test_documents_that_differ_in_very_much_are_replaced_whole() -> None:
    """One operation instead of hundreds of thousands."""
    before = {f"a{each}": each for each in range(VALUES)}
    after = {f"b{each}": each for each in range(VALUES)}

    made, found = applied(before, after)

    assert orjson.loads(made) == after
    assert [(each["op"], each["path"]) for each in found] == [("replace", "")]


def test_every_pair_of_consecutive_versions_of_the_real_history_gives_the_newer() -> None:
    """The largest has 703 kB."""
    real.require()
    for history in real.accepted().values():
        for before, after in pairwise(history):
            made, _ = applied(before, after)
            assert made == orjson.dumps(after, option=orjson.OPT_SORT_KEYS)


def test_a_number_is_its_spelling() -> None:
    """1.0 and 1.00 are kept as different bytes, so the patch says what became of which."""
    found = patch(b'{"n":1.0,"m":[1]}', b'{"n":1.00,"m":[1e0]}')

    assert written(found) == (
        b'[{"op":"replace","path":"/n","value":1.00},{"op":"replace","path":"/m/0","value":1e0}]'
    )
