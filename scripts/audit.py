"""`muniment audit`: the log, its seals, every view of it and every blob it names, checked."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from math import ceil

import click

from domain.errors import Refusal
from domain.storage.checkpoint_file import CheckpointFile
from scripts.database import database
from scripts.options import settings_options
from scripts.printable import escape_the_rest, printable
from scripts.settings import Settings

UNSCRUBBED = "What was erased since {} lies in files of the database until muniment scrub has run."

Sample = Callable[[int], int]  # of how many blobs how many are read


class _Sample(click.ParamType[Sample]):
    """A number of blobs, or a share of them."""

    name = "N|P%"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Sample:
        """Return how many it is of any number. At least one, if there is one."""
        found = re.fullmatch(r"([0-9]{1,9})(?:(\.[0-9]{1,9})?(%))?", value)
        amount = Fraction(found[1] + (found[2] or "")) if found else Fraction(0)
        if found is None or not amount or (found[3] and amount > 100):
            self.fail("expected a number of blobs, or a share as 5%", param, ctx)
        if found[3]:
            return lambda count: ceil(count * amount / 100)
        return lambda count: min(count, int(amount))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
@click.option(
    "--sample",
    type=_Sample(),
    is_flag=False,
    flag_value="5%",
    help="Read so many blobs, or such a share of them (5% if none is said), picked at random; of"
    " the others see only that they are there and how long.",
)
@settings_options("data", "checkpoints")
def audit(settings: Settings, as_json: bool, sample: Sample | None) -> None:
    """Check the log, and every seal, view and blob against it, while the service goes on.

    One line a finding, with what mends it. Nothing is changed. The exit code is 0 when nothing is
    wrong, 1 when something was found, 2 when the audit could not be carried out, or not to its end.

    It finds what contradicts something else: events, the rows that follow from them, the seals that
    were made of them, and the signed checkpoints in the file outside the data folder. Whoever
    changes all of these alike, that file too, is found by checkpoints that somebody else kept
    (muniment verify-log).
    """
    from contextlib import closing
    from datetime import timedelta
    from itertools import chain

    import msgspec

    from domain.instants import rfc3339
    from projections import cleaning, opening, owing
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
        store = wiring.blobs(ready)
        with closing(Keeping(store, reading, grace, sample)) as keeping:
            file, origin = wiring.checkpoint_file(ready), wiring.log_name(ready)
            kept = _kept(file, origin)
            newest = partial(file.last, origin)
            every = findings(ready.database_url, progress, keeping, kept, newest)
            secrets = opening.findings(ready.database_url, wiring.encryption_keys(ready))
            for each in chain(every, secrets):
                found += 1
                click.echo(msgspec.json.encode(each) if as_json else printable(each.line))
            blobs = f"{keeping.named:,} blobs"
            if sample is not None:
                blobs += f", of which {keeping.read:,} were read"
        since = owing.unscrubbed_since(ready.database_url)
    said = f"{found:,} finding{'s' * (found != 1)}" if found else "nothing is wrong"
    checked = f"{events:,} events, the views that follow from them, {blobs}"
    click.echo(f"{checked}: {said}.", err=True)
    if since is not None:
        click.echo(UNSCRUBBED.format(rfc3339(since)), err=True)
    sys.exit(1 if found else 0)


def _kept(file: CheckpointFile, origin: str) -> Iterator[str] | None:
    """Return the checkpoints that were kept; None where there is no file. Raises Refusal."""
    try:
        return file.all(origin)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refusal(f"{file.path} cannot be read: {error.strerror}.") from error
