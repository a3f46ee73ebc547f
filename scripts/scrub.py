"""`muniment scrub`: what was erased leaves the database's files."""

from __future__ import annotations

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings

DONE = "Nothing that is gone is left in the tables of the database{}."
WAL = (
    " In its write-ahead log it lies until that was written over; see the settings of your"
    " server for how long that takes (max_wal_size, archives, replication slots)."
)


@click.command()
@settings_options("data")
def scrub(settings: Settings) -> None:
    """Write the tables and the write-ahead log of the database anew, without what is gone.

    The service waits for each table while it is written, some seconds for a gigabyte: while the
    log is, it saves nothing. Needs as much free space as the largest table has. `muniment erase`
    ends with it unless it is told not to.
    """
    with database(settings, "scrub") as ready:
        run(ready)


def run(settings: Settings) -> None:
    """Scrub a database, and say so."""
    from projections.scrubbing import scrub as scrubbed
    from scripts import wiring
    from scripts.progress import bar

    wal = settings.data / "postgres" / "pg_wal" if wiring.embedded(settings) else None
    with bar() as progress:
        log_too = scrubbed(settings.database_url, wal, progress)
    said = DONE.format(", nor in its log") if log_too else DONE.format("") + WAL
    click.echo(said, err=True)
