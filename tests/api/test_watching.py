"""/metrics, /ready and the log: what a service says of itself, with four workers."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import psycopg
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client.parser import text_string_to_metric_families

from api.health import of_webhooks
from api.service import READERS, WRITERS
from domain.storage.datafolder import DataFolder
from domain.storage.looks import Look
from domain.storage.server import database
from projections import webhooks
from projections.fixity import Fixity, Pass
from projections.watching import Untold
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import API, User
from tests.running import ROOT, Running

VERSION = "/api/v1/objects/{object_id}/versions/{version}"
FILES = (
    *("blobs", "blob_bytes", "fixity_damaged_blobs"),
    *("fixity_finished_timestamp_seconds", "fixity_pass_ratio"),
)
Samples = dict[tuple[str, str], float]


class Collector(BaseHTTPRequestHandler):
    """Takes spans as OTLP has them over HTTP."""

    spans: ClassVar[list[Span]] = []

    def do_POST(self) -> None:
        """Take some."""
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def collector() -> Iterator[str]:
    """The address of what takes spans."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as found:
        Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}"
        found.shutdown()


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory, collector: str) -> Iterator[Running]:
    """A service of four workers, whose metrics this machine reads without signing in.

    It sends its traces to a collector.
    """
    with Running(
        tmp_path_factory.mktemp("watched") / "data",
        "--workers",
        "4",
        MUNIMENT_METRICS_FROM="10.0.0.0/8, 127.0.0.1",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector,
        OTEL_BSP_SCHEDULE_DELAY="100",
    ) as running:
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


