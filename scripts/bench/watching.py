"""What watching costs: the metrics and the log line of a request, against all that one costs.

The request is one of the cheapest, a 304, and one that gives a whole version. What is watched is
timed alone, in this process, as the service does it: written to a file, in files that others read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import httpx
from falcon.asgi import Request, Response
from falcon.testing import create_asgi_req

from api import access_log
from api.sampledb import render
from api.watching import shared
from api.watching.requests import Requests
from domain.access import ANONYMOUS
from scripts.bench import running
from scripts.bench.http import CONNECTIONS, ROUNDS, SECONDS, WARM, Load
from scripts.bench.report import Row

TIMES = 20_000  # that watching is timed, a round
MOST = 0.05  # of what a request costs without


def run() -> Iterator[Row]:
    """Measure both."""
    with (
        running.folder() as data,
        running.service(data) as ours,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver,
    ):
        head = f"Host: localhost:{ours.port}\r\nAuthorization: Bearer {ours.token}\r\n"
        path = _version(ours)
        tag = render.etag(path.split("/")[-3], "0")
        whole = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
        same = f"GET {path} HTTP/1.1\r\n{head}If-None-Match: {tag}\r\n\r\n".encode()
        watching = _watching(data.parent, path)
        for name, request, status in (("a 304", same, 304), ("a version, remembered", whole, 200)):
            load = Load(ours, [[request]] * CONNECTIONS, status)
            load.round(driver, WARM)
            load.forget()
            costs = []
            for _ in range(ROUNDS):
                load.round(driver, SECONDS)
                costs.append(watching())
            cost, request_cost = median(costs), median(load.costs)
            yield Row(
                name=f"metrics and log of {name}",
                unit="µs",
                ours=cost,
                floor=request_cost - cost,
                ratio=cost / (request_cost - cost),
                most=MOST,
            )


def _version(ours: running.Service) -> str:
    """Make an object, and return the path of its version."""
    headers = {"Authorization": f"Bearer {ours.token}"}
    action = {"name": "tin", "type": "sample", "schema_language": "json-schema", "schema": {}}
    with httpx.Client(base_url=f"http://127.0.0.1:{ours.port}/api/v1", headers=headers) as client:
        under = client.post("/actions/", json=action).json()["action_id"]
        made = client.post("/objects/", json={"action_id": under, "data": {"name": "tin"}})
    return f"/{made.headers['Location'].split('/', 3)[3]}"


def _watching(folder: Path, path: str) -> Callable[[], float]:
    """Return what measures watching one request, in µs of CPU."""
    shared.take(folder / "metrics")
    requests = Requests()
    req: Request = create_asgi_req(path=path, headers={"Host": "localhost"})
    req.uri_template = "/api/v1/objects/{object_id}/versions/{version_id}"
    req.context.actor, req.context.id = ANONYMOUS, "0123456789-abc"
    resp = Response()
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def measured() -> float:
        stderr = os.dup(access_log.STDERR)
        os.dup2(log, access_log.STDERR)
        try:
            began = time.process_time()
            for _ in range(TIMES):
                req.context.started = time.perf_counter()
                seconds = time.perf_counter() - req.context.started
                requests.note(req, resp, seconds)
                access_log.write(req, resp, seconds)
            requests.tell()
            return (time.process_time() - began) / TIMES * 1e6
        finally:
            os.dup2(stderr, access_log.STDERR)
            os.close(stderr)

    return measured
