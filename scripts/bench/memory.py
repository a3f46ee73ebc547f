"""How soon the service is ready, and its memory: idle, after the demo, giving a long list."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from time import sleep
from typing import Any

import psycopg

from scripts import wiring
from scripts.bench import fill, processes, running
from scripts.bench.report import Row
from scripts.settings import Settings

MB = 1_000_000
SETTLE = 3.0  # seconds until what a start or the demo leaves behind has been freed
OBJECTS = 100_000
PIECE = 64 << 10  # bytes of a list read at once

# Written to the views alone: lists are made of nothing else, and it takes seconds.
FILL = """
INSERT INTO view.records
    (id, version, recorded_at, pid, number, action, family, versions, schema_version, access,
     files)
SELECT gen_random_uuid(), 2, now(), 'bench-' || n, nextval('es.record_number'), %(action)s,
       gen_random_uuid(), 1, 1, '{}', 0
  FROM generate_series(1, %(objects)s) AS n;
INSERT INTO view.versions
    (record, number, by, recorded_at, valid_from, schema_version, visibility, body)
SELECT id, 0, %(account)s, now(), now(), 1, 'restricted', %(body)s
  FROM view.records WHERE pid LIKE 'bench-%%';
INSERT INTO view.grants (family, principal, level)
SELECT family, %(account)s, 4 FROM view.records WHERE pid LIKE 'bench-%%';
"""


def run() -> Iterator[Row]:
    """Measure a new service, then the same one started again."""
    with running.folder() as data:
        with running.service(data) as ours:
            yield Row(name="ready, new data folder", unit="s", ours=ours.ready, most=5)
            token = ours.token
        with running.service(data) as ours:
            yield Row(name="ready, started again", unit="s", ours=ours.ready, most=5)
            yield _taken("memory idle, 2 workers", ours, most=400)
            _demo(ours)
            yield _taken("memory after the demo", ours, most=600)
            yield _listed(ours, token)


def _taken(name: str, ours: running.Service, most: float) -> Row:
    sleep(SETTLE)
    taken = processes.shared_memory(ours.processes) / MB
    return Row(name=name, unit="MB", ours=taken, most=most)


def _demo(ours: running.Service) -> None:
    words = ["demo", "--data", str(ours.data), "--port", str(ours.port)]
    subprocess.run(
        [sys.executable, "-m", "scripts.muniment", *words], check=True, capture_output=True
    )


def _listed(ours: running.Service, token: str) -> Row:
    settings = Settings(data=ours.data, database_url=ours.database_url)
    with wiring.log(settings) as log:
        actor = fill.administrator(log)
        under = fill.action(log, actor)
    params: dict[str, Any] = {
        "action": under.id,
        "account": actor.account,
        "objects": OBJECTS,
        "body": bytes(fill.documents(1)[0].raw),
    }
    with psycopg.ClientCursor(psycopg.connect(ours.database_url)) as cursor:
        cursor.execute(FILL, params)
        cursor.connection.commit()
    _get(ours, token, "/api/v1/objects/?limit=500")
    _get(ours, token, "/api/v1/objects/?limit=500")
    workers = processes.workers(ours.pid)
    before = [processes.peak(pid, reset=True) for pid in workers]
    size = _get(ours, token, "/api/v1/objects/")
    assert size > OBJECTS * len(params["body"])
    grown = max(processes.peak(pid) - first for pid, first in zip(workers, before, strict=True))
    return Row(name=f"a worker grows by, listing {OBJECTS:,}", unit="MB", ours=grown / MB, most=30)


def _get(ours: running.Service, token: str, path: str) -> int:
    """Read an answer piece by piece and return its length."""
    connection = HTTPConnection("127.0.0.1", ours.port)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    assert answer.status == 200
    size = 0
    while piece := answer.read(PIECE):
        size += len(piece)
    connection.close()
    return size
