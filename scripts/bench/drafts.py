"""InvenioRDM's door against its floor: a draft saved, a draft published, a record read.

The floor of writes is one committed INSERT of the bytes that come, that of reads one primary-key
SELECT of the bytes that are answered, as in http.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from http.client import HTTPConnection
from multiprocessing import get_context
from typing import Any

import orjson
import psycopg

from domain.access import Actor
from domain.commands import drafts
from domain.commands.models import sent
from domain.log import Log, Session
from scripts import wiring
from scripts.bench import fill, floor, running
from scripts.bench.http import CONNECTIONS, ROUNDS, SECONDS, WARM, Load, row
from scripts.bench.report import Row
from scripts.settings import Settings

PUBLISHED = 9_600  # drafts that are there to be published
RECORDS = 500  # records that are read
WORDS = 140  # of a description
SAVED = 100  # drafts in one save


def body(number: int) -> bytes:
    """Return a draft's body of about 2 kB, which may be published."""
    source = fill.document(number)
    creators = [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": each["name"].split()[0],
                "given_name": each["name"].split()[1],
            },
            "affiliations": [{"id": "01ggx4157"}],
        }
        for each in source["authors"]
    ]
    metadata: dict[str, Any] = {
        "title": source["title"],
        "description": source["abstract"],
        "creators": creators,
        "publication_date": "2020-06-01",
        "resource_type": {"id": "image-photo"},
        "languages": [{"id": "eng"}],
        "rights": [{"id": "cc-by-4.0"}],
    }
    return orjson.dumps({"files": {"enabled": False}, "metadata": metadata})


def run() -> Iterator[Row]:
    """Measure saving and publishing, then reading."""
    with (
        running.folder() as data,
        running.service(data) as ours,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver,
    ):
        with psycopg.connect(ours.database_url, autocommit=True) as conn:
            conn.execute(floor.TABLES)
        with running.floor(ours) as bare:
            yield from _writes(ours, bare, driver)
            yield from _reads(ours, bare, driver)


def _writes(ours: running.Service, floored: running.Floor, driver: Executor) -> Iterator[Row]:
    edited = made(ours, CONNECTIONS)
    ready = made(ours, PUBLISHED)
    bodies = [body(number) for number in range(100)]
    puts = [
        [request(ours, "PUT", f"/api/records/{pid}/draft", each) for each in bodies]
        for pid in edited
    ]
    publishes = [
        request(ours, "POST", f"/api/records/{pid}/draft/actions/publish") for pid in ready
    ]
    written = [request(ours, "POST", "/written", each) for each in bodies]
    put = Load(ours, puts)
    publish = Load(
        ours, [publishes[lane::CONNECTIONS] for lane in range(CONNECTIONS)], 202, once=True
    )
    bare = Load(floored, [written] * CONNECTIONS, 201)
    alternate(driver, put, publish, bare)
    yield row("PUT a draft", put, bare, least=0.3)
    yield row("POST publish", publish, bare, least=0.3)


def _reads(ours: running.Service, floored: running.Floor, driver: Executor) -> Iterator[Row]:
    pids = made(ours, RECORDS)
    paths = [f"/api/records/{pid}" for pid in pids]
    with psycopg.connect(ours.database_url, autocommit=True) as conn:
        for number, path in enumerate(paths):
            ask(ours, "POST", f"{path}/draft/actions/publish")
            answer = ask(ours, "GET", path)
            conn.execute("INSERT INTO bench.answer VALUES (%s, %s)", (number, answer))
    drafted = [f"/api/records/{pid}/draft" for pid in made(ours, RECORDS)]
    record = Load(ours, lanes([request(ours, "GET", each) for each in paths]))
    draft = Load(ours, lanes([request(ours, "GET", each) for each in drafted]))
    held = [request(ours, "GET", f"/answer/{number}") for number in range(RECORDS)]
    bare = Load(floored, lanes(held))
    alternate(driver, record, draft, bare)
    yield row("GET a record", record, bare)
    yield row("GET a draft", draft, bare)


def alternate(driver: Executor, *loads: Load) -> None:
    """Run rounds of loads in turns, when all is warm."""
    for load in loads:
        load.round(driver, WARM)
        load.forget()
    for turn in range(ROUNDS):
        at = turn % len(loads)
        for load in (*loads[at:], *loads[:at]):
            load.round(driver, SECONDS)


def made(ours: running.Service, count: int) -> list[str]:
    """Make so many drafts and return their public ids."""
    settings = Settings(data=ours.data, database_url=ours.database_url)
    with wiring.log(settings) as log:
        actor = fill.administrator(log)
        numbers = range(0, count, SAVED)
        return [
            pid
            for start in numbers
            for pid in _batch(log, actor, range(start, min(start + SAVED, count)))
        ]


def _batch(log: Log, actor: Actor, numbers: Sequence[int]) -> list[str]:
    def make(session: Session) -> list[str]:
        return [drafts.create(session, sent(body(each))).record.pid for each in numbers]

    return log.run(actor, make)


def lanes(requests: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Return requests dealt to the connections."""
    return [requests[lane::CONNECTIONS] for lane in range(CONNECTIONS)]


def request(
    ours: running.Service,
    method: str,
    path: str,
    sent: bytes = b"",
    *,
    signed_in: bool = True,
    accept: str = "application/json",
) -> bytes:
    """Return a request by the administrator, or by nobody."""
    shown = f"Authorization: Bearer {ours.token}\r\n" if signed_in else ""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost:{ours.port}\r\n{shown}Accept: {accept}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent


def ask(ours: running.Service, method: str, path: str, sent: bytes = b"") -> bytes:
    """Ask as the administrator and return the answer's body. Raises AssertionError on a refusal."""
    connection = HTTPConnection("127.0.0.1", ours.port)
    headers = {"Authorization": f"Bearer {ours.token}", "Content-Type": "application/json"}
    connection.request(method, path, sent or None, headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status < 400, f"{method} {path}: {answer.status} {body[:500]!r}"
    return body
