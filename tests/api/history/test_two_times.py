"""Both times against a plain model of them: any history and any question about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import NamedTuple

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identifiers import account_id
from domain.log import Log
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import User
from tests.api.history import making
from tests.running import Running
from tests.writing import actor

TICK = timedelta(microseconds=1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Version(NamedTuple):
    """When a version was recorded, and since when it is valid."""

    recorded_at: datetime
    valid_from: datetime


def model(
    versions: Sequence[Version], as_of: datetime | None, valid_at: datetime | None
) -> int | None:
    """The number of the version that a question about time is answered with."""
    known = [n for n, each in enumerate(versions) if as_of is None or each.recorded_at <= as_of]
    if valid_at is None:
        return max(known, default=None)
    valid = [n for n in known if versions[n].valid_from <= valid_at]
    return max(valid, key=lambda n: (versions[n].valid_from, n), default=None)


@pytest.fixture(scope="module")
def log(server: Running) -> Iterator[Log]:
    """The log of the service, kept open."""
    with database(DataFolder(server.data), "test") as url:
        embedded = Settings(data=server.data).given("embedded", database_url=url)
        with wiring.log(embedded) as log:
            yield log


@pytest.mark.parametrize("examples", [6, pytest.param(60, marks=pytest.mark.soak)])
def test_any_question_about_any_history_is_answered_as_the_model_does(
    log: Log, ada: User, action: int, examples: int
) -> None:
    """Corrections that are valid since long ago, since the same day, from some day on."""

    @settings(max_examples=examples, deadline=None)
    @given(days=st.lists(st.none() | st.integers(-3, 3), max_size=5))
    def check(days: list[int | None]) -> None:
        number = asking.new_object(ada.client, action)
        for day in days:
            valid_from = None if day is None else EPOCH + timedelta(days=day)
            log.run(actor(account_id(ada.name)), making.publish, number, valid_from)
        versions = [
            Version(*(datetime.fromisoformat(line[key]) for key in Version._fields))
            for line in making.versions(ada.client, number)
        ]
        assert len(versions) == len(days) + 1
        asked_of(ada.client, number, versions)

    check()


def asked_of(client: httpx.Client, number: int, versions: list[Version]) -> None:
    """Ask about both times at all instants of these versions and the moments before them."""
    for as_of, valid_at in product(
        [None, *around(each.recorded_at for each in versions)],
        [None, *around(each.valid_from for each in versions)],
    ):
        if as_of is None and valid_at is None:
            continue
        asked = {"as_of": as_of, "valid_at": valid_at}
        answer = client.get(
            f"/objects/{number}",
            params={name: at.isoformat() for name, at in asked.items() if at is not None},
        )
        expected = model(versions, as_of, valid_at)
        if expected is None:
            assert answer.status_code == 404
        else:
            assert answer.headers["Location"] == f"/objects/{number}/versions/{expected}"


def around(instants: Iterator[datetime]) -> list[datetime]:
    """Instants, and the moment before each."""
    return sorted({at - before for at in instants for before in (TICK, timedelta())})
