"""What a page of a list reads: as many statements for ten as for one; counted, not timed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import uvloop
from falcon.asgi import App

from domain.commands import accounts, builtin
from scripts import wiring
from scripts.application import application
from scripts.settings import Settings
from tests.api import inside
from tests.api.cap.making import DEPOSITS, change
from tests.api.inveniordm.making import RECORDS

Ask = Callable[..., Awaitable[Any]]
FEW, MANY = 1, 10
FORM = "application/form+json"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that readers have sent since it was emptied."""
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def counted(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(query)
        return await execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    return sent


async def filled(ask: Ask, other: str) -> None:
    """Make deposits with a file each, shared with somebody; every other one is published."""
    for number in range(2 * MANY):
        made = await ask("POST", DEPOSITS, {"$ana_type": "generic", "number": number})
        bucket = made["links"]["bucket"].partition("localhost")[2]
        await ask("PUT", f"{bucket}/{number}.txt", b"tin")
        here = f"{DEPOSITS}/{made['id']}/actions"
        await ask("POST", f"{here}/permissions", [change(other, "read")])
        if number % 2:
            await ask("POST", f"{here}/publish", b"")


def test_a_page_of_ten_takes_as_many_statements_as_one_of_one(
    database: str, data: Path, statements: list[str]
) -> None:
    """Deposits, and records in CAP's shapes, with their people and their files."""
    data.mkdir()
    settings = Settings(data=data).given("embedded", database_url=database)
    with wiring.log(settings) as log:
        log.run(accounts.OPERATOR, builtin.generic_type)
        for name in ("eve", "bob"):
            log.run(accounts.OPERATOR, accounts.create, name, None)
        token = log.run(accounts.OPERATOR, accounts.issue_token, "eve").secret

    async def main() -> None:
        app: App[Any, Any] = application(settings)

        async def ask(method: str, path: str, body: Any = b"", **headers: str) -> Any:
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["authorization"] = f"Bearer {token}"
            answer = await inside.ask(app, method, path, sent, **headers)
            assert answer.status < 300, answer.body
            return json.loads(answer.body)

        async with inside.started(app):
            await filled(ask, "bob")
            for path in (DEPOSITS, RECORDS):
                for accept in ("application/json", FORM):
                    counts = []
                    for size in (MANY, FEW, MANY):  # what is remembered is, after the first
                        statements.clear()
                        listed = await ask("GET", f"{path}?size={size}", accept=accept)
                        hits = listed["hits"]["hits"]
                        assert (len(hits), {len(each["files"]) for each in hits}) == (size, {1})
                        assert {len(each["access"]) for each in hits} == {3}
                        counts.append(len(statements))
                    assert counts[1] == counts[2], (path, accept, counts)

    uvloop.run(main())
