"""Every operation, asked as schemathesis reads /openapi.json: no 5xx, and nothing undocumented."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

import httpx
import pytest
from schemathesis import GenerationMode

from tests.api import asking
from tests.api.documented import places
from tests.api.documented.trial import Trial
from tests.running import Running

LONG = 300.0  # seconds


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A trial of a service of its own: what is deleted there is nobody else's."""
    with (
        Running(tmp_path / "data") as running,
        asking.client(running, running.admin_token) as admin,
    ):
        user = asking.user(running, "user")
        document = httpx.get(f"{running.url}/openapi.json").json()
        askers = (running.admin_token, user.token)
        yield Trial(running.url, document, partial(places.there, admin), askers)


def test_one_request_of_each_operation_is_answered_as_documented(trial: Trial) -> None:
    """By an administrator and a user; of operations that are alike one is tried."""
    tried = trial.unlike()
    for operation in tried:
        trial.run(operation, GenerationMode.POSITIVE, 1, 0)

    assert trial.failures == []
    assert trial.answers[200] > len(tried) / 2


@pytest.mark.soak
def test_requests_of_each_operation_are_answered_as_documented(trial: Trial) -> None:
    """For five minutes: right ones and wrong ones, each round from another number."""
    until = time.monotonic() + LONG
    for number in count(1):
        for operation in trial.operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                trial.run(operation, mode, 2, number)
            if time.monotonic() > until:
                assert trial.failures == []
                return
        trial.renew()
