"""A data folder filled with records that can be searched, and its index, timed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import psycopg
from msgspec import Struct

from domain.commands import accounts
from domain.storage import server
from domain.storage.datafolder import DataFolder
from projections.rebuild import rebuild
from projections.registry import VIEWS
from scripts import wiring
from scripts.bench import fill, lives, running
from scripts.settings import Settings

READER = "reader"
SEARCHED = ("search",)  # the views that a search is made on, and what follows them
REACHED = """
SELECT (SELECT min(position) FROM es.follower) >= (SELECT max(position) FROM es.event)
"""


class Filled(Struct, frozen=True):
    """A folder with so many records; tokens of who made them, and of who is granted some."""

    data: Path
    records: int
    owner: str
    reader: str
    written: float  # seconds that the log took
    folded: float  # seconds that all views took but those that are searched
    indexed: float  # seconds that these took


@contextmanager
def filled(records: int) -> Iterator[Filled]:
    """Make the folder for a block."""
    with running.folder() as data:
        settings = Settings(data=data)
        with running.service(data) as ours:
            owner = ours.token
            with wiring.log(Settings(data=data, database_url=ours.database_url)) as log:
                made = fill.administrator(log).account
                reader = log.run(accounts.OPERATOR, accounts.create, READER, None).id
                shown = log.run(accounts.OPERATOR, accounts.issue_token, READER).secret
        with server.database(DataFolder(data), "bench") as url:
            began = monotonic()
            asked = lives.Asked(records=records, owner=made, reader=reader)
            lives.write(url, asked, wiring.blobs(settings))
            written = monotonic()
            rebuild(url, [name for name in VIEWS if name not in SEARCHED])
            folded = monotonic()
            rebuild(url, SEARCHED)
            indexed = monotonic()
        yield Filled(
            data=data,
            records=records,
            owner=owner,
            reader=shown,
            written=written - began,
            folded=folded - written,
            indexed=indexed - folded,
        )


def followed(ours: running.Service) -> None:
    """Wait until the follower has read the log to its end."""
    with psycopg.connect(ours.database_url, autocommit=True) as conn:
        while not conn.execute(REACHED).fetchall()[0][0]:
            sleep(0.1)
