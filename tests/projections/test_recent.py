"""What a process recalls saves a round trip and never changes an outcome.

Two processes share a log and, here, no marks: each recalls what the other has changed long since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from msgspec import Raw

from domain.access import Level
from domain.commands import drafts, objects
from domain.errors import Forbidden
from domain.event import Aggregate
from domain.log import Log, Session
from domain.recent import Recent
from domain.record import Record
from domain.storage.stamps import Stamps
from projections.database import Connections, serving
from projections.heads import ViewHeads
from projections.recorder import Recorder
from tests.drafting import body, drafts_on, somebody
from tests.writing import actor, create

BOB = uuid4()


class Asked(ViewHeads):
    """Counts how often an object is read with what decides on it."""

    times = 0

    def heads(
        self, kind: type[Aggregate], beside: Mapping[str, type[Aggregate]], /, **key: object
    ) -> list[Aggregate]:
        """Read and count."""
        self.times += 1
        return super().heads(kind, beside, **key)


@contextmanager
def process(database: str, stamps: Path) -> Iterator[tuple[Log, Asked]]:
    """A process that serves, with the marks in a file."""
    connections = Connections(serving(database, "test"))
    heads = Asked(connections)
    try:
        yield (
            Log(Recorder(connections, lambda _entries: None), heads, Recent(Stamps(stamps))),
            heads,
        )
    finally:
        connections.close()


def write(session: Session, number: int) -> Record:
    """Publish a version."""
    record = objects.writable(session, str(number))
    return session.change(record, record.publish(Raw(b"{}"), schema_version=1))


def grant(session: Session, number: int, principal: UUID, level: Level) -> None:
    """Give a principal a rung on an object."""
    objects.grant(session, objects.find(session, str(number)), principal, level)


def test_the_next_write_to_an_object_asks_for_nothing(database: str, tmp_path: Path) -> None:
    """The process knows it from its own write before."""
    with process(database, tmp_path / "stamps") as (log, heads):
        made = log.run(actor(), create)
        log.run(actor(), write, made.number)
        before = heads.times

        assert [log.run(actor(), write, made.number).versions for _ in range(3)] == [3, 4, 5]
        assert heads.times == before


def test_what_another_process_wrote_is_read_anew(database: str, tmp_path: Path) -> None:
    """Its mark says so: nothing is tried in vain."""
    marks = tmp_path / "stamps"
    with process(database, marks) as (one, heads), process(database, marks) as (other, _):
        made = one.run(actor(), create)
        one.run(actor(), write, made.number)
        other.run(actor(), write, made.number)
        before = heads.times

        assert one.run(actor(), write, made.number).versions == 4
        assert heads.times == before + 1


@pytest.fixture
def apart(database: str, tmp_path: Path) -> Iterator[tuple[Log, Log]]:
    """Two processes that do not hear of each other."""
    with (
        process(database, tmp_path / "one") as (one, _),
        process(database, tmp_path / "other") as (other, _),
    ):
        yield one, other


def test_a_write_on_what_is_out_of_date_lands_after_what_it_missed(apart: tuple[Log, Log]) -> None:
    """The save is refused and decided again."""
    one, other = apart
    made = one.run(actor(), create)
    for versions in range(2, 10, 2):
        assert one.run(actor(), write, made.number).versions == versions
        assert other.run(actor(), write, made.number).versions == versions + 1


def test_who_was_granted_something_elsewhere_is_not_refused(apart: tuple[Log, Log]) -> None:
    """A refusal is decided again before it is given."""
    one, other = apart
    made = one.run(actor(), create)
    one.run(actor(), write, made.number)
    other.run(actor(), grant, made.number, BOB, Level.EDIT)

    assert one.run(actor(BOB), write, made.number).versions == 3


def test_who_lost_a_grant_elsewhere_writes_no_more(apart: tuple[Log, Log]) -> None:
    """The save finds that what it was decided on is no longer so."""
    one, other = apart
    made = one.run(actor(), create)
    one.run(actor(), grant, made.number, BOB, Level.EDIT)
    one.run(actor(BOB), write, made.number)
    other.run(actor(), grant, made.number, BOB, Level.NONE)

    with pytest.raises(Forbidden):
        one.run(actor(BOB), write, made.number)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_writes_and_grants_ends_as_it_would_with_one_process(
    apart: tuple[Log, Log], seed: int
) -> None:
    """Every outcome is that of the rungs and versions as they then are."""
    random = Random(seed)
    made = [apart[0].run(actor(), create).number for _ in range(3)]
    versions = dict.fromkeys(made, 1)
    held = dict.fromkeys(made, Level.NONE)
    for _ in range(120):
        log, number = random.choice(apart), random.choice(made)
        if random.random() < 0.3:
            held[number] = random.choice([Level.NONE, Level.VIEW, Level.EDIT])
            log.run(actor(), grant, number, BOB, held[number])
        elif random.random() < 0.5 and held[number] < Level.EDIT:
            with pytest.raises(Forbidden):
                log.run(actor(BOB), write, number)
        else:
            writer = actor(BOB) if held[number] >= Level.EDIT else actor()
            versions[number] += 1
            assert log.run(writer, write, number).versions == versions[number]


def test_a_draft_is_saved_and_published_as_the_last_process_left_it(
    database: str, tmp_path: Path
) -> None:
    """What a process saved once and saves again is a change where another came between."""
    ada = somebody()
    with drafts_on(database), process(database, tmp_path / "one") as (one, _):
        pid = one.run(ada, drafts.create, body()).record.pid
        with process(database, tmp_path / "other") as (other, _):
            for log, title in ((one, "Tin"), (other, "Zinc"), (one, "Tin"), (other, "Lead")):
                saved = log.run(ada, drafts.save, pid, body(title=title))
                assert log.heads.draft(saved.record.id) == saved.draft
            again = other.run(ada, drafts.save, pid, body(title="Lead"))

        done = one.run(ada, drafts.publish, pid)

    assert again == saved
    assert b'"Lead"' in bytes(done.document)
