"""What is shown of an event: everything but secrets, byte for byte."""

from __future__ import annotations

import re

import msgspec
import pytest

from domain.mapper import Shape
from domain.redaction import secrets_of, shown
from domain.topics import EVENTS, upcast
from tests.domain.stored import EXAMPLES, Example

NEWEST = [each for each in EXAMPLES if each.class_version == EVENTS[each.topic].CLASS_VERSION]
OLDER = [each for each in EXAMPLES if each not in NEWEST]
TELLING = re.compile(r"password|secret|digest|hash|salt")


@pytest.mark.parametrize("topic", EVENTS)
def test_every_member_that_is_named_like_a_secret_is_one(topic: str) -> None:
    """A new event that carries one is not forgotten in the table."""
    fields = {each.name for each in msgspec.structs.fields(EVENTS[topic])}

    assert {name for name in fields if TELLING.search(name)} == secrets_of(topic)


@pytest.mark.parametrize("example", NEWEST, ids=lambda each: each.topic)
def test_a_state_is_shown_as_it_is_stored_but_for_its_secrets(example: Example) -> None:
    """Stored examples of every event in its newest shape."""
    state, event = _members(example.state)
    there = secrets_of(example.topic) & set(event)

    after = shown(example.topic, example.state)

    shown_state, shown_event = _members(after)
    assert shown_event == {name: each for name, each in event.items() if name not in there}
    assert shown_state.keys() == state.keys()
    assert there or after == example.state


@pytest.mark.parametrize("example", OLDER, ids=lambda each: each.topic)
def test_a_state_of_an_older_shape_is_shown_in_the_newest(example: Example) -> None:
    """All that the newest shape says of it, but for its secrets, and all that stands around it."""
    stored = msgspec.json.decode(example.state, type=Shape)
    newest = upcast(example.topic, example.class_version, stored.event)
    hidden = secrets_of(example.topic)

    after = msgspec.json.decode(shown(example.topic, example.state), type=Shape)

    assert after.event.keys() == newest.keys() - hidden
    assert {name: msgspec.json.decode(each) for name, each in after.event.items()} == {
        name: msgspec.json.decode(msgspec.json.encode(newest[name])) for name in after.event
    }
    assert after.class_version == EVENTS[example.topic].CLASS_VERSION
    assert (after.by, after.via, after.answer) == (stored.by, stored.via, stored.answer)


def _members(state: bytes) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The members of a state, and those of its event, as bytes."""
    members = msgspec.json.decode(state, type=dict[str, msgspec.Raw])
    event = msgspec.json.decode(members["event"], type=dict[str, msgspec.Raw])
    return _bytes(members), _bytes(event)


def _bytes(members: dict[str, msgspec.Raw]) -> dict[str, bytes]:
    return {name: bytes(each) for name, each in members.items()}
