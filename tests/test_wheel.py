"""The wheel: whole, nothing else in it, and at peace with the five published clients."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from scripts.muniment import LAZY
from tests.running import ROOT, environment

PACKAGES = {"domain", "projections", "api", "scripts"}
CLIENTS = ("inveniordm-py", "sampledbapi", "cap-client", "wipac-rest-tools", "divio-cli")


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the project builds."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps")
    _run(*pip, "--wheel-dir", str(folder), str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`muniment` in an empty environment, after one install beside the five published clients."""
    folder = tmp_path_factory.mktemp("installed")
    venv = folder / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    pins = folder / "pins.txt"
    lock = (ROOT / "requirements-dev.lock").read_text()
    pins.write_text("\n".join(re.findall(r"^[\w.-]+==[^\s\\]+", lock, re.MULTILINE)))
    pip = (sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"))
    options = ("--quiet", "--no-compile", "--constraint", str(pins))
    _run(*pip, "install", *options, str(wheel), *CLIENTS)
    return venv / "bin" / "muniment"


def test_the_wheel_holds_the_four_packages_with_all_their_data_and_nothing_else(
    wheel: Path,
) -> None:
    """Each file that git tracks below them; no top-level `tests`, which a client ships."""
    names = set(zipfile.ZipFile(wheel).namelist())
    held = {name for name in names if ".dist-info/" not in name}
    tracked = subprocess.run(
        ["git", "ls-files", *sorted(PACKAGES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {name.split("/")[0] for name in held} == PACKAGES
    assert set(tracked.stdout.split()) <= held
    assert not [name for name in held if name.endswith((".pyc", ".tmp"))]


def test_installed_beside_the_five_published_clients_it_serves_from_another_folder(
    installed: Path, tmp_path: Path
) -> None:
    """`/health` answers."""
    process = subprocess.Popen(
        [installed, "serve", "--data", "data", "--port", "0"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=""),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"listens at (\S+)", line)
            if found:
                assert httpx.get(f"{found[1]}/health").status_code == 200
                break
        else:
            pytest.fail("serve ended before it listened")
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.parametrize("verb", ["", *LAZY])
def test_every_verb_says_its_help_where_it_is_installed(
    installed: Path, tmp_path: Path, verb: str
) -> None:
    """What it imports is there, and nothing of the checkout is needed."""
    done = subprocess.run(
        [installed, *verb.split(), "--help"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=""),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: muniment {verb}".strip())
