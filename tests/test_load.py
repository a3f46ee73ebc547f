"""muniment load: real histories in, every version read back, each line once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import psycopg
import pytest

from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from tests import real
from tests.api.matrix.wire import Request, answers, each_in_turn
from tests.running import COMMAND, Running, environment

SAMPLE = Path("scripts/sample")
VERSIONS = 3365
OBJECTS = 1452


def _client(running: Running) -> httpx.Client:
    return httpx.Client(
        base_url=running.url, headers={"Authorization": f"Bearer {running.admin_token}"}
    )


def _holds(running: Running, numbers: dict[str, int], last: int = 0) -> None:
    """Assert that each object has the accepted lines of its recid as its versions, and no other.

    `last`: so many at the end of each are looked at, the one that is not there among them; 0: all.
    """
    shown = {"Authorization": f"Bearer {running.admin_token}"}
    expected = {
        f"/objects/{numbers[recid]}/versions/{version}": record
        for recid, records in real.accepted().items()
        for version, record in [*enumerate([*records, None])][-last:]
    }
    for request, answer in answers(running.url, [Request("GET", path, shown) for path in expected]):
        record = expected[request.path]
        assert answer.status == (404 if record is None else 200), answer.body
        assert record is None or orjson.loads(answer.body)["data"] == record


def test_every_accepted_line_equals_what_http_gives_at_its_version(loaded: real.Loaded) -> None:
    """Version v of a recid's object is the v-th accepted line of that recid."""
    with _client(loaded.running) as client:
        numbers = real.by_recid(client)
    assert len(numbers) == OBJECTS
    _holds(loaded.running, numbers)


def test_lines_that_violate_the_schema_are_named_with_path_and_reason(loaded: real.Loaded) -> None:
    """Two lines are refused, by their numbers; everything else is stored."""
    said = loaded.load.stderr
    assert loaded.load.returncode == 0
    assert "line 272 refused: (root)" in said
    assert '"description"' in said
    assert "line 3190 refused: (root)" in said
    assert '"collection"' in said
    assert f"{VERSIONS} versions stored ({OBJECTS} new objects)" in said
    assert "2 refused" in said


def test_a_second_load_stores_nothing_again(loaded: real.Loaded) -> None:
    """Each line's digest is its idempotency key, kept for ever."""
    again = loaded.running.cli(*real.LOAD)
    assert "0 versions stored (0 new objects)" in again.stderr
    assert f"{VERSIONS} were known, 2 refused" in again.stderr


def test_what_was_loaded_passes_an_audit(loaded: real.Loaded) -> None:
    """Its schema too, which came from a file that ends with a line end."""
    audited = loaded.running.cli("audit")

    assert (audited.returncode, audited.stdout) == (0, "")


def test_valid_from_is_the_instant_of_the_commit(loaded: real.Loaded) -> None:
    """The log keeps `committed`, beside the instant at which the version was recorded."""
    folder = DataFolder(loaded.running.data)
    with database(folder, "test") as url, psycopg.connect(url) as conn:
        row = conn.execute(
            "SELECT v.valid_from, v.recorded_at FROM view.versions v ORDER BY v.recorded_at LIMIT 1"
        ).fetchone()
    assert row is not None
    assert row[0].isoformat() == "2024-09-17T20:04:26+00:00"
    assert row[1] > row[0]


@pytest.mark.parametrize("pauses", [(1.2,), pytest.param((0.8, 1.2, 1.6), marks=pytest.mark.soak)])
def test_killed_at_any_line_and_started_again_no_version_is_missing_or_twice(
    tmp_path: Path, pauses: tuple[float, ...]
) -> None:
    """Killed with -9 again, the load ends as if it had never been."""
    real.require()
    with Running(tmp_path / "data") as running:
        words = [
            "load",
            str(real.HISTORY),
            "--schema",
            str(real.SCHEMA),
            "--data",
            str(running.data),
        ]
        for pause in pauses:
            process = subprocess.Popen(
                [*COMMAND, *words], env=environment(), stderr=subprocess.DEVNULL
            )
            time.sleep(pause)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        last = running.cli(*words[:-2])
        assert last.returncode == 0
        with _client(running) as client:
            numbers = real.by_recid(client)
        _holds(running, numbers, last=2)


def _specimen(recid: str, name: str) -> bytes:
    record = {"recid": recid, "committed": "2024-01-01T09:00:00+00:00", "record": {"name": name}}
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def test_a_refusal_that_is_no_fault_of_a_line_ends_the_load(
    server: Running, tmp_path: Path
) -> None:
    """Exit code 1 and the reason; the line is not counted as wrong, those before it are kept."""
    schema, file, mixed = (tmp_path / name for name in ("schema", "file", "mixed"))
    schema.write_text('{"type": "object"}')
    file.write_bytes(_specimen("hers", "tin"))
    lines = [_specimen("his", "lead"), _specimen("hers", "zinc"), _specimen("his", "iron")]
    mixed.write_bytes(b"".join(lines))
    words = ("--schema", str(schema), "--action", "of two")
    made = server.cli("user", "create", "loader", "--password", "secret", "--admin")
    first = server.cli("load", str(file), *words)

    ended = server.cli("load", str(mixed), *words, "--as", "loader")

    assert (made.returncode, first.returncode, ended.returncode) == (0, 0, 1)
    assert "line 2" in ended.stderr
    assert "muniment: You need the permission edit to change this object." in ended.stderr
    assert "refused" not in ended.stderr
    loader = ("loader", "secret")
    me = httpx.get(f"{server.url}/api/v1/users/me", auth=loader).json()["user_id"]
    seen = httpx.get(f"{server.url}/api/v1/objects/", auth=loader).json()
    assert [each["data"] for each in seen if each["user_id"] == me] == [{"name": "lead"}]


@pytest.mark.soak
def test_the_same_history_goes_in_over_http(server: Running) -> None:
    """Each line is one POST: the first of a recid makes the object, the others its versions."""
    real.require()
    admin = {"Authorization": f"Bearer {server.admin_token}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=admin) as client:
        made = client.post(
            "/actions/",
            content=b'{"name":"over HTTP","type":"measurement","schema_language":"json-schema",'
            b'"schema":' + real.SCHEMA.read_bytes() + b"}",
        )
        action = made.json()["action_id"]
    known: dict[str, int] = {}

    def posts() -> Iterator[Request]:
        for line in real.lines():
            record = line.raw[line.raw.index(b'"record":') + 9 : -2]
            if line.recid in known:
                path, body = f"/objects/{known[line.recid]}/versions/", b'{"data":' + record + b"}"
            else:
                path = "/objects/"
                body = b'{"action_id":%d,"data":' % action + record + b"}"
            yield Request("POST", f"/api/v1{path}", admin, body)

    for line, (_, answer) in zip(real.lines(), each_in_turn(server.url, posts()), strict=True):
        if line.number in real.REFUSED:
            assert answer.status == 400
            continue
        assert answer.status == 201, answer.body
        known[line.recid] = orjson.loads(answer.body)["object_id"]
    _holds(server, known)


def test_a_history_without_real_records_at_hand_is_demonstrated_with_our_own(
    tmp_path: Path,
) -> None:
    """The sample that the project ships loads whole: 40 objects with several versions each."""
    with Running(tmp_path / "data") as running:
        done = running.cli(
            "load",
            str(SAMPLE / "specimens.jsonl"),
            "--schema",
            str(SAMPLE / "specimen.schema.json"),
            "--public",
        )
        assert "108 versions stored (40 new objects)" in done.stderr
        assert httpx.get(f"{running.url}/objects/1/versions/1").status_code == 200
