"""`muniment rebuild`: views made again from the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings

REFRESH = 0.1  # seconds between two pictures of the bar


@click.command()
@click.argument("views", nargs=-1, metavar="[VIEW]...")
@settings_options("data")
def rebuild(settings: Settings, views: tuple[str, ...]) -> None:
    """Make views again from the log, all of them when none is named, while the service goes on."""
    from projections.rebuild import rebuild as again
    from projections.registry import VIEWS

    names = views or tuple(VIEWS)
    with database(settings, "rebuild") as ready, _bar() as progress:
        again(ready.database_url, names, progress)
    click.echo(f"Made again: {', '.join(names)}.", err=True)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None] | None]:
    """Give what shows progress on standard error; None when that is not a terminal."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    # No thread refreshes it: a rebuild forks.
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task("Events")
        shown = 0.0

        def show(done: int, total: int) -> None:
            nonlocal shown
            if done >= total or monotonic() - shown >= REFRESH:
                shown = monotonic()
                bar.update(task, completed=done, total=total, refresh=True)

        yield show
