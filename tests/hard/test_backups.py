"""Backup and restore under load, and killed with -9: what was acknowledged before is there."""

from __future__ import annotations

import random
import re
import shutil
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired

import httpx
import psycopg
import pytest

from domain.storage.datafolder import DataFolder
from domain.storage.local import LocalBlobs
from domain.storage.server import database
from domain.storage.space import Space
from tests.hard.writers import Writers, client, free_port
from tests.running import COMMAND, Running, cli, environment

KILLS = 12
KEY = re.compile(r'"key":"([0-9a-f-]{36})"')


@pytest.mark.soak
def test_whatever_was_killed_the_backup_has_what_was_acknowledged_before(data: Path) -> None:
    """One beside writers, and its restore into another cluster, killed and begun again.

    Its short form is in tests/scripts/test_backup.py.
    """
    folder, copy = data.with_name("backup"), data.with_name("copy")
    running = Running(data, "--port", free_port())
    with running, Writers(running, threads=1) as writers:
        for _ in range(KILLS):
            _killed("backup", str(folder), "--data", str(data))
        journal, files = dict(writers.acknowledged), dict(writers.sent)
        _run("backup", str(folder), "--data", str(data))
    for _ in range(KILLS):
        _killed("restore", str(folder), "--data", str(copy))
        if (copy / "restoring").exists():
            refused = cli("audit", "--data", str(copy))
            assert refused.returncode == 2
            assert f"muniment restore {folder}" in refused.stderr
        elif (copy / "postgres").exists():  # it was faster
            shutil.rmtree(copy)

    _run("restore", str(folder), "--data", str(copy))

    assert _whole(copy)
    assert journal.keys() <= _keys(copy)
    blobs = LocalBlobs(copy / "blobs", Space(copy, 0))
    for content in files.values():
        assert b"".join(blobs.read(sha256(content).hexdigest())) == content


@pytest.mark.soak
def test_a_log_restored_to_an_instant_is_the_journal_up_to_it(data: Path) -> None:
    """What was answered by then is there, what began later is not; and the service goes on.

    Its log goes on from a checkpoint that somebody kept, and proofs of it hold.
    """
    folder, copy = data.with_name("backup"), data.with_name("copy")
    kept, proof = data.with_name("checkpoint"), data.with_name("proof")
    with Running(data, "--port", free_port()) as running:
        writers = Writers(running)
        with writers:
            time.sleep(3)
            kept.write_text(httpx.get(f"{running.url}/log/checkpoint").text)
            key = httpx.get(f"{running.url}/log/key").text.strip()
            journal, until = dict(writers.acknowledged), datetime.now(UTC)
            time.sleep(2)
        _run("backup", str(folder), "--data", str(data), "--with-keys")
        writers.check()
    later = {key for key, began in writers.began.items() if began > until}

    words = ("--until", until.isoformat(), "--data", str(copy))
    _run("restore", str(folder), *words)

    assert _whole(copy)
    restored = _keys(copy)
    assert journal.keys() <= restored
    assert later & writers.acknowledged.keys()
    assert not later & restored
    with Running(copy, "--port", free_port()) as again:
        again.admin_token = running.admin_token
        writers.running = again
        writers.acknowledged = {
            key: where for key, where in writers.acknowledged.items() if key in restored
        }
        with client(again) as asking:
            for where in list(writers.acknowledged.values())[:50]:
                assert asking.get(where).status_code == 200
            writers.create(asking)
        until_sealed = time.monotonic() + 20
        while True:
            seals = httpx.get(f"{again.url}/health").json()["seals"]
            if seals["problem"] is None and not seals["seconds"]:
                break
            assert time.monotonic() < until_sealed, seals
            time.sleep(0.2)
        goes_on = cli("verify-log", str(kept), "--key", key, "--url", again.url)
        assert goes_on.returncode == 0, goes_on.stdout + goes_on.stderr
        _, number, _, version = next(iter(journal.values())).rsplit("/", 3)
        _run("prove", number, version, "-o", str(proof), "--data", str(copy))
        _run("verify", str(proof), "--key", key)
    assert _whole(copy)


def _run(*words: str) -> None:
    """Run a verb."""
    done = cli(*words)
    assert done.returncode == 0, done.stderr


def _killed(*words: str) -> None:
    """Run a verb, and kill it at some moment."""
    with Popen([*COMMAND, *words], stdout=DEVNULL, stderr=DEVNULL, env=environment()) as verb:
        try:
            verb.wait(random.uniform(0.5, 5))
        except TimeoutExpired:
            verb.kill()


def _whole(data: Path) -> bool:
    """Whether an audit finds nothing wrong."""
    audited = cli("audit", "--data", str(data))
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr
    return True


def _keys(data: Path) -> set[str]:
    """The keys of all versions in a log."""
    statement = "SELECT convert_from(state, 'UTF8') FROM es.event WHERE topic = 'record.published'"
    with database(DataFolder(data), "test") as url, psycopg.connect(url) as conn:
        return {found[1] for (said,) in conn.execute(statement) if (found := KEY.search(said))}
