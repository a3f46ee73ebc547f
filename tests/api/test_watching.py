"""/metrics, /ready and the log: what a service says of itself, with four workers."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from tests.api import asking
from tests.api.asking import API, User
from tests.running import ROOT, Running

Samples = dict[tuple[str, str], float]


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of four workers, whose metrics this machine reads without signing in."""
    data = tmp_path_factory.mktemp("watched") / "data"
    with Running(data, "--workers", "4", MUNIMENT_METRICS_FROM="10.0.0.0/8, 127.0.0.1") as running:
        yield running


@pytest.fixture(scope="module")
def asker(four: Running) -> Iterator[httpx.Client]:
    """Its administrator."""
    with asking.client(four, four.admin_token) as client:
        yield client


def metrics(running: Running) -> Samples:
    """Read what is measured: values by name, and by route and status or whatever else tells."""
    answer = httpx.get(f"{running.url}/metrics")
    assert answer.status_code == 200, answer.text
    found: Samples = {}
    for family in text_string_to_metric_families(answer.text):
        for each in family.samples:
            told = " ".join(v for k, v in sorted(each.labels.items()) if k not in ("door", "le"))
            key = (each.name, told)
            found[key] = max(found.get(key, 0.0), each.value)
    return found


def test_every_request_of_four_workers_is_counted_once(four: Running, asker: httpx.Client) -> None:
    """By route and status, and timed; so is every event."""
    under = asking.action(asker)
    number = asking.new_object(asker, under)
    before = metrics(four)

    def ask(turn: int) -> None:
        with asking.client(four, four.admin_token) as client:
            asking.new_object(client, under)
            for _ in range(20):
                assert client.get(f"{API}/objects/{number}/versions/0").status_code == 200
            assert client.get(f"{API}/objects/{number}/versions/{turn + 1}").status_code == 404

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(16)))
    after = metrics(four)

    def grown(name: str, told: str) -> float:
        found = {key: value for key, value in after.items() if key[0] == name and key[1] == told}
        return sum(value - before.get(key, 0) for key, value in found.items())

    route = next(
        told.split()[1]
        for name, told in after
        if name == "muniment_http_requests_total" and "/versions/" in told and "404" in told
    )
    assert grown("muniment_http_requests_total", f"GET {route} 200") == 16 * 20
    assert grown("muniment_http_requests_total", f"GET {route} 404") == 16
    assert grown("muniment_http_request_seconds_count", f"GET {route}") == 16 * 21
    assert 0 < grown("muniment_http_request_seconds_sum", f"GET {route}") < 16 * 21
    with (
        database(DataFolder(four.data), "test") as url,
        psycopg.connect(url, user="postgres") as conn,
    ):
        events = conn.execute("SELECT count(*) FROM es.event").fetchone()
    assert events is not None
    assert after["muniment_events_total", ""] == events[0]
    assert grown("muniment_events_total", "") > 16


def test_what_a_worker_counted_outlives_it(four: Running, asker: httpx.Client) -> None:
    """Its place is taken by the next, which counts on; its connections are not counted twice."""
    route = "GET /ready 200"
    for _ in range(8):
        assert httpx.get(f"{four.url}/ready").json() == {"ready": True}
    _until(four, ("muniment_pool_connections", "readers"), 4 * 6)
    before = metrics(four)["muniment_http_requests_total", route]

    for each in four.processes("worker"):
        os.kill(each, signal.SIGKILL)
    _until(four, ("muniment_pool_connections", "readers"), 4 * 6)
    assert metrics(four)["muniment_http_requests_total", route] == before
    assert len(list((four.data / "metrics").glob("counter_*.db"))) == 4


def test_no_path_and_no_method_of_a_client_becomes_a_label(four: Running) -> None:
    """Or there would be no end of them; what is not there is counted as that."""
    httpx.get(f"{four.url}/nothing-of-this-name")
    httpx.request("BREW", f"{four.url}/health")

    told = httpx.get(f"{four.url}/metrics").text
    assert "nothing-of-this-name" not in told
    assert "BREW" not in told
    assert 'method="GET",route="none",status="404"' in told


def test_metrics_are_for_administrators_where_nobody_is_near(server: Running, bob: User) -> None:
    """By default no address is; a token of anybody else's is not enough."""
    admin = {"Authorization": f"Bearer {server.admin_token}"}

    assert httpx.get(f"{server.url}/metrics").status_code == 401
    assert bob.client.get("/metrics").status_code == 403
    answer = httpx.get(f"{server.url}/metrics", headers=admin)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_dashboard_names_metrics_that_exist(four: Running, asker: httpx.Client) -> None:
    """Each of its panels asks for something, and every metric is on it."""
    dashboard = json.loads((ROOT / "scripts/deploy/grafana.json").read_text())
    _until(four, ("muniment_pool_connections", "readers"), 4 * 6)
    there = {name for name, _told in metrics(four) if not name.endswith("_created")}
    asked: set[str] = set()
    for panel in dashboard["panels"]:
        words = set(re.findall(r"muniment_\w+", " ".join(t["expr"] for t in panel["targets"])))
        assert words, panel["title"]
        assert words <= there, panel["title"]
        asked |= words
    assert there == asked


def test_what_is_logged_for_a_request_bears_its_id(four: Running, asker: httpx.Client) -> None:
    """Also what another thread has to say; every line is JSON, and of tokens none says anything."""
    content = "bGluZQ=="
    number = asking.new_object(asker, asking.action(asker))
    body = {"storage": "database", "original_file_name": "a.txt", "base64_content": content}
    assert asker.post(f"{API}/objects/{number}/files/", json=body).status_code == 201
    for blob in (four.data / "blobs").glob("??/??/*"):
        blob.write_bytes(b"lies!")

    answer = asker.get(f"{API}/objects/{number}/files/0?access_token={four.admin_token}")

    assert answer.status_code == 503
    lines = _lines(four, answer.headers["X-Request-Id"])
    assert {each.get("logger") for each in lines} == {None, "domain.storage.blobs"}
    said = next(each for each in lines if each.get("logger"))
    assert (said["level"], said["process"]) == ("error", "worker")
    assert "is damaged" in said["message"]
    assert four.admin_token not in four.log.read_text()


def _lines(running: Running, id_: str) -> list[dict[str, Any]]:
    """Return the log lines of a request; the access log's is the last that is written."""
    until = time.monotonic() + 5
    while True:
        every = [json.loads(line) for line in _log(running.log) if line.startswith("{")]
        found = [each for each in every if each.get("id") == id_]
        if any("status" in each for each in found):
            return found
        assert time.monotonic() < until, every[-3:]
        time.sleep(0.05)


def _log(path: Path) -> list[str]:
    return path.read_text().splitlines()


def _until(running: Running, key: tuple[str, str], value: float) -> None:
    """Wait until a metric has a value."""
    until = time.monotonic() + 20
    while (found := metrics(running).get(key)) != value:
        assert time.monotonic() < until, found
        time.sleep(0.1)
