"""scripts/deploy: the systemd unit and the container file say what runs."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.reloads import reloads
from scripts.settings import Settings
from tests.hard.writers import free_port
from tests.running import COMMAND, PATIENCE, ROOT, Running, begin, environment

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


class Step(NamedTuple):
    """An instruction of the container file."""

    kind: str
    text: str

    @property
    def words(self) -> list[str]:
        """What follows the instruction, as a shell divides it."""
        return shlex.split(self.text)


@pytest.fixture(scope="module")
def image() -> list[Step]:
    """The container file's instructions."""
    text = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [Step(*line.split(" ", 1)) for line in lines]


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


def test_the_container_file_takes_all_that_the_installation_needs(image: list[Step]) -> None:
    """Every folder of the wheel, every file that is there; it runs as nobody's root."""
    copied = [word for step in image if step.kind == "COPY" for word in step.words[:-1]]

    assert {"domain", "projections", "api", "scripts", "pyproject.toml"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)
    (user,) = [step.words[0] for step in image if step.kind == "USER"]
    assert user not in ("0", "root")


def test_the_container_files_variables_are_settings(image: list[Step]) -> None:
    """It listens where the image says, and keeps its data in the volume."""
    settings = Settings.read({}, _variables(image))

    (volume,) = [step.words[0] for step in image if step.kind == "VOLUME"]
    assert settings.data.is_relative_to(volume)
    assert [str(settings.port)] in [step.words for step in image if step.kind == "EXPOSE"]
    assert settings.host == "0.0.0.0"  # noqa: S104  within the container


def test_the_containers_check_of_health_sees_a_service_and_that_there_is_none(
    image: list[Step], server: Running
) -> None:
    """Its exit code says so."""
    here = server.url.removeprefix("http://")

    assert _checked(image, here).returncode == 0
    assert _checked(image, "127.0.0.1:1").returncode != 0


@pytest.mark.soak
def test_the_container_files_steps_make_a_service_that_is_healthy(
    image: list[Step], tmp_path: Path
) -> None:
    """Carried out in a folder, but for the account and what the base image has: pip's of a venv."""
    port = free_port()
    place, work = tmp_path / "image", tmp_path
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    given = environment(PATH=f"{tmp_path}/venv/bin:{os.environ['PATH']}", PYTHONPATH="")
    command: list[str] = []
    for step in image:
        if step.kind == "WORKDIR":
            work = place / step.words[0].lstrip("/")
            work.mkdir(parents=True, exist_ok=True)
        elif step.kind == "COPY":
            *names, to = step.words
            for name in names:
                subprocess.run(["cp", "-r", ROOT / name, work / to], check=True)
        elif step.kind == "RUN" and step.words[0] == "pip":
            subprocess.run(step.words, cwd=work, env=given, check=True, capture_output=True)
        elif step.kind in ("ENTRYPOINT", "CMD"):
            command += json.loads(step.text)
    given |= _variables(image) | {"MUNIMENT_DATA": str(work / "data"), "MUNIMENT_PORT": port}
    service = subprocess.Popen(command, cwd=work, env=given, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while _checked(image, f"127.0.0.1:{port}").returncode:
            assert service.poll() is None
            assert time.monotonic() < until
        service.send_signal(signal.Signals[_only(image, "STOPSIGNAL").text])
        assert service.wait(60) == 0
    finally:
        service.kill()


def test_hadolint_finds_no_fault_in_the_container_file() -> None:
    """Pinned with what tests need; not every machine can run it."""
    beside = Path(sys.executable).parent
    hadolint = shutil.which("hadolint", path=f"{beside}:{os.environ['PATH']}")
    if hadolint is None:
        pytest.skip("no hadolint here: the container file is not linted")

    said = subprocess.run(
        [hadolint, str(DEPLOY / "Containerfile")], capture_output=True, text=True, check=False
    )

    assert (said.returncode, said.stdout) == (0, "")


def _variables(image: list[Step]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in _only(image, "ENV").words)


def _checked(image: list[Step], place: str) -> subprocess.CompletedProcess[bytes]:
    """Run what asks whether the container is healthy, at another place."""
    _, _, text = _only(image, "HEALTHCHECK").text.partition("CMD ")
    _python, *words = json.loads(text.replace("127.0.0.1:8080", place))
    return subprocess.run([sys.executable, *words], capture_output=True, check=False)


def _only(image: list[Step], kind: str) -> Step:
    (step,) = [each for each in image if each.kind == kind]
    return step


def _words(line: str) -> list[str]:
    """Return a command of the unit as it is run here."""
    program, *words = shlex.split(line)
    assert program == INSTALLED
    return [*COMMAND, *words]
