"""The log: commands decide on what is, are saved whole, and at most once under a key."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from domain.errors import Conflict, Invalid, Unprocessable
from domain.event import TICK
from domain.family import Family, FamilyCreated
from domain.log import AnsweredBefore, Log, Retry, Session
from domain.record import Record
from tests.projections.tables import count
from tests.writing import ADA, actor, create, log_on, publish


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with log_on(database) as found:
        yield found


def retry(key: str, digest: str = "a body's", remembered: timedelta | None = None) -> Retry:
    """A request that may be sent again."""
    return Retry(
        key=key,
        method="POST",
        path="/objects/",
        digest=digest,
        answer=lambda made: (201, f"/objects/{made.number}", f'"{made.versions}"'),
        remembered=remembered,
    )


def test_writers_that_race_for_a_record_all_get_in(log: Log) -> None:
    """Whoever comes second decides again on what is by then."""
    made = log.run(actor(), create)

    with ThreadPoolExecutor(8) as pool:
        after = list(pool.map(lambda _: log.run(actor(), publish, made.id).versions, range(40)))

    assert sorted(after) == list(range(2, 42))


def test_a_command_sees_what_it_decided(log: Log) -> None:
    """Found again within the command, an aggregate is as the command left it."""

    def thrice(session: Session) -> list[int]:
        made = create(session)
        return [made.versions, *(publish(session, made.id).versions for _ in range(2))]

    assert log.run(actor(), thrice) == [1, 2, 3]


def test_a_refused_command_leaves_nothing(log: Log, database: str) -> None:
    """Neither what it decided before the refusal nor its key."""
    before = count(database, "es.event")

    def refused(session: Session) -> Record:
        create(session)
        raise Invalid("The tin is copper.")

    with pytest.raises(Invalid):
        log.run_once(actor(), retry("refused"), refused)

    assert count(database, "es.event") == before
    assert log.run_once(actor(), retry("refused"), create).versions == 1


def test_instants_rise_strictly_within_a_stream(log: Log) -> None:
    """A clock that was put back gives the last instant and one microsecond."""

    def late(session: Session, record: UUID) -> Record:
        session.now -= timedelta(days=1)
        return publish(session, record)

    first = log.run(actor(), create)
    second = log.run(actor(), late, first.id)

    assert second.recorded_at == first.recorded_at + TICK


def test_a_key_used_again_gives_the_first_answer(log: Log, database: str) -> None:
    """Nothing is stored the second time; another account's same key is another key."""
    made = log.run_once(actor(), retry("again"), create)
    before = count(database, "es.event")

    with pytest.raises(AnsweredBefore) as found:
        log.run_once(actor(), retry("again"), create)

    answer = found.value.answer
    assert (answer.status, answer.location, answer.etag) == (201, f"/objects/{made.number}", '"1"')
    assert count(database, "es.event") == before
    assert log.run_once(actor(uuid4()), retry("again"), create).number != made.number


def test_what_decides_nothing_is_answered_once_too(log: Log, database: str) -> None:
    """Until the key has expired: then it may be used anew, for what has no effect again."""
    made = log.run(actor(), create)

    def nothing(session: Session) -> Record:
        found = session.find(Record, id=made.id)
        assert found is not None
        return found

    for lasts in (timedelta(), timedelta(), None):
        assert log.run_once(actor(), retry("nothing", remembered=lasts), nothing) == made
    before = count(database, "es.event")
    with pytest.raises(AnsweredBefore) as found:
        log.run_once(actor(), retry("nothing"), nothing)

    assert found.value.answer.location == f"/objects/{made.number}"
    assert count(database, "es.event") == before


def test_a_key_used_for_another_body_is_refused(log: Log) -> None:
    """The key stands for the first request."""
    log.run_once(actor(), retry("other"), create)

    with pytest.raises(Unprocessable):
        log.run_once(actor(), retry("other", digest="another body's"), create)


def test_a_key_in_use_is_refused(log: Log) -> None:
    """The first request is still running."""
    running, finish = threading.Event(), threading.Event()

    def slowly(session: Session) -> Record:
        running.set()
        finish.wait(10)
        return create(session)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(log.run_once, actor(), retry("running"), slowly)
        assert running.wait(10)
        with pytest.raises(Conflict, match="still running"):
            log.run_once(actor(), retry("running"), create)
        finish.set()
        assert first.result().versions == 1


@pytest.mark.parametrize("remembered", [None, timedelta(hours=1)])
def test_a_key_is_used_once_by_requests_that_no_lock_keeps_apart(
    log: Log, database: str, remembered: timedelta | None
) -> None:
    """A lock is lost with its connection: then the save itself refuses whoever comes second."""
    asked = retry(f"apart {remembered}", remembered=remembered)
    together = threading.Barrier(2, timeout=10)

    def at_once(session: Session) -> Record:
        made = create(session)
        together.wait()
        return made

    def ask(_: int) -> str | None:
        try:
            return f"/objects/{log.run_unless_answered(actor(), asked, at_once).number}"
        except AnsweredBefore as before:
            return before.answer.location

    before = count(database, "view.records"), count(database, "es.event")
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(ask, range(2)))

    assert len(set(told)) == 1
    assert count(database, "view.records") == before[0] + 1
    assert count(database, "es.event") == before[1] + 3


def test_a_key_is_free_again_when_its_time_is_over(log: Log) -> None:
    """The later answer takes the place of the one that expired."""
    over = timedelta(seconds=-1)
    first = log.run_once(actor(), retry("expired", remembered=over), create)
    second = log.run_once(actor(), retry("expired", remembered=timedelta(hours=1)), create)

    assert second.number != first.number
    with pytest.raises(AnsweredBefore) as found:
        log.run_once(actor(), retry("expired"), create)
    assert found.value.answer.location == f"/objects/{second.number}"


def test_a_stream_begins_once(log: Log) -> None:
    """However often the command is tried again."""
    stream = uuid4()

    def begin(session: Session) -> Family:
        return session.begin(stream, FamilyCreated(owner=ADA))

    log.run(actor(), begin)

    with pytest.raises(Conflict, match="Too many others"):
        log.run(actor(), begin)
