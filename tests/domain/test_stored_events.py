"""Events as they were once stored: every reader still reads them, and to the same end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from msgspec import Raw
from psycopg import Connection

from domain.event import Aggregate, Entry, evolve
from domain.mapper import EntryMapper
from domain.record import Published, Record
from domain.topics import EVENTS, UPCASTS, Fields
from projections.database import Connections, connect, serving
from projections.follower import Following, step
from projections.heads import ViewHeads
from projections.rebuild import rebuild
from projections.recorder import Recorder
from projections.registry import HEADS, VIEWS
from tests.domain.stored import EXAMPLES, Example, put_into
from tests.projections.tables import owner

MAPPER = EntryMapper()


def folded(examples: Sequence[Example]) -> dict[UUID, Aggregate]:
    """The aggregates that stored events amount to."""
    found: dict[UUID, Aggregate] = {}
    for each in examples:
        found[each.stream] = evolve(found.get(each.stream), MAPPER.to_domain_event(each.row))
    return found


@pytest.fixture
def readers(database: str) -> Iterator[Connections]:
    """Connections to a database whose log holds nothing but what the test puts there."""
    with owner(database) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute("TRUNCATE es.event, es.follower")
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
    connections = Connections(serving(database, "test"))
    yield connections
    connections.close()


def followed(database: str) -> list[Entry[Any]]:
    """Every entry of a log, as the follower gives it."""
    seen: list[Entry[Any]] = []

    def handle(_conn: Connection[Any], entries: Sequence[Entry[Any]]) -> None:
        seen.extend(entries)

    with connect(serving(database, "test")) as conn:
        while step(conn, Following("stored", tuple(EVENTS), handle)):
            pass
    return seen


def test_every_shape_of_every_event_has_a_stored_example() -> None:
    """An event class brings one file for each shape that it ever had."""
    shapes = {
        (topic, shape)
        for topic, kind in EVENTS.items()
        for shape in range(1, kind.CLASS_VERSION + 1)
    }

    assert {(each.topic, each.class_version) for each in EXAMPLES} == shapes


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.topic)
def test_a_stored_event_is_read_and_written_as_it_was(example: Example) -> None:
    """Reading it and storing it again gives the same bytes, a document's own spelling included."""
    entry = MAPPER.to_domain_event(example.row)

    assert type(entry.event) is EVENTS[example.topic]
    if example.class_version == EVENTS[example.topic].CLASS_VERSION:
        assert MAPPER.to_stored_event(entry).state == example.state


def test_every_reader_comes_to_the_same_end(database: str, readers: Connections) -> None:
    """The fold of a stream, the rebuilt views, the heads of commands, the library, followers."""
    put_into(database, EXAMPLES)

    rebuild(database, list(VIEWS))

    heads = ViewHeads(readers)
    for stream, aggregate in folded(EXAMPLES).items():
        assert type(aggregate) in HEADS
        assert heads.head(type(aggregate), id=stream) == aggregate
    entries = [MAPPER.to_domain_event(each.row) for each in EXAMPLES]
    assert followed(database) == entries
    recorder = Recorder(readers, lambda _entries: None)
    notified = recorder.select_notifications(None, len(EXAMPLES) + 1)
    assert [MAPPER.to_domain_event(each) for each in notified] == entries
    for stream in folded(EXAMPLES):
        own = recorder.select_events(stream)
        assert [MAPPER.to_domain_event(each) for each in own] == [
            entry for entry in entries if entry.stream == stream
        ]


def test_an_older_shape_is_brought_up_by_every_reader(
    database: str, readers: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A made-up first shape called the schema's version something else."""

    def renamed(fields: Fields) -> Fields:
        return {("schema_version" if key == "schema" else key): fields[key] for key in fields}

    monkeypatch.setattr(Published, "CLASS_VERSION", 2)
    monkeypatch.setitem(UPCASTS, (Published.TOPIC, 1), renamed)
    last = next(each for each in EXAMPLES if each.topic == Published.TOPIC)
    own = [each for each in EXAMPLES if each.stream == last.stream]
    newest = own[: last.version]
    state = newest[-1].state.replace(b'"schema_version":2', b'"schema":2')
    assert state != newest[-1].state
    older = [*newest[:-1], replace(newest[-1], state=state)]
    (record,) = folded(older).values()
    assert isinstance(record, Record)
    family = next(each for each in EXAMPLES if each.stream == record.family)  # its beginning
    put_into(database, [family, *older])

    rebuild(database, list(VIEWS))

    assert ViewHeads(readers).head(Record, id=record.id) == record
    assert record.schema_version == 2
    *_, published = followed(database)
    assert published == MAPPER.to_domain_event(older[-1].row)
    assert isinstance(published.event, Published)
    assert published.event.body == MAPPER.to_domain_event(newest[-1].row).event.body
    stored = MAPPER.to_stored_event(published)
    assert stored.state.endswith(b'"class_version":2}')
    assert MAPPER.to_domain_event(stored) == published


def test_a_document_cannot_name_a_type() -> None:
    """What stands in a document is never taken for one of ours."""
    example = next(each for each in EXAMPLES if each.topic == Published.TOPIC)
    event = MAPPER.to_domain_event(example.row).event

    assert isinstance(event.body, Raw)
    assert b'"_type_": "x"' in bytes(event.body)
