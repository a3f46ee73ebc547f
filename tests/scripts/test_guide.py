"""The guide in docs/: it is built without a fault, and its examples do what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.api import asking, logging_in
from tests.api.asking import PASSWORD
from tests.running import PATIENCE, ROOT, Running, environment

PAGES = ROOT / "docs" / "pages"
TRIED = {"sh", "python", "json", "toml"}
NOT_TRIED = "<!-- Not tried: "  # begins the line before a block
CURL = """curl() {
  case "$*" in
    *--fail*) command curl "$@" ;;
    *) command curl --silent --show-error --fail-with-body "$@" ;;
  esac
}"""


def _nobody(_server: Running, _folder: Path) -> dict[str, str]:
    return {}


def _administrator(server: Running, _folder: Path) -> dict[str, str]:
    return {"TOKEN": server.admin_token, "MUNIMENT_DATA": str(server.data)}


def _of_sampledb(server: Running, _folder: Path) -> dict[str, str]:
    with asking.client(server, server.admin_token) as admin:
        number = asking.new_object(admin, asking.action(admin))
    return {"TOKEN": server.admin_token, "OBJECT": str(number)}


def _user(server: Running, folder: Path) -> dict[str, str]:
    (folder / "data.zip").write_bytes(b"PK")
    return {"TOKEN": asking.user(server, "guide").token}


def _of_cap(server: Running, folder: Path) -> dict[str, str]:
    (folder / "ntuple.root").write_bytes(b"root")
    server.cli("user", "create", "ada", "--password", PASSWORD)  # unless she is there
    return {"TOKEN": asking.user(server, "guide").token}


def _of_divio(server: Running, folder: Path) -> dict[str, str]:
    (folder / "divio").mkdir()
    # It asks for newer versions once a day, and reports crashes to its maker unless told not to.
    quiet = {"sentry-dsn": "", "update_check_timestamp": int(time.time())}
    (folder / "divio" / "config.json").write_text(json.dumps(quiet))
    return {"TOKEN": asking.user(server, "guide").token, "XDG_CONFIG_HOME": str(folder)}


def _of_iceprod(server: Running, folder: Path) -> dict[str, str]:
    with asking.client(server) as nobody:
        told = logging_in.tokens(nobody, asking.user(server, "guide").name)
    (folder / ".iceprod-auth").write_text(told["refresh_token"])
    return {}


def _who_signs_in(server: Running, _folder: Path) -> dict[str, str]:
    return {"NAME": asking.user(server, "guide").name, "PASSWORD": PASSWORD}


GIVEN: dict[str, Callable[[Running, Path], dict[str, str]]] = {  # else a token, and a file
    "first-hour.md": _administrator,
    "doors/cap.md": _of_cap,
    "doors/divio.md": _of_divio,
    "doors/iceprod.md": _of_iceprod,
    "doors/sampledb.md": _of_sampledb,
    "doors/signing-in.md": _who_signs_in,
    "reference/openapi.md": _nobody,
}


def _examples(page: str) -> list[tuple[str, str]]:
    """Return what is tried of a page: which language, and the text."""
    found = re.findall(r"^([^\n]*)\n```(\w+)\n(.*?)^```", (PAGES / page).read_text(), re.M | re.S)
    return [
        (kind, text)
        for before, kind, text in found
        if kind in ("sh", "python", "json") and not before.startswith(NOT_TRIED)
    ]


EVERY = [str(each.relative_to(PAGES)) for each in sorted(PAGES.rglob("*.md"))]


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


def test_every_example_is_tried_or_says_why_not() -> None:
    """A block that nobody tries has a comment before it."""
    for page in PAGES.rglob("*.md"):
        text = page.read_text()
        for before, kind in re.findall(r"^(.*)\n```(.*)\n(?:.*\n)*?```$", text, re.M):
            assert kind in TRIED or before.startswith(NOT_TRIED), (page, kind)


@pytest.mark.parametrize("page", [each for each in EVERY if _examples(each)])
def test_the_examples_of_a_page_do_what_they_say(
    server: Running, tmp_path: Path, page: str
) -> None:
    """They are run, one after another, and print what the page shows."""
    if shutil.which("curl") is None:
        pytest.skip("no curl here: the examples are not tried")
    given = GIVEN.get(page, _user)(server, tmp_path)
    script = ["set -euo pipefail", CURL]
    shown: dict[int, Any] = {}
    for number, (kind, text) in enumerate(_examples(page)):
        if kind == "json":
            shown[number - 1] = json.loads(text)
            continue
        script.append(f"{sys.executable} - <<'PYTHON'\n{text}PYTHON" if kind == "python" else text)
        script.append(f"printf '\\n%s\\n' '=== {number}'")

    lived = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=environment(BASE=server.url, HOME=str(tmp_path), PATH=_path(tmp_path), **given),
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


def _path(folder: Path) -> str:
    """Return where commands are: the service's own, published clients, and the system's."""
    installed = folder / "bin"
    installed.mkdir()
    verb = installed / "muniment"
    verb.write_text(f'#!/bin/sh\nexec {sys.executable} -m scripts.muniment "$@"\n')
    verb.chmod(0o755)
    return f"{installed}:{Path(sys.executable).parent}:{os.environ['PATH']}"


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
