"""Record: one line of editing and the versions published from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from msgspec import Raw

from domain.errors import Stale
from domain.event import Entry, evolve
from domain.record import Record, RecordCreated
from domain.values import Access

ADA = uuid4()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _entry(record: Record | None, event: Any) -> Entry[Any]:
    stream = record.id if record else uuid4()
    return Entry(stream, record.version + 1 if record else 1, NOW, ADA, "test", event)


def _created() -> Record:
    event = RecordCreated(
        pid="4d0ns-ntd89", number=7, action=uuid4(), family=uuid4(), access=Access()
    )
    return evolve(None, _entry(None, event))


def test_the_first_publish_makes_version_0() -> None:
    """Versions count from 0, and the record knows how many there are."""
    record = _created()

    event = record.publish(Raw(b'{"title":"Tin"}'), schema_version=1)
    after = evolve(record, _entry(record, event))

    assert event.number == 0
    assert (after.versions, after.schema_version, after.version) == (1, 1, 2)


def test_a_publish_that_expects_another_number_is_stale() -> None:
    """Who builds on a version that is not the newest is told which number is next."""
    record = _created()

    with pytest.raises(Stale, match="is 0, not 3"):
        record.require_next(3)


def test_a_publish_carries_the_visibility_of_its_moment() -> None:
    """Visibility belongs to each published event: restricted unless said otherwise."""
    event = _created().publish(Raw(b"{}"), schema_version=1)

    assert event.access == Access(record="restricted", files="restricted")


def test_a_record_that_is_opened_keeps_the_visibility_of_what_was_published() -> None:
    """The next version is published open; saying it twice leaves no event."""
    record = _created()
    public = Access(record="public")

    event = record.change_access(public)
    after = evolve(record, _entry(record, event))

    assert after.access == public
    assert after.publish(Raw(b"{}"), schema_version=1).access == public
    assert after.change_access(public) is None