@contextmanager
def operator(running: Running) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of whoever may do everything."""
    with (
        database(DataFolder(running.data), "test") as url,
        psycopg.connect(url, user="postgres") as conn,
    ):
        yield conn


def test_every_request_of_four_workers_is_counted_once(four: Running, asker: httpx.Client) -> None:
    """By route and status, and timed; so is every event."""
    under = asking.action(asker)
    number = asking.new_object(asker, under)

    def ask(turn: int) -> None:
        with asking.client(four, four.admin_token) as client:
            asking.new_object(client, under)
            for _ in range(20):
                assert client.get(f"{API}/objects/{number}/versions/0").status_code == 200
            assert client.get(f"{API}/objects/{number}/versions/{turn + 1}").status_code == 404

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(16)))

    _until(four, "muniment_http_requests_total", f"GET {VERSION} 404", 16)
    _until(four, "muniment_http_requests_total", f"GET {VERSION} 200", 16 * 20)
    counted = metrics(four)
    assert counted["muniment_http_request_seconds_count", f"GET {VERSION}"] == 16 * 21
    assert counted["muniment_http_request_seconds_bucket", f"GET {VERSION}"] == 16 * 21  # the last
    assert counted["muniment_http_request_seconds_sum", f"GET {VERSION}"] > 0
    with operator(four) as conn:
        events = conn.execute("SELECT count(*) FROM es.event").fetchone()
    assert events is not None
    assert counted["muniment_events_total", ""] == events[0]


def test_what_a_worker_counted_outlives_it(four: Running, asker: httpx.Client) -> None:
    """Its place is taken by the next, which counts on; its connections are not counted twice."""
    for _ in range(8):
        assert httpx.get(f"{four.url}/ready").json() == {"ready": True}
    _until(four, "muniment_http_requests_total", "GET /ready 200", 8)

    for each in four.processes("worker"):
        os.kill(each, signal.SIGKILL)

    _until(four, "muniment_pool_connections", "readers", 4 * READERS)
    assert metrics(four)["muniment_http_requests_total", "GET /ready 200"] == 8
    assert len(list((four.data / "metrics").glob("counter_*.db"))) == 4


def test_what_holds_the_horizon_is_seen_and_who_is_behind_it(
    four: Running, asker: httpx.Client
) -> None:
    """An open transaction keeps events from the follower and the seals: their ages say so."""
    behind = ("horizon_age_seconds", "follower_lag_seconds", "seal_lag_seconds")
    with operator(four) as conn:
        conn.execute("SELECT txid_current()")
        asking.new_object(asker, asking.action(asker))
        for each in behind:
            _once(four, f"muniment_{each}", "", lambda value: value > 0)
        held = metrics(four)
        conn.rollback()
    assert held["muniment_sealed_events", ""] < held["muniment_events_total", ""]
    for each in behind:
        _until(four, f"muniment_{each}", "", 0)
    _until(four, "muniment_sealed_events", "", held["muniment_events_total", ""])


def test_connections_that_are_in_use_are_seen(four: Running, asker: httpx.Client) -> None:
    """While reads wait for a table that is locked, and no longer."""
    path = f"{API}/objects/{asking.new_object(asker, asking.action(asker))}/versions/0"
    taken = metrics(four)["muniment_pool_taken_total", "readers"]
    with operator(four) as conn, ThreadPoolExecutor(1) as pool:
        conn.execute("LOCK TABLE view.versions")
        read = pool.submit(lambda: asker.get(path).status_code)
        _once(four, "muniment_pool_busy", "readers", lambda value: value > 0)
        conn.rollback()
        assert read.result() == 200
    _until(four, "muniment_pool_busy", "readers", 0)
    _once(four, "muniment_pool_taken_total", "readers", lambda value: value > taken)


def test_writes_that_wait_are_seen(four: Running, asker: httpx.Client) -> None:
    """Of so many some worker has more than it has threads, each with a connection of its own."""
    under, number = asking.action(asker), 4 * WRITERS + 1

    def write(_turn: int) -> None:
        with asking.client(four, four.admin_token) as client:
            asking.new_object(client, under)

    taken = metrics(four)["muniment_pool_taken_total", "writers"]
    with operator(four) as conn, ThreadPoolExecutor(number) as pool:
        conn.execute("LOCK TABLE es.event IN EXCLUSIVE MODE")
        writes = [pool.submit(write, turn) for turn in range(number)]
        _once(four, "muniment_pool_waiting", "writers", lambda value: value > 0)
        _once(four, "muniment_pool_busy", "writers", lambda value: value >= WRITERS)
        conn.rollback()
        for each in writes:
            each.result()
    _until(four, "muniment_pool_busy", "writers", 0)
    _until(four, "muniment_pool_waiting", "writers", 0)
    _once(four, "muniment_pool_taken_total", "writers", lambda value: value >= taken + number)
    _once(four, "muniment_pool_waited_seconds_total", "writers", lambda value: value > 0)


def test_what_the_files_are_is_told_as_it_was_noted(four: Running) -> None:
    """How many bytes there are, what is damaged, and how far the pass over them is."""
    settings = Settings(data=four.data)
    looks, fixity = wiring.looks(settings), wiring.fixity(settings)
    before = looks.last(), fixity.last()
    now = datetime(2026, 11, 22, tzinfo=UTC)
    looks.note(Look(now, kept_blobs=4, kept_size=1234))
    fixity.note(
        Fixity(
            last=Pass(began_at=now, of=3, finished_at=now),
            now=Pass(began_at=now, of=4, blobs=1),
            damaged=("0f", "f0"),
        )
    )
    told = metrics(four)
    looks.note(before[0])
    fixity.note(before[1])

    assert {name: told[f"muniment_{name}", ""] for name in FILES} == {
        "blobs": 4,
        "blob_bytes": 1234,
        "fixity_damaged_blobs": 2,
        "fixity_finished_timestamp_seconds": now.timestamp(),
        "fixity_pass_ratio": 0.25,
    }
    assert told["muniment_disk_free_bytes", ""] > 0


def test_what_webhooks_were_not_told_is_seen(four: Running, asker: httpx.Client) -> None:
    """How many messages wait and are dead; and how old events are that nobody looked at.

    /health says at once what is dead, and what waits when it is an hour old.
    """
    with operator(four) as conn:
        hook = webhooks.add(conn, "https://hooks.invalid/", ["record.*"])
        conn.commit()
        asking.new_object(asker, asking.action(asker))
        _once(four, "muniment_webhook_lag_seconds", "", lambda value: value > 0)
        conn.execute(
            "INSERT INTO es.webhook_message (webhook, position, stream, dead)"
            " SELECT %s, position, stream, row_number() OVER () > 2"
            " FROM (SELECT * FROM es.event ORDER BY position LIMIT 3) event",
            [hook],
        )
        conn.commit()
        told = metrics(four)
        health = httpx.get(f"{four.url}/health").json()
        webhooks.remove(conn, hook)
        conn.commit()

    assert (told["muniment_webhook_waiting", ""], told["muniment_webhook_dead", ""]) == (2, 1)
    assert health["status"] == "degraded"
    assert health["problems"] == ["Messages to webhooks that are dead: 1."]
    assert of_webhooks(Untold(waiting=2, dead=0, seconds=3599)) == []
    late = of_webhooks(Untold(waiting=2, dead=0, seconds=3601))
    assert late == ["Webhooks are 3601 s behind the log."]
    _until(four, "muniment_webhook_lag_seconds", "", 0)


def test_no_path_and_no_method_of_a_client_becomes_a_label(four: Running) -> None:
    """Or there would be no end of them; what is not there is counted as that."""
    assert httpx.get(f"{four.url}/nothing-of-this-name").status_code == 404
    httpx.request("BREW", f"{four.url}/health")

    _until(four, "muniment_http_requests_total", "GET none 404", 1)
    told = httpx.get(f"{four.url}/metrics").text
    assert "nothing-of-this-name" not in told
    assert "BREW" not in told


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
    _until(four, "muniment_pool_connections", "readers", 4 * READERS)
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


def test_a_request_and_its_command_are_spans_of_the_clients_trace(
    four: Running, asker: httpx.Client
) -> None:
    """By the standard variables; the answer's id, and so the log's, begins with the trace's."""
    under = asking.action(asker)
    trace, parent = uuid4().hex, "00f067aa0ba902b7"
    said = {"traceparent": f"00-{trace}-{parent}-01"}
    body = {"action_id": under, "data": {"name": "tin"}}

    answer = asker.post(f"{API}/objects/", json=body, headers=said)

    assert answer.headers["X-Request-Id"].startswith(f"{trace}-")
    until = time.monotonic() + 10
    while len(spans := [each for each in Collector.spans if each.trace_id.hex() == trace]) < 2:
        assert time.monotonic() < until, spans
        time.sleep(0.05)
    request, command = sorted(spans, key=lambda each: -each.kind)
    assert (request.name, request.parent_span_id.hex()) == ("POST /api/v1/objects/", parent)
    assert command.name == "api.sampledb.objects.create"
    assert command.parent_span_id == request.span_id
    told = {each.key: each.value for each in request.attributes}
    assert told["http.response.status_code"].int_value == 201
    assert asker.headers["Authorization"].split()[1] not in str(Collector.spans)


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


def _until(running: Running, name: str, told: str, value: float) -> None:
    """Wait until a metric has a value."""
    _once(running, name, told, lambda found: found == value)


def _once(running: Running, name: str, told: str, right: Callable[[float], bool]) -> None:
    """Wait until a metric is right: every worker tells the others once a second."""
    until = time.monotonic() + 30
    while (found := metrics(running).get((name, told))) is None or not right(found):
        assert time.monotonic() < until, found
        time.sleep(0.1)
