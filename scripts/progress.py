"""Progress bars on standard error, of events and what else there is to be done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

REFRESH = 0.1  # seconds between two pictures of the bar


class Show(Protocol):
    """What shows how many of how many are done."""

    def __call__(self, done: int, total: int, /, what: str = "Events") -> None:
        """Show it, each kind of work in a line of its own."""


@contextmanager
def bar() -> Iterator[Show | None]:
    """Give what shows progress; None where standard error is no terminal."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TaskID

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
        tasks: dict[str, TaskID] = {}
        shown = 0.0

        def show(done: int, total: int, /, what: str = "Events") -> None:
            nonlocal shown
            if what not in tasks:
                tasks[what] = picture.add_task(what)
            if done >= total or monotonic() - shown >= REFRESH:
                shown = monotonic()
                picture.update(tasks[what], completed=done, total=total, refresh=True)

        yield show
