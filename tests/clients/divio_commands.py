"""Commands of divio-cli, one after the other in one process: its start takes a second.

Run as a program: reads what to run as JSON, and writes how each ended as JSON. The client itself is
unmodified, and does what its command line does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.running import ROOT

PATIENCE = 120.0  # seconds


class Ended(NamedTuple):
    """How a command ended, and what it said."""

    status: int
    said: str

    @property
    def json(self) -> Any:
        """What it said, as JSON."""
        assert self.status == 0, self.said
        return json.loads(self.said)


def run(folder: Path, url: str, token: str, *commands: list[str]) -> list[Ended]:
    """Run commands against a service, with a token in the netrc file as the client keeps it."""
    netrc, config = folder / "netrc", folder / "divio" / "config.json"
    netrc.write_text(f"machine {urlsplit(url).hostname} login ada password {token}\n")
    netrc.chmod(0o600)
    config.parent.mkdir(exist_ok=True)
    # It asks for newer versions once a day, and reports crashes to its maker unless told not to.
    config.write_text(json.dumps({"sentry-dsn": "", "update_check_timestamp": int(time.time())}))
    environment = {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "NETRC_PATH": str(netrc),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=json.dumps([["--zone", url, *words] for words in commands]),
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Ended(*each) for each in json.loads(done.stdout.splitlines()[-1])]


def _main() -> None:
    from click.testing import CliRunner
    from divio_cli.cli import cli  # type: ignore[import-untyped]  # before divio_cli.cloud
    from divio_cli.cloud import CloudClient, get_endpoint  # type: ignore[import-untyped]

    ended = []
    for _, url, *words in json.load(sys.stdin):
        if words[0] == "login":  # its command goes to https://api.<zone> alone
            client = CloudClient(get_endpoint(zone=url))
            both = [client.login(words[1]), client.check_login_status()[1]]
            ended.append((0, "\n".join(both)))
            continue
        result = CliRunner().invoke(cli, ["--zone", url, *words])
        said = result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            said += f"\n{result.exception}"
        ended.append((result.exit_code, said))
    sys.stdout.write(json.dumps(ended))


if __name__ == "__main__":
    _main()
