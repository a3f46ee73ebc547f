"""/health: 200 while reads are answered, with what is wrong in its body."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx

from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running


def test_a_sound_service_is_ok_and_says_how_far_its_follower_is(nobody: httpx.Client) -> None:
    """No login, no problems."""
    answer = nobody.get("/health")

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["problems"]) == ("ok", [])
    assert answer.json()["follower"]["seconds"] < 10


def test_it_says_what_the_clean_up_did(nobody: httpx.Client) -> None:
    """A look comes with the start, and waits for nothing here."""
    until = time.monotonic() + 10
    while (said := nobody.get("/health").json()["clean_up"])["finished_at"] is None:
        assert time.monotonic() < until, said
        time.sleep(0.05)

    assert said["waits_for"] is None
    assert said["removed"] == {"blobs": 0, "bytes": 0, "uploads": 0}


def test_it_says_when_all_files_were_read_over(nobody: httpx.Client) -> None:
    """The first time with the start, when there are none."""
    until = time.monotonic() + 10
    while (said := nobody.get("/health").json()["fixity"])["finished_at"] is None:
        assert time.monotonic() < until, said
        time.sleep(0.05)

    assert (said["under_way"], said["damaged"]) == (None, [])


def test_a_write_is_sealed_within_seconds(nobody: httpx.Client, ada: User, action: int) -> None:
    """How far the seals are stands there too."""
    before = nobody.get("/health").json()["seals"]
    asking.new_object(ada.client, action)

    until = time.monotonic() + 10
    while (now := nobody.get("/health").json()["seals"])["size"] <= before["size"]:
        assert time.monotonic() < until, now
        time.sleep(0.05)
    assert now["problem"] is None


def test_head_answers_as_get(nobody: httpx.Client) -> None:
    """For probes that want no body."""
    answer = nobody.head("/health")

    assert (answer.status_code, answer.content) == (200, b"")


def test_the_follower_catches_up_with_a_write(nobody: httpx.Client, ada: User, action: int) -> None:
    """Within a second of its 201."""
    asking.new_object(ada.client, action)

    until = time.monotonic() + 5
    while (behind := nobody.get("/health").json()["follower"])["seconds"] > 0:
        assert time.monotonic() < until, behind
        time.sleep(0.05)


def test_a_token_in_the_query_is_no_concern_of_health(nobody: httpx.Client) -> None:
    """A probe behind a gateway that adds one is answered all the same."""
    assert nobody.get("/health?access_token=wrong").status_code == 200
    assert nobody.get(f"{API}/users/me?access_token=wrong").status_code == 401


def test_it_is_503_while_reads_are_not_answered(tmp_path: Path) -> None:
    """The database is there and does not move; when it does again, so does the service."""
    with Running(tmp_path / "data") as running:
        assert httpx.get(f"{running.url}/health").status_code == 200
        postmaster = running.processes("postgres")[0]  # oldest first: others are its newborns
        database = [postmaster, *_children(postmaster)]
        try:
            for pid in database:
                os.kill(pid, signal.SIGSTOP)
            during = httpx.get(f"{running.url}/health", timeout=10)
        finally:
            for pid in database:
                os.kill(pid, signal.SIGCONT)
        after = [httpx.get(f"{running.url}/health", timeout=10) for _ in range(8)]

    assert during.status_code == 503
    assert during.json()["status"] == "down"
    assert "database" in during.json()["problems"][0]
    assert after[-1].status_code == 200


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
