"""`muniment audit`: the log, every view of it and every blob that it names, checked."""

from __future__ import annotations

import sys

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.printable import escape_the_rest, printable
from scripts.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
@settings_options("data")
def audit(settings: Settings, as_json: bool) -> None:
    """Check the log's events, and every view and blob against them, while the service goes on.

    One line a finding, with what mends it. Nothing is changed. The exit code is 0 when nothing is
    wrong, 1 when something was found, 2 when the audit could not be carried out, or not to its end.

    It finds what contradicts something else. What log and views agree on it takes for true: an
    event and the rows that follow from it, changed together with the event's digest; the last
    events, removed with their rows; two events of a stream, exchanged whole, that come to the same
    in either order, as two grants; the instant of an event, moved between its neighbours, where no
    row keeps it and it was saved alone. That shows only against a copy of the digests kept
    elsewhere, as of /api/events.
    """
    from contextlib import closing
    from datetime import timedelta

    import msgspec

    from projections import cleaning
    from projections.audit import audit as findings
    from projections.keeping import Keeping
    from scripts import wiring
    from scripts.progress import bar

    escape_the_rest()
    found = events = 0
    with database(settings, "audit") as ready, bar() as show:

        def progress(done: int, total: int) -> None:
            nonlocal events
            events = done
            if show is not None:
                show(done, total)

        def reading(done: int, total: int) -> None:
            if show is not None:
                show(done, total, "Blobs")

        # Younger ones the clean-up of a running service is still to come to.
        grace = timedelta(seconds=ready.grace) + 2 * cleaning.PAUSE
        with closing(Keeping(wiring.blobs(ready), reading, grace)) as keeping:
            for each in findings(ready.database_url, progress, keeping):
                found += 1
                click.echo(msgspec.json.encode(each) if as_json else printable(each.line))
            blobs = keeping.named
    said = f"{found:,} finding{'s' * (found != 1)}" if found else "nothing is wrong"
    checked = f"{events:,} events, the views that follow from them, {blobs:,} blobs"
    click.echo(f"{checked}: {said}.", err=True)
    sys.exit(1 if found else 0)
