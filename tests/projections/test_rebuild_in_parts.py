"""Rebuild of a long log: two processes fold a part of the streams each."""

from __future__ import annotations

from random import Random
from uuid import UUID, uuid4

import pytest

from domain.account import Account, PasswordSet
from domain.commands import accounts
from domain.identifiers import account_id
from domain.log import Session
from projections import history
from projections.beside import Beside, rebuilding
from projections.rebuild import PARTS, rebuild
from projections.registry import VIEWS
from tests.projections.tables import differences, keep
from tests.writing import actor, create, live, log_on, publish


@pytest.fixture
def every_log_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, however few events there are."""
    monkeypatch.setattr(history, "LONG", 0)


def set_password(session: Session, account: UUID) -> Account:
    """Change an account."""
    found = session.find(Account, id=account)
    assert found is not None
    return session.change(found, PasswordSet(password=str(uuid4())))


@pytest.mark.usefixtures("every_log_is_long")
def test_what_only_the_other_process_wrote_is_built_upon(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process folded no row of a view and must still catch up with it."""
    names = (f"ada {number}" for number in range(100))
    name = next(each for each in names if account_id(each).bytes[15] % 2 == 1)
    with log_on(database) as log:
        made = log.run(actor(), accounts.create, name, None)
        finish = Beside.finish

        def write_meanwhile(new: Beside[Account]) -> None:
            log.run(actor(), set_password, made.id)
            finish(new)

        monkeypatch.setattr(Beside, "finish", write_meanwhile)

        rebuild(database, ["accounts"])

        assert log.run(actor(), set_password, made.id).version == 3


@pytest.mark.usefixtures("every_log_is_long")
def test_two_processes_make_the_rows_that_were_written_inline(database: str) -> None:
    """Each takes whole streams, of every view."""
    made: dict[str, list[UUID]] = {}
    random = Random(1)
    with log_on(database) as log:
        for _ in range(100):
            log.run(actor(), live, random, made)
    keep(database, "inline")

    rebuild(database, list(VIEWS))

    assert differences(database, "inline") == {}


@pytest.mark.parametrize(
    ("long", "times"), [(2 << 20, 10), pytest.param(history.LONG, 100, marks=pytest.mark.soak)]
)
def test_a_log_that_is_long_and_mostly_one_stream_of_the_other_process_is_made_again(
    database: str, monkeypatch: pytest.MonkeyPatch, long: int, times: int
) -> None:
    """Versions of one record, which this process folds nothing of; few of the others."""
    monkeypatch.setattr(history, "LONG", long)
    made: dict[str, list[UUID]] = {}
    random = Random(2)
    with log_on(database) as log:
        for _ in range(20):
            log.run(actor(), live, random, made)
        record = next(
            each
            for each in (log.run(actor(), create) for _ in range(100))
            if each.id.bytes[15] % PARTS == 1
        )
        for _ in range(times):
            log.run(actor(), publish_many, record.id, random, 170)
    keep(database, "inline")
    with rebuilding(database) as conn:
        assert history.is_long(conn)

    rebuild(database, list(VIEWS))

    assert differences(database, "inline") == {}


def publish_many(session: Session, record: UUID, random: Random, count: int) -> None:
    """Publish versions of 1,700 bytes, which the log keeps in its own pages."""
    for _ in range(count):
        publish(session, record, b'"%s"' % random.randbytes(850).hex().encode())
