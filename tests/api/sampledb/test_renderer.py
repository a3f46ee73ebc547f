"""The bytes of what never changes: other bytes need another RENDERER, for it stands in the ETag.

A line below is never edited. Who changes what is rendered adds the next number and its bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from api.sampledb import render
from projections.actions import Row

AT = datetime(2026, 3, 7, 8, 9, 59, 999_999, tzinfo=UTC)
SCHEMA = b'{ "type":"object", "x":1.0 }'

VERSIONS = {
    1: (
        b'{"object_id":12,"version_id":3,"action_id":4,"user_id":5,'
        b'"utc_datetime":"2026-03-07 08:09:59","schema":{ "type":"object", "x":1.0 },'
        b'"data":{"b":1e2, "a":-0.0},"fed_object_id":null,"fed_version_id":null,'
        b'"component_id":null}'
    ),
}

ACTIONS = {
    1: (
        b'{"action_id":4,"instrument_id":null,"user_id":5,"type":"measurement","type_id":-98,'
        b'"name":"W\xc3\xa4gung \\"x\\"","description":null,"is_hidden":false,'
        b'"schema":{ "type":"object", "x":1.0 }}'
    ),
}

TAGS = {1: '"12.3.sampledb1"'}


def _version() -> bytes:
    return render.version(12, 3, 4, 5, AT, SCHEMA, b'{"b":1e2, "a":-0.0}')


def test_a_version_is_rendered_in_the_bytes_of_its_renderer() -> None:
    """The document and its schema as they came, the rest as it always was."""
    assert _version() == VERSIONS[render.RENDERER]


def test_an_action_is_rendered_in_the_bytes_of_its_renderer() -> None:
    """It is what the 201 of an Idempotency-Key shows again."""
    row = Row(4, 1, 'Wägung "x"', "", "measurement", UUID(int=1), 1, False, None, 5)

    assert render.action(row, SCHEMA) == ACTIONS[render.RENDERER]


def test_a_tag_names_its_renderer() -> None:
    """What a client remembers of another renderer is never confirmed."""
    assert render.etag("12", "3") == TAGS[render.RENDERER]


def test_each_renderer_gives_other_bytes() -> None:
    """A number is raised for a reason, one by one."""
    for golden in (VERSIONS, ACTIONS, TAGS):
        assert list(golden) == list(range(1, render.RENDERER + 1))
    pairs = pairwise(zip(VERSIONS.values(), ACTIONS.values(), strict=True))
    assert all(before != after for before, after in pairs)
