"""`muniment rebuild`: views made again from the log."""

from __future__ import annotations

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.command()
@click.argument("views", nargs=-1, metavar="[VIEW]...")
@settings_options("data")
def rebuild(settings: Settings, views: tuple[str, ...]) -> None:
    """Make views again from the log, all of them when none is named, while the service goes on."""
    from projections.rebuild import rebuild as again
    from projections.registry import VIEWS
    from scripts.progress import bar

    names = views or tuple(VIEWS)
    with database(settings, "rebuild") as ready, bar() as progress:
        again(ready.database_url, names, progress)
    click.echo(f"Made again: {', '.join(names)}.", err=True)
