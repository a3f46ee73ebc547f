"""What is read for a list, and for a file: as much for many as for one; counted, not timed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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


def prepared(database: str, data: Path, name: str, *others: str) -> tuple[Settings, str]:
    """Make somebody, and others; return how the application starts, and a token of the first."""
    data.mkdir()
    settings = Settings(data=data).given("embedded", database_url=database)
    with wiring.log(settings) as log:
        log.run(accounts.OPERATOR, builtin.generic_type)
        for each in (name, *others):
            log.run(accounts.OPERATOR, accounts.create, each, None)
        return settings, log.run(accounts.OPERATOR, accounts.issue_token, name).secret


@asynccontextmanager
async def asking(settings: Settings, token: str) -> AsyncIterator[Ask]:
    """Give what asks the application as who holds a token."""
    app: App[Any, Any] = application(settings)

    async def ask(method: str, path: str, body: Any = b"", least: int = 200, **headers: str) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers["authorization"] = f"Bearer {token}"
        answer = await inside.ask(app, method, path, sent, **headers)
        assert least <= answer.status < least + 100, answer.body
        return json.loads(answer.body)

    async with inside.started(app):
        yield ask


def test_a_page_of_ten_takes_as_many_statements_as_one_of_one(
    database: str, data: Path, statements: list[str]
) -> None:
    """Deposits, and records in CAP's shapes, with their people and their files."""
    start = prepared(database, data, "eve", "bob")

    async def main() -> None:
        async with asking(*start) as ask:
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


def test_what_a_file_was_is_looked_for_where_its_version_may_be_one(
    database: str, data: Path, statements: list[str]
) -> None:
    """The log is not read for any other; nor where the version is that which it has."""
    start = prepared(database, data, "dan")

    async def main() -> None:
        async with asking(*start) as ask:
            made = await ask("POST", DEPOSITS, {"$ana_type": "generic"})
            url = f"{made['links']['bucket'].partition('localhost')[2]}/a"
            first, second = [(await ask("PUT", url, each))["version_id"] for each in (b"1", b"2")]

            async def reads_the_log(version: str, least: int = 200) -> bool:
                statements.clear()
                await ask("GET", f"{url}?versionId={version}", least=least)
                return any("es.event" in each for each in statements)

            assert await reads_the_log(first)
            assert not await reads_the_log(second)
            for version in ("1", "none", "0" * 36, "5a5a5a5a-0000-4000-8000-000000000000"):
                assert not await reads_the_log(version, 400)

    uvloop.run(main())
