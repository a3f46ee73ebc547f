"""What a community says of itself: what is taken is in one form, and nothing makes it fail."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from domain.schemas.rdm import community

TEXT = st.text(max_size=20) | st.sampled_from(
    ["<b>Tin", "a & b", "<script>x</script>", " \u00a0 ", "https://www.my_community.org", "event"]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
IDENTIFIER = st.fixed_dictionaries({}, optional={"identifier": TEXT, "scheme": TEXT})
NAMED = st.fixed_dictionaries(
    {}, optional={"name": TEXT, "identifier": TEXT, "scheme": TEXT, "id": TEXT}
)
AWARD = st.fixed_dictionaries(
    {"title": TEXT | st.just({"en": "Tin"})},
    optional={"number": TEXT, "identifier": TEXT, "identifiers": st.lists(IDENTIFIER, max_size=2)},
)
LIKELY = st.fixed_dictionaries(
    {"title": TEXT},
    optional={
        "description": TEXT,
        "page": TEXT,
        "curation_policy": TEXT,
        "website": st.sampled_from(["https://www.my_community.org", "http://[::1]/ä"]),
        "type": st.sampled_from(["event", {"id": "topic"}, {"id": "event", "title": {"en": "E"}}]),
        "funding": st.lists(
            st.fixed_dictionaries({}, optional={"funder": NAMED, "award": AWARD}), max_size=2
        ),
        "affiliations": st.lists(
            st.fixed_dictionaries({"name": TEXT}, optional={"identifiers": st.lists(IDENTIFIER)}),
            max_size=2,
        ),
    },
)
OPEN = {"visibility": "public"}


@given(LIKELY | st.dictionaries(TEXT, ANY, max_size=4) | ANY)
def test_what_was_taken_is_taken_again_as_it_is(metadata: Any) -> None:
    """Byte for byte: a client may send back what it got."""
    first = community.read(metadata, OPEN)
    if first.faults:
        assert all(fault.path[0] == "metadata" for fault in first.faults)
        return

    again = community.read(orjson.loads(orjson.dumps(first.metadata)), OPEN)

    assert again.faults == ()
    assert orjson.dumps(again.metadata) == orjson.dumps(first.metadata)


@given(ANY, ANY)
def test_whatever_is_sent_is_told_what_is_wrong_with_it(metadata: Any, access: Any) -> None:
    """Or taken: nothing else happens."""
    found = community.read(metadata, access)

    assert found.faults or found.metadata["title"]
    assert set(found.access) <= {"visibility", "member_policy", "record_policy"}
