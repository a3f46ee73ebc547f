"""Every operation, asked as schemathesis reads /openapi.json: no 5xx, and nothing undocumented."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tests.api import asking
from tests.api.documented import places
from tests.api.documented.trial import Trial
from tests.running import Running

LONG = 300.0  # seconds
# Of the operations of each door, which part is carried out at least once.
LEAST = {
    "account": 0.6,
    "cap": 0.7,
    "divio": 0.65,  # of eight collections nothing is ever in
    "iceprod": 0.9,
    "inveniordm": 0.7,
    "muniment": 0.6,
    "oai": 0.9,
    "oauth": 0.5,
    "pages": 0.5,
    "sampledb": 0.9,
}


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A trial of a service of its own: what is deleted there is nobody else's."""
    with Running(tmp_path / "data", MUNIMENT_ANONYMOUS_USERS="true") as running:
        user, document = asking.user(running, "user"), f"{running.url}/openapi.json"
        with asking.client(running, running.admin_token) as admin, user.client:
            made = Trial(
                running.url,
                admin.get(document).json(),
                partial(places.there, admin, user),
                (running.admin_token, user.token),
            )
            with closing(made):
                yield made


def too_few(trial: Trial) -> dict[str, float]:
    """The doors of which less was carried out than could be, and which part."""
    done = trial.succeeded()
    return {tag: done[tag] for tag, least in LEAST.items() if done[tag] < least}


def test_requests_of_each_operation_are_answered_as_documented(trial: Trial) -> None:
    """One that is right, by two askers, and most succeed; of those that take alike a wrong one."""
    for _ in trial.round(0, 1, trial.unlike()):
        pass

    assert trial.failures == []
    assert too_few(trial) == {}


@pytest.mark.soak
def test_requests_of_each_operation_are_answered_as_documented_for_long(trial: Trial) -> None:
    """For five minutes: right ones and wrong ones, each round from another number."""
    until = time.monotonic() + LONG
    for number in count(1):
        for _ in trial.round(number, 2):
            if time.monotonic() > until:
                assert trial.failures == []
                assert too_few(trial) == {}
                return
        trial.renew()
