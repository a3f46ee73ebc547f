"""A progress bar on standard error, of events."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

REFRESH = 0.1  # seconds between two pictures of the bar


@contextmanager
def bar() -> Iterator[Callable[[int, int], None] | None]:
    """Give what shows how many of how many are done; None where standard error is no terminal."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    # No thread refreshes it: a rebuild forks. Lines for standard output go there, past the picture
    # where one terminal shows both.
    with Progress(
        *Progress.get_default_columns(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        auto_refresh=False,
        redirect_stdout=sys.stdout.isatty(),
    ) as picture:
        task = picture.add_task("Events")
        shown = 0.0

        def show(done: int, total: int) -> None:
            nonlocal shown
            if done >= total or monotonic() - shown >= REFRESH:
                shown = monotonic()
                picture.update(task, completed=done, total=total, refresh=True)

        yield show
