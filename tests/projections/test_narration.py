"""Narration: every event there is can be told, whole, without what is secret."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from msgspec import Raw

from domain.access import EVERYONE, Level
from domain.event import Aggregate, Entry, evolve
from domain.family import Family, PermissionGranted, PermissionRevoked
from domain.identifiers import record_id
from domain.log import Log
from domain.mapper import EntryMapper
from domain.record import AccessChanged, Published, Record
from domain.topics import EVENTS
from domain.values import Access
from projections import lives
from projections.database import connect, serving
from projections.narration import document_of, narrate
from tests.domain.stored import EXAMPLES
from tests.writing import ADA, actor, create, live, log_on, publish

ACTION, FAMILY = uuid4(), uuid4()


def record(**more: Any) -> Record:
    """A record with one version."""
    return Record(
        *(record_id("4d0ns-ntd89"), 2, EXAMPLES[0].recorded_at),
        pid="4d0ns-ntd89",
        number=7,
        action=ACTION,
        family=FAMILY,
        versions=1,
        schema_version=1,
        access=Access(),
        files=0,
        created_at=EXAMPLES[0].recorded_at,
        **more,
    )


def entry(after: Aggregate, event: Any) -> Entry[Any]:
    """The next event of an aggregate."""
    return Entry(after.id, after.version + 1, after.recorded_at, ADA, "test", event)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.topic}-{each.class_version}")
def test_every_stored_shape_is_told_in_json(example: Any) -> None:
    """Who, when, which door and the event's own fields; no password and no digest of a token."""
    stored = EntryMapper().to_domain_event(example.row)

    told = msgspec.json.decode(msgspec.json.encode(narrate(5, stored)))

    assert (told["topic"], told["revision"], told["position"]) == (
        *(example.topic, example.version),
        5,
    )
    assert {"by", "via", "recorded_at", "changed"} <= told.keys()
    assert {"password", "digest"}.isdisjoint(told["changed"])


def test_every_topic_has_a_stored_example() -> None:
    """So the test above tells all there are."""
    assert {each.topic for each in EXAMPLES} == set(EVENTS)


def test_a_version_is_told_by_its_number_its_instant_and_the_patch_to_it() -> None:
    """The schema and the access are told when they are others than before."""
    before = record()
    event = Published(number=1, body=Raw(b'{"a":2}'), schema_version=2, access=Access())

    told = narrate(9, entry(before, event), before, Raw(b'{"a":1}'))

    assert told.changed == {"version": 1, "schema_version": 2}
    assert told.before == {"schema_version": 1}
    assert told.valid_from == before.recorded_at
    assert told.patch == [{"op": "replace", "path": "/a", "value": 2}]


def test_a_permission_is_told_by_its_name_with_what_was_held_before() -> None:
    """Granted for the first time, raised, taken away."""
    family = Family(FAMILY, 1, EXAMPLES[0].recorded_at, ADA, {ADA: Level.MANAGE}, "4d0ns-ntd89")
    told = []
    for event in (
        PermissionGranted(principal=EVERYONE, level=Level.VIEW),
        PermissionGranted(principal=EVERYONE, level=Level.EDIT),
        PermissionRevoked(principal=EVERYONE),
    ):
        step = entry(family, event)
        narration = narrate(1, step, family)
        told.append((narration.changed.get("level"), narration.before.get("level")))
        family = evolve(family, step)

    assert told == [("view", "none"), ("edit", "view"), (None, "edit")]


def test_a_change_of_access_is_told_with_what_it_was() -> None:
    """Visibility of record and files."""
    before = record()
    event = AccessChanged(access=Access(record="public"), family=FAMILY)

    told = narrate(1, entry(before, event), before)

    assert told.changed["access"] == {"record": "public", "files": "restricted"}
    assert told.before == {"access": {"record": "restricted", "files": "restricted"}}


def test_a_life_is_read_in_order_whatever_the_size_of_a_page(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Record and family, all that happened to either, each once; large documents too."""
    with log_on(database) as log:
        made = log.run(actor(), create)
        for _ in range(5):
            log.run(actor(), publish, made.id, b'"' + b"x" * 2 * lives.LARGE + b'"')
            _grant(log, made)
        log.run(actor(), live, Random(1), {})
    with connect(serving(database, "test")) as conn:
        life = lives.find(conn, made.pid)
        assert life == lives.find(conn, str(made.number))
        whole = list(lives.read(conn, life, lives.reached(conn, life)))
        monkeypatch.setattr(lives, "PAGE", 2)
        paged = list(lives.read(conn, life, lives.reached(conn, life)))

    assert [each.event.TOPIC for _, each in whole] == [
        *("family.created", "record.created", "record.published"),
        *("record.published", "family.permission-granted") * 5,
    ]
    assert [position for position, _ in whole] == sorted({position for position, _ in whole})
    assert paged == whole
    assert len(document_of(whole[3][1].event) or b"") > lives.LARGE


def test_a_place_in_a_life_is_found_though_somebody_removed_events(database: str) -> None:
    """After each event that is left come those that follow it, whichever are gone."""
    with log_on(database) as log:
        made = log.run(actor(), create)
        for _ in range(9):
            log.run(actor(), publish, made.id, b"{}")
    with psycopg.connect(database) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        gone = "DELETE FROM es.event WHERE stream = %s AND version IN (3, 5, 6)"
        conn.execute(gone, (made.id,))
    with connect(serving(database, "test")) as conn:
        life = lives.find(conn, made.pid)
        left = "SELECT version, position FROM es.event WHERE stream = %s"
        for version, position in conn.execute(left, (made.id,)).fetchall():
            params = {"record": life.record, "family": life.family, "position": position}
            [(passed, _)] = conn.execute(lives.SQL["passed"], params).fetchall()
            follows = lives.paging(life, lives.Place(passed, 1), limit=1)
            rows = conn.execute(lives.SQL["page"], follows, binary=True).fetchall()
            following = {2: 4, 4: 7}.get(version, version + 1)
            assert [row[1] for row in rows] == [following] * (following <= 11)


def _grant(log: Log, made: Record) -> None:
    def grant(session: Any, principal: UUID) -> None:
        family = session.find(Family, id=made.family)
        session.change(family, family.grant(principal, Level.VIEW))

    log.run(actor(), grant, uuid4())
