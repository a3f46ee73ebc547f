"""The guide in docs/: it is built without a fault, and its first hour can be lived."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.running import PATIENCE, ROOT, Running, environment

PAGES = ROOT / "docs" / "pages"


def test_the_guide_is_built_without_a_fault(tmp_path: Path) -> None:
    """In the builder's strict mode: every link and every anchor leads somewhere."""
    words = ["build", "--strict", "--quiet", "--config-file", "docs/mkdocs.yml", "--site-dir"]
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", *words, str(tmp_path)],
        cwd=ROOT,
        env=environment(NO_MKDOCS_2_WARNING="1"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert built.returncode == 0, built.stdout + built.stderr
    for page in ("settings", "events", "verbs"):
        assert (tmp_path / "reference" / f"{page}.html").stat().st_size > 10_000


def test_the_first_hour_goes_as_it_is_told(server: Running, tmp_path: Path) -> None:
    """Its commands are run, one after another, and print what the guide shows."""
    if shutil.which("curl") is None:
        pytest.skip("no curl here: the first hour is not tried")
    blocks = re.findall(
        r"^```(sh|json)\n(.*?)^```", (PAGES / "first-hour.md").read_text(), re.M | re.S
    )
    script, shown = ["set -euo pipefail"], {}
    for number, (kind, text) in enumerate(blocks):
        if kind == "json":
            shown[number - 1] = json.loads(text)
        else:
            script += [text, f"printf '\\n%s\\n' '=== {number}'"]
    installed = tmp_path / "bin"
    installed.mkdir()
    verb = installed / "muniment"
    verb.write_text(f'#!/bin/sh\nexec {sys.executable} -m scripts.muniment "$@"\n')
    verb.chmod(0o755)

    lived = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=environment(
            TOKEN=server.admin_token,
            BASE=server.url,
            MUNIMENT_DATA=str(server.data),
            PATH=f"{installed}:{os.environ['PATH']}",
        ),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert lived.returncode == 0, lived.stdout + lived.stderr
    parts = re.split(r"\n=== (\d+)\n", lived.stdout)
    said = dict(zip(map(int, parts[1::2]), parts[0::2], strict=False))
    for number, expected in shown.items():
        answer = _last(said[number])
        assert _holds(answer, expected), (answer, expected)


def _last(said: str) -> Any:
    """Return the JSON that a block of commands printed last."""
    lines = said.strip().splitlines()
    for first in range(len(lines)):
        with suppress(json.JSONDecodeError):
            return json.loads("\n".join(lines[first:]))
    raise AssertionError(f"no JSON at the end of {said}")


def _holds(answer: Any, shown: Any) -> bool:
    """Whether an answer has what is shown; it may have other members besides."""
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(
            key in answer and _holds(answer[key], value) for key, value in shown.items()
        )
    if isinstance(shown, list):
        return len(answer) == len(shown) and all(map(_holds, answer, shown))
    return bool(answer == shown)
