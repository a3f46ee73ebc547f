"""One of the processes that start at once: `python -m tests.hard.starter`.

Each line of standard input is the URL of a database and a data folder: a start on them. It is
answered with a line: `ok`, or what went wrong.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from falcon import testing

from scripts import contents, wiring
from scripts.application import application
from scripts.settings import Settings


async def start(settings: Settings) -> str:
    """Do what a start does, up to a worker's first answers."""
    wiring.migrate(settings)
    contents.first_administrator(settings)
    async with testing.ASGIConductor(application(settings)) as worker:
        health = await worker.simulate_get("/health")
        listed = await worker.simulate_get("/objects/")
    return "ok" if (health.status_code, listed.status_code) == (200, 200) else health.text


def main() -> None:
    """Start whenever told to."""
    for line in sys.stdin:
        url, folder = line.split()
        try:
            said = asyncio.run(start(Settings(database_url=url, data=Path(folder))))
        except Exception as error:
            said = f"{type(error).__name__}: {error}".replace("\n", " ")
        print(said, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
