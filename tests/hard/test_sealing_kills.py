"""SIGKILL of the process that seals while clients write: sealing goes on as if nothing had been."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.hard.writers import Writers, free_port
from tests.running import Running


@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=pytest.mark.soak)])
def test_whenever_the_follower_is_killed_the_seals_go_on(data: Path, kills: int) -> None:
    """Log, tiles and all checkpoints that were kept agree, and every event is sealed."""
    with Running(data, "--port", free_port()) as running:
        with Writers(running):
            for _ in range(kills):
                time.sleep(random.uniform(0.2, 1.2))
                for pid in running.processes("follower"):
                    os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 20
        while _signed(running) < (seals := _seals(running))["size"] or seals["seconds"] > 0:
            assert time.monotonic() < until, seals
            time.sleep(0.1)
        audited = running.cli("audit")

        assert seals["problem"] is None
        assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr


def _seals(running: Running) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{running.url}/health").json()["seals"]
    return found


def _signed(running: Running) -> int:
    return int(httpx.get(f"{running.url}/log/checkpoint").text.split("\n")[1])
