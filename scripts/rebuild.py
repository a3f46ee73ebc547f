"""`muniment rebuild`: views made again from the log, or its seals."""

from __future__ import annotations

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.command()
@click.argument("views", nargs=-1, metavar="[VIEW]...")
@click.option("--seals", is_flag=True, help="Make the tiles of the seals again, and no view.")
@settings_options("data", "checkpoints")
def rebuild(settings: Settings, views: tuple[str, ...], *, seals: bool) -> None:
    """Make views again from the log, all of them when none is named, while the service goes on.

    With --seals the tiles of the seals, where they were damaged: one line whatever was not as it
    must be. Where the log does not agree with the checkpoints that were kept nothing is changed.
    """
    if seals:
        if views:
            raise click.UsageError("--seals goes without views.")
        _rebuild_seals(settings)
        return
    from projections.rebuild import rebuild as again
    from projections.registry import VIEWS
    from scripts.progress import bar

    names = views or tuple(VIEWS)
    with database(settings, "rebuild") as ready, bar() as progress:
        again(ready.database_url, names, progress)
    click.echo(f"Made again: {', '.join(names)}.", err=True)


def _rebuild_seals(settings: Settings) -> None:
    from domain.errors import Refusal
    from projections import resealing
    from scripts import wiring

    with database(settings, "rebuild") as ready:
        key, file = wiring.log_key(ready).public, wiring.checkpoint_file(ready)
        mended = 0
        try:
            for line in resealing.rebuild(ready.database_url, file.all(key.name), key):
                click.echo(line)
                mended += 1
        except OSError as error:
            raise Refusal(
                f"The checkpoints cannot be read: {file.path}: {error.strerror}. Name the file with"
                " --checkpoints."
            ) from error
    said = f"{mended:,} were put right" if mended else "all were as they must be"
    click.echo(f"The log is the one that was signed. Of its seals {said}.", err=True)
