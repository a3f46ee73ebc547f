"""A real `muniment serve`, and the other verbs, as processes of their own."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

from domain.storage import sockets
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from scripts import contents, wiring
from scripts.administrator import Administrator
from scripts.muniment import LAZY, main
from scripts.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "scripts.muniment"]
PATIENCE = 120.0  # seconds after which a verb is given up

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [__name__, "scripts.wiring", *(verb.partition(":")[0] for verb, _ in LAZY.values())]
)


def environment(**more: str) -> dict[str, str]:
    """This process's environment without settings of Muniment or PostgreSQL."""
    ours = re.compile(r"MUNIMENT_|DATABASE_URL$|PG[A-Z]+$")
    kept = {name: value for name, value in os.environ.items() if not ours.match(name)}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def command(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one verb to its end, from the start of its interpreter on."""
    return subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        text=True,
        env=environment(**more),
        timeout=PATIENCE,
        check=False,
    )


def cli(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one verb to its end, in a process forked from one that has imported the program."""
    with tempfile.TemporaryDirectory() as folder:
        said, complained = Path(folder, "out"), Path(folder, "err")
        verb = _FORKS.Process(target=_run, args=(words, environment(**more), said, complained))
        verb.start()
        try:
            verb.join(PATIENCE)
            if verb.exitcode is None:
                raise subprocess.TimeoutExpired(words, PATIENCE)
            return subprocess.CompletedProcess(
                words, verb.exitcode, said.read_text(), complained.read_text()
            )
        finally:
            verb.kill()
            verb.join()
            verb.close()


def _run(words: tuple[str, ...], given: dict[str, str], said: Path, complained: Path) -> None:
    """Be the process of a verb."""
    os.environ.clear()
    os.environ.update(given)
    for number, file in ((1, said), (2, complained)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    code: object = 1
    try:
        main(words, prog_name="muniment")
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
    for helper in multiprocessing.active_children():
        helper.kill()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)  # no helper's thread is waited for


def remove_sockets(data: Path) -> None:
    """Remove the socket folder of a database that was killed and is not started again."""
    folder = sockets.recorded(data / "muniment.socket")
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


class Begun(NamedTuple):
    """A data folder as a first start leaves it, and whom that start showed."""

    data: Path
    admin: Administrator


@cache
def begun() -> Begun:
    """Make such a folder, once a process: a copy is quicker than a first start."""
    within = Path(tempfile.mkdtemp(prefix="begun"))
    atexit.register(shutil.rmtree, within, ignore_errors=True)
    data = within / "data"
    folder = DataFolder(data)
    folder.open()
    with database(folder, "test") as url:
        settings = Settings(data=data).given("embedded", database_url=url)
        wiring.migrate(settings)
        admin = contents.first_administrator(settings)
        assert admin is not None
        contents.vocabularies(settings)
    return Begun(data, admin)


def begin(data: Path) -> Administrator:
    """Make a data folder as a first start leaves it; return whom that start showed."""
    subprocess.run(["cp", "-a", begun().data, data], check=True)
    return begun().admin


class Running:
    """The service on one data folder, for a block or from `start` to `stop`.

    `data` need not exist; `url` is known once it is up. Where there is no data, and the test is
    not about a `first` start, that start was made elsewhere and is copied.
    """

    def __init__(self, data: Path, *options: str, first: bool = False, **more: str) -> None:
        self.data = data
        self._first = first or "DATABASE_URL" in more
        self.url = ""
        self.admin_name = self.admin_password = self.admin_token = ""
        self.said = data.parent / f"{data.name}.out"  # all that was printed
        self.log = data.parent / f"{data.name}.err"  # standard error, access log included
        self.under: list[str] = []  # the words of a command that runs it, as its further words
        self._options = [*options] if "--port" in options else ["--port", "0", *options]
        self._environment = environment(**more)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self, patience: float = 60) -> None:
        """Start it and wait until it says where it listens."""
        if not self._first and not self.data.exists():
            admin = begin(self.data)
            self.admin_name, self.admin_password, self.admin_token = astuple(admin)
        with self.said.open("ab") as out, self.log.open("ab") as err:
            begins = out.tell()
            self._process = subprocess.Popen(
                [*self.under, *COMMAND, "serve", "--data", str(self.data), *self._options],
                stdout=out,
                stderr=err,
                env=self._environment,
            )
        until = time.monotonic() + patience
        while not (found := re.search(r"listens at (\S+)", self._said_since(begins))):
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise AssertionError(f"serve did not start: {self.log.read_text()[-3000:]}")
            time.sleep(0.02)
        self.url = found[1]
        first = re.search(
            r"administrator: (\S+)\s+password[^:]*:\s+(\S+)\s+token[^:]*:\s+(\S+)",
            self._said_since(begins),
        )
        if first:
            self.admin_name, self.admin_password, self.admin_token = first.groups()

    def stop(self) -> int:
        """End it as an operator does. Returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(30)

    def kill(self) -> None:
        """Kill the supervisor with -9; the kernel ends the rest."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another verb on the same data folder."""
        return cli(*words, "--data", str(self.data))

    def processes(self, role: str) -> list[int]:
        """Process ids of a role: master, worker, follower, postgres; oldest first."""
        found = []
        for pid in _descendants(self.pid):
            line = _read(pid, "cmdline").replace("\0", " ").strip()
            if line == f"muniment: {role}" or (role == "postgres" and "/bin/postgres -D" in line):
                found.append(pid)
        return sorted(found)

    def everyone(self) -> list[int]:
        """Process ids of the whole service, the supervisor's first."""
        return [self.pid, *_descendants(self.pid)]

    def _said_since(self, begins: int) -> str:
        return self.said.read_bytes()[begins:].decode()


def _descendants(pid: int) -> list[int]:
    children = [int(word) for word in _read(pid, f"task/{pid}/children").split()]
    return children + [deeper for child in children for deeper in _descendants(child)]


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:  # it has ended
        return ""
