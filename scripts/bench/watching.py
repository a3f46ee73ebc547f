"""What watching costs: the same requests, of the service and of one that is not watched.

The request is one of the cheapest, a 304, and one that gives a whole version. Both services run all
the time, each with a database of its own; rounds alternate, and the median of their ratios counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

import httpx

from api.sampledb import render
from scripts.bench import running
from scripts.bench.http import CONNECTIONS, SECONDS, WARM, Load
from scripts.bench.report import Row, median_ratio

ROUNDS = 11  # the difference is small
MOST = 1.05  # of what a request costs without


def run() -> Iterator[Row]:
    """Measure both."""
    with (
        running.folder() as data,
        running.folder() as other,
        running.service(data) as ours,
        running.service(other, "scripts.bench.unwatched") as floor,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver,
    ):
        paths = {each.port: _version(each) for each in (ours, floor)}
        for name, status in (("a 304", 304), ("a version, remembered", 200)):
            watched, unwatched = (
                Load(each, [[_request(each, paths[each.port], status)]] * CONNECTIONS, status)
                for each in (ours, floor)
            )
            _drive(driver, watched, unwatched)
            yield Row(
                name=f"CPU of {name}, watched or not",
                unit="µs",
                ours=median(watched.costs),
                floor=median(unwatched.costs),
                ratio=median_ratio(watched.costs, unwatched.costs),
                most=MOST,
            )


def _drive(driver: Executor, *loads: Load) -> None:
    for each in loads:
        each.round(driver, WARM)
        each.forget()
    for turn in range(ROUNDS):
        for each in loads if turn % 2 else loads[::-1]:
            each.round(driver, SECONDS)


def _request(service: running.Service, path: str, status: int) -> bytes:
    tag = render.etag(path.split("/")[-3], "0")
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{service.port}\r\n"
        f"Authorization: Bearer {service.token}\r\n"
        f"{f'If-None-Match: {tag}' if status == 304 else 'Accept: */*'}\r\n\r\n"
    ).encode()


def _version(service: running.Service) -> str:
    """Make an object, and return the path of its version."""
    headers = {"Authorization": f"Bearer {service.token}"}
    action = {"name": "tin", "type": "sample", "schema_language": "json-schema", "schema": {}}
    url = f"http://127.0.0.1:{service.port}/api/v1"
    with httpx.Client(base_url=url, headers=headers) as client:
        under = client.post("/actions/", json=action).json()["action_id"]
        made = client.post("/objects/", json={"action_id": under, "data": {"name": "tin"}})
    return f"/{made.headers['Location'].split('/', 3)[3]}"
