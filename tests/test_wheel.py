"""The wheel: whole, nothing else in it, and at peace with the five published clients."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

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
    wheel: Path, tmp_path: Path
) -> None:
    """An empty environment, one install, and `/health` answers."""
    venv = tmp_path / "venv"
    _run(sys.executable, "-m", "venv", str(venv))
    pins = tmp_path / "pins.txt"
    lock = (ROOT / "requirements-dev.lock").read_text()
    pins.write_text("\n".join(re.findall(r"^[\w.-]+==[^\s\\]+", lock, re.MULTILINE)))
    python = str(venv / "bin" / "python")
    _run(python, "-m", "pip", "install", "--quiet", "--constraint", str(pins), str(wheel), *CLIENTS)
    muniment = str(venv / "bin" / "muniment")
    process = subprocess.Popen(
        [muniment, "serve", "--data", "data", "--port", "0"],
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
