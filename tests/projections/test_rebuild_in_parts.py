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
from projections.beside import Beside
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.projections.tables import differences, keep
from tests.writing import actor, live, log_on


@pytest.fixture(autouse=True)
def every_log_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, however few events there are."""
    monkeypatch.setattr(history, "LONG", 0)


def set_password(session: Session, account: UUID) -> Account:
    """Change an account."""
    found = session.find(Account, id=account)
    assert found is not None
    return session.change(found, PasswordSet(password=str(uuid4())))


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
