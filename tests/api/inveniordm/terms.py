"""Terms for tests, put as the operator does."""

from __future__ import annotations

from typing import Any

import httpx

from domain.commands import accounts, terms
from domain.log import Session
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from domain.term import Content, Ref
from scripts import wiring
from scripts.settings import Settings
from tests.running import Running


def put(running: Running, said: dict[Ref, Content], *retired: Ref) -> None:
    """Have terms say this from now on, and others be in use no more."""

    def command(session: Session) -> None:
        if said:
            terms.put(session, said)
        for ref in retired:
            terms.retire(session, ref)

    with database(DataFolder(running.data), "test") as url:
        settings = Settings(data=running.data).given("embedded", database_url=url)
        with wiring.log(settings) as log:
            log.run(accounts.OPERATOR, command)


def listed(answer: httpx.Response) -> list[str]:
    """Return the ids of a list's hits."""
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["hits"]["hits"]]


def shown(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON of a term."""
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
