"""10,000 files on one record against 100: commit, publish, a correction, a new version, the list.

Files are put into drafts through the log itself; what is measured goes over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5, sha256
from http.client import HTTPConnection
from statistics import median
from time import monotonic
from typing import Any

import orjson
import psycopg

from domain.commands.open_drafts import opened
from domain.draft_files import DraftFileCommitted, DraftFilesStarted
from domain.log import Session
from domain.record import Record
from domain.values import Content
from scripts import wiring
from scripts.bench import fill, processes, running
from scripts.bench.report import Row, median_ratio
from scripts.settings import Settings

FEW, MANY = 100, 10_000
SAVED = 200  # files in one save
COMMITS = 40  # that are measured at each
PUBLISHES = 5
MB = 1_000_000
METADATA = {
    "title": "Measurement",
    "creators": [{"person_or_org": {"type": "organizational", "name": "Laboratory"}}],
    "publication_date": "2020-06-01",
    "resource_type": {"id": "image-photo"},
}
LOGGED = "SELECT coalesce(sum(octet_length(state)), 0) FROM es.event"


def filled(session: Session, pid: str, keys: list[str]) -> Record:
    """Give a draft files, in one save."""
    record, _ = opened(session, pid)
    record = session.change(record, DraftFilesStarted(keys=tuple(keys)))
    at = record.recorded_at
    for key in keys:
        data = key.encode()
        digests = sha256(data).hexdigest(), md5(data, usedforsecurity=False).hexdigest()
        content = Content(*digests, len(data), "text/plain")
        done = DraftFileCommitted(key=key, content=content, started_at=at)
        record = session.change(record, done)
    return record


class Bench:
    """A service, and drafts with many files."""

    def __init__(self, ours: running.Service) -> None:
        self.ours = ours
        self.connection = HTTPConnection("127.0.0.1", ours.port)

    def rows(self) -> Iterator[Row]:
        """Measure everything."""
        few, many = self.draft(FEW), self.draft(MANY)
        yield self.commits(few, many)
        yield self.publishes(many)
        yield self.corrected(many)
        yield from self.listed(many)

    def commits(self, few: str, many: str) -> Row:
        """Commit one file of 10,000."""
        took: dict[str, list[float]] = {few: [], many: []}
        for turn in range(COMMITS):
            key = f"measured-{turn}"
            for pid in (few, many) if turn % 2 else (many, few):
                path = f"/api/records/{pid}/draft/files"
                self.ask("POST", path, [{"key": key}])
                self.ask("PUT", f"{path}/{key}/content", b"tin")
                took[pid].append(self.timed("POST", f"{path}/{key}/commit"))
        return _row("commit a file: of 10,000, time of one of 100", took[many], took[few], most=1.2)

    def publishes(self, many: str) -> Row:
        """Publish 10,000 files."""
        few = [
            self.timed("POST", f"/api/records/{self.draft(FEW)}/draft/actions/publish")
            for _ in range(PUBLISHES)
        ]
        others = [self.draft(MANY) for _ in range(PUBLISHES - 1)]
        most = [
            self.timed("POST", f"/api/records/{pid}/draft/actions/publish")
            for pid in (*others, many)
        ]
        return _row("publish 10,000 files, time of 100", most, few, most=10)

    def corrected(self, pid: str) -> Row:
        """Correct the metadata of a record with 10,000 files, and begin its next version."""
        before = self.logged()
        self.ask("POST", f"/api/records/{pid}/draft")
        body = {"files": {"enabled": True}, "metadata": METADATA | {"title": "Corrected"}}
        self.ask("PUT", f"/api/records/{pid}/draft", body)
        self.ask("POST", f"/api/records/{pid}/draft/actions/publish")
        added = (self.logged() - before) / 1000
        return Row(name="a correction adds, with 10,000 files", unit="kB", ours=added, most=20)

    def listed(self, pid: str) -> Iterator[Row]:
        """List 10,000 files."""
        path = f"/api/records/{pid}/files"
        workers = processes.workers(self.ours.pid)
        before = [processes.peak(each, reset=True) for each in workers]
        took = [self.timed("GET", path) for _ in range(PUBLISHES)]
        grown = max(processes.peak(pid) - was for pid, was in zip(workers, before, strict=True))
        yield Row(name="list 10,000 files", unit="s", ours=median(took))
        yield Row(
            name="a worker grows by, listing 10,000 files", unit="MB", ours=grown / MB, most=30
        )

    def draft(self, files: int) -> str:
        """Make a draft with so many files and return its public id."""
        pid: str = self.ask("POST", "/api/records", {"metadata": METADATA})["id"]
        settings = Settings(data=self.ours.data, database_url=self.ours.database_url)
        with wiring.log(settings) as log:
            keys = [f"{pid}/{each:05}.txt" for each in range(files)]
            actor = fill.administrator(log)
            for at in range(0, files, SAVED):
                log.run(actor, filled, pid, keys[at : at + SAVED])
        return pid

    def logged(self) -> int:
        """Return the bytes of all events."""
        with psycopg.connect(self.ours.database_url, user="postgres") as conn:
            [(size,)] = conn.execute(LOGGED).fetchall()
        return int(size)

    def timed(self, method: str, path: str) -> float:
        """Send a request and return the seconds until its answer was read."""
        began = monotonic()
        self.ask(method, path)
        return monotonic() - began

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request with a body, bytes or JSON, and return what the answer says."""
        sent = body if isinstance(body, bytes | None) else orjson.dumps(body)
        headers = {"Authorization": f"Bearer {self.ours.token}"}
        self.connection.request(method, path, sent, headers)
        answer = self.connection.getresponse()
        said = answer.read()
        assert answer.status < 300, said
        return orjson.loads(said) if said else None


def run() -> Iterator[Row]:
    """Measure what many files cost."""
    with running.folder() as data, running.service(data) as ours:
        yield from Bench(ours).rows()


def _row(name: str, ours: list[float], floor: list[float], *, most: float) -> Row:
    return Row(
        name=name,
        unit="ms",
        ours=median(ours) * 1000,
        floor=median(floor) * 1000,
        ratio=median_ratio(ours, floor),
        most=most,
    )
