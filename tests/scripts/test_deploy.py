"""scripts/deploy: the systemd unit and the container file say what runs."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.reloads import reloads
from scripts.settings import Settings
from tests.running import COMMAND, ROOT, begin, environment

DEPLOY = ROOT / "scripts" / "deploy"
INSTALLED = "/opt/muniment/bin/muniment"
SERVICE = "muniment.service"


@pytest.fixture(scope="module")
def unit() -> configparser.SectionProxy:
    """What the unit says of the service."""
    parsed = configparser.RawConfigParser(interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(DEPLOY / SERVICE)
    return parsed["Service"]


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    """It knows every directive and finds the commands."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here: the unit is not verified")
    installed = Path(sys.executable).with_name("muniment")
    copy = tmp_path / SERVICE
    copy.write_text((DEPLOY / SERVICE).read_text().replace(INSTALLED, str(installed)))

    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (said.returncode, said.stderr) == (0, "")


def test_the_units_commands_start_reload_and_stop_it(
    unit: configparser.SectionProxy, data: Path, tmp_path: Path
) -> None:
    """The supervisor tells systemd when it is ready, when it reloads, and when it ends."""
    begin(data)
    file = tmp_path / "muniment.toml"
    file.write_text(f'data = "{data}"\nport = 0\n')
    variable, _, _ = unit["Environment"].partition("=")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        given = environment(**{variable: str(file), "NOTIFY_SOCKET": str(tmp_path / "notify")})
        service = subprocess.Popen(_words(unit["ExecStart"]), env=given, stdout=subprocess.DEVNULL)
        try:
            assert systemd.recv(100) == b"READY=1"
            del given["NOTIFY_SOCKET"]
            subprocess.run(_words(unit["ExecReload"]), env=given, check=True, timeout=120)
            assert [systemd.recv(100) for _ in range(2)] == [b"RELOADING=1", b"READY=1"]
            assert reloads(data).last().number == 1
            os.kill(service.pid, signal.SIGTERM)
            assert systemd.recv(100) == b"STOPPING=1"
            assert service.wait(60) == 0
        finally:
            service.kill()


def test_the_settings_of_the_example_are_settings() -> None:
    """The file beside the unit, below the folder that the unit has."""
    settings = Settings.read({"config": str(DEPLOY / "muniment.toml")}, {})

    assert settings.data.is_relative_to("/var/lib/muniment")
    assert settings.base_url.startswith("https://")


def test_the_container_file_takes_all_that_the_installation_needs() -> None:
    """Every folder of the wheel, every file that is there; it runs as nobody's root."""
    lines = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text()).splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]

    assert {"domain", "projections", "api", "scripts", "pyproject.toml"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] not in ("0", "root")


def test_hadolint_finds_no_fault_in_the_container_file() -> None:
    """Where it can be had."""
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("no hadolint here: the container file is not linted")

    said = subprocess.run(
        [hadolint, str(DEPLOY / "Containerfile")], capture_output=True, text=True, check=False
    )

    assert (said.returncode, said.stdout) == (0, "")


def _words(line: str) -> list[str]:
    """Return a command of the unit as it is run here."""
    program, *words = shlex.split(line)
    assert program == INSTALLED
    return [*COMMAND, *words]
