"""An object's life as text; coloured on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from rich.console import Console

from scripts.printable import printable
from scripts.replaying.telling import Told

COLOURS = {"-": "red", "+": "green"}


class Plain(Console):
    """Writes lines as they are: neither wrapped nor read for markup."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file=file, highlight=False, markup=False, soft_wrap=True, emoji=False)

    def on_broken_pipe(self) -> None:
        """Leave it to the verb."""
        raise BrokenPipeError

    def write(self, text: str, style: str | None = None) -> None:
        """Write one line. What could steer a terminal is written as its escape."""
        self.out(printable(text), style=style)


def write(steps: Iterable[Told], file: IO[str]) -> None:
    """Write each step: who, when, through which door, the changes, the state after it."""
    out = Plain(file)
    for step in steps:
        with out:  # written at once
            _step(out, step)


def _step(out: Plain, step: Told) -> None:
    out.write(f"{step.recorded_at}  {step.title}", "bold")
    out.write(f"  by {step.who} through {step.door}, event {step.revision} of its stream")
    if step.valid_from is not None:
        out.write(f"  valid from {step.valid_from}")
    for name, value in step.facts:
        out.write(f"  {name}: {value}")
    for change in step.changes:
        out.write(f"  {change.sign} {change.path or '/'}  {change.value}", COLOURS[change.sign])
    out.write("  state after it: " + "; ".join(f"{name} {held}" for name, held in step.state))
    if step.document is not None:
        rows = (f"    {printable(row)}" for row in step.document)
        out.out("\n".join(rows), style="dim")
    out.write("")
