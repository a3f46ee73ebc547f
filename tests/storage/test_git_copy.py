"""Checkpoints in a Git remote: each follows the one before it, and nothing waits for them."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import httpx
import pytest

from domain.errors import Refusal
from domain.evidence import checkpoints
from domain.storage.checkpoint_file import CheckpointFile
from domain.storage.git_copy import GitCopy
from projections.pushing import Pushing
from tests.running import Running

KEY = checkpoints.log_key(bytes(32))
NOTES = [checkpoints.sign(KEY, size, bytes(32)) for size in (1, 2, 3)]


def git(folder: Path, *words: str) -> str:
    """Return what git says."""
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """An empty remote that takes no forced pushes."""
    folder = tmp_path / "remote"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    git(folder, "config", "receive.denyNonFastForwards", "true")
    return folder


def test_each_checkpoint_is_a_commit_after_the_one_before_it(remote: Path, tmp_path: Path) -> None:
    """Also where our own repository was lost in between; one that is there makes none."""
    GitCopy(tmp_path / "first", str(remote)).push(NOTES[0])
    for note in (NOTES[1], NOTES[1], NOTES[2]):
        GitCopy(tmp_path / "second", str(remote)).push(note)

    assert git(remote, "log", "--format=%s", "main").split("\n")[:-1] == [
        "3 events",
        "2 events",
        "1 events",
    ]
    assert git(remote, "show", "main:checkpoint") == NOTES[2]


def test_a_remote_that_went_on_by_itself_is_not_overwritten(remote: Path, tmp_path: Path) -> None:
    """Nothing is forced: it is said."""
    first, second = (GitCopy(tmp_path / name, str(remote)) for name in ("first", "second"))
    first.push(NOTES[0])
    second.push(NOTES[1])

    with pytest.raises(Refusal, match="git push"):
        first.push(NOTES[2])
    assert git(remote, "show", "main:checkpoint") == NOTES[1]


def test_what_could_not_be_pushed_is_pushed_when_it_can_be(remote: Path, tmp_path: Path) -> None:
    """Only the last of what was signed meanwhile."""
    file = CheckpointFile(tmp_path / "checkpoints")
    away = remote.rename(tmp_path / "away")
    pushing = Pushing(file, KEY.public.name, GitCopy(tmp_path / "own", str(remote)))
    for note in NOTES:
        file.append(note)
        with pytest.raises(Refusal):
            pushing.push()
    away.rename(remote)

    pushing.push()

    assert git(remote, "show", "main:checkpoint") == NOTES[2]


def test_a_service_whose_remote_is_away_seals_all_the_same(data: Path) -> None:
    """Health says so."""
    with Running(data, MUNIMENT_CHECKPOINTS_REMOTE=str(data / "nowhere")) as running:
        until = time.monotonic() + 20
        while not (said := httpx.get(f"{running.url}/health").json())["seals"]["unpushed"]:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert said["status"] == "degraded"
        assert httpx.get(f"{running.url}/log/checkpoint").status_code == 200
