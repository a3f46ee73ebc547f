"""Users, actions and objects for tests, made as clients make them."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import httpx
import psycopg

from domain.access import Level
from domain.commands import accounts, objects
from domain.identifiers import account_id
from domain.log import Log, Session
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from domain.values import Access, Visibility
from scripts import wiring
from scripts.settings import Settings
from tests.running import Running
from tests.writing import actor

P = ParamSpec("P")
R = TypeVar("R")

API = "/api/v1"
PASSWORD = "a password that only tests use"
LOGGED = 10.0  # seconds, on a machine that has other things to do
STORED = "SELECT (SELECT count(*) FROM es.event), (SELECT count(*) FROM view.records)"
PUBLISHED = """
SELECT e.stream, e.version, e.state FROM es.event e
  JOIN view.records r ON r.id = e.stream
  JOIN view.versions v ON v.record = r.id AND v.recorded_at = e.recorded_at
 WHERE r.number = %s AND v.number = ANY(%s)
"""
ANY_OBJECT: dict[str, Any] = {"type": "object"}
_numbers = count(1)
_TLS = ssl.create_default_context()  # made once: each costs 20 ms, also where there is no TLS


@dataclass(frozen=True)
class User:
    """An account, its token, and a client that shows the token."""

    name: str
    token: str
    client: httpx.Client


Join = Callable[..., User]


def client(running: Running, token: str | None = None) -> httpx.Client:
    """Return a client of the service that follows no redirect; without a token, anonymous."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=running.url, headers=headers, timeout=30, verify=_TLS)


def fresh(word: str) -> str:
    """Return a name that no other test has."""
    return f"{word}-{next(_numbers)}"


def user(running: Running, word: str, *scopes: str) -> User:
    """Make an account with PASSWORD and a token; no scopes means all."""
    name = fresh(word)
    operate(running, accounts.create, name, PASSWORD)
    secret = token(running, name, *scopes)
    return User(name, secret, client(running, secret))


def token(running: Running, name: str, *scopes: str) -> str:
    """Make a token of an account; no scopes means all."""
    return operate(running, accounts.issue_token, name, scopes=scopes).secret


def action(admin: httpx.Client, schema: Any = None, **fields: Any) -> int:
    """Make an action and return its number; `fields` replace the usual ones."""
    body = {
        "name": fresh("action"),
        "type": "sample",
        "schema_language": "json-schema",
        "schema": ANY_OBJECT if schema is None else schema,
    }
    made = admin.post(f"{API}/actions/", json=body | fields)
    assert made.status_code == 201, made.text
    return int(made.json()["action_id"])


def post(asker: httpx.Client, path: str, data: str | bytes, **members: Any) -> httpx.Response:
    """Send `data` byte for byte, with other members before it."""
    raw = data.encode() if isinstance(data, str) else data
    head = json.dumps(members).encode()[:-1] + (b"," if members else b"")
    return asker.post(path, content=head + b'"data":' + raw + b"}")


def new_object(asker: httpx.Client, under: int, data: str | bytes = '{"name":"tin"}') -> int:
    """Make an object and return its number."""
    made = post(asker, f"{API}/objects/", data, action_id=under)
    assert made.status_code == 201, made.text
    return int(made.headers["Location"].split("/")[-3])


def new_version(asker: httpx.Client, number: int | str, data: str | bytes) -> str:
    """Publish a version and return its path."""
    made = post(asker, f"{API}/objects/{number}/versions/", data)
    assert made.status_code == 201, made.text
    return made.headers["Location"]


def data_of(answer: httpx.Response) -> bytes:
    """Return the exact bytes of `data` in a version's answer."""
    assert answer.status_code == 200, answer.text
    return answer.content.partition(b'"data":')[2].partition(b',"fed_object_id":null')[0]


def decide(
    running: Running,
    name: str,
    command: Callable[Concatenate[Session, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Carry out a command as an account, on the service's log: what no door offers yet."""
    with log(running) as opened:
        return opened.run(actor(account_id(name)), command, *args, **kwargs)


def operate(
    running: Running,
    command: Callable[Concatenate[Session, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Carry out a command as the command line does, without what a process takes to start."""
    with log(running) as opened:
        return opened.run(accounts.OPERATOR, command, *args, **kwargs)


@contextmanager
def log(running: Running) -> Iterator[Log]:
    """The service's log, as the command line has it."""
    with database(DataFolder(running.data), "test") as url:
        settings = Settings(data=running.data).given("embedded", database_url=url)
        with wiring.log(settings) as opened:
            yield opened


def set_access(running: Running, owner: str, number: int, to: Visibility) -> None:
    """Open or close a record, as an account that manages it."""

    def command(session: Session) -> None:
        objects.change_access(session, objects.find(session, str(number)), Access(record=to))

    decide(running, owner, command)


def close(running: Running, manager: str, number: int) -> None:
    """Leave a record to those who were granted something by name."""

    def command(session: Session) -> None:
        record = objects.find(session, str(number))
        objects.grant_signed_in(session, record, Level.NONE)
        objects.change_access(session, record, Access())

    decide(running, manager, command)


def pid_of(running: Running, number: int) -> str:
    """Return an object's public id."""
    [(pid,)] = query(running, "SELECT pid FROM view.records WHERE number = %s", number)
    return str(pid)


def stored(running: Running) -> tuple[int, int]:
    """Return how many events and how many objects there are."""
    [row] = query(running, STORED)
    return row[0], row[1]


@contextmanager
def watched(running: Running) -> Iterator[Callable[[], tuple[int, int]]]:
    """Give `stored` on one connection, for who asks often."""
    with database(DataFolder(running.data), "test") as url, psycopg.connect(url) as conn:
        conn.autocommit = True
        yield lambda: conn.execute(STORED).fetchone() or (0, 0)


def logged(running: Running) -> str:
    """Return the service's log when what was asked until now is in it: lines wait a moment."""
    last = httpx.get(f"{running.url}/health").headers["X-Request-Id"]
    until = time.monotonic() + LOGGED
    while last not in (text := running.log.read_text()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return text


def query(running: Running, statement: str, *params: Any) -> list[tuple[Any, ...]]:
    """Ask the service's database."""
    with database(DataFolder(running.data), "test") as url, psycopg.connect(url) as conn:
        return conn.execute(statement.encode(), params).fetchall()


@contextmanager
def damaged(
    running: Running, number: int, *versions: int, by: tuple[bytes, bytes] = (b"{", b"\xff")
) -> Iterator[None]:
    """For the block, the events that published these versions of an object cannot be read."""
    with spoiled(running, PUBLISHED, number, list(versions), by=by):
        yield


@contextmanager
def spoiled(
    running: Running, events: str, *params: Any, by: tuple[bytes, bytes] = (b"{", b"\xff")
) -> Iterator[None]:
    """For the block, events cannot be read whose stream, version and state a query gives."""
    with database(DataFolder(running.data), "test") as url, psycopg.connect(url) as conn:
        conn.autocommit = True
        found = conn.execute(events, params).fetchall()
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        try:
            for stream, version, state in found:
                _set_state(conn, stream, version, state.replace(*by, 1))
            yield
        finally:
            for row in found:
                _set_state(conn, *row)
            conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")


def _set_state(conn: psycopg.Connection[Any], stream: UUID, version: int, state: bytes) -> None:
    change = "UPDATE es.event SET state = %s WHERE stream = %s AND version = %s"
    conn.execute(change, (state, stream, version))
