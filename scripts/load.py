"""`muniment load`: records with their real history, each line one version, stored once.

Source of the file's shape: the CERN Open Data portal's records, one JSON object a line with
`recid`, `committed`, `record`.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import click

from domain.errors import Refusal
from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--schema",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Schema of the records.",
)
@click.option("--action", help="Name of the action to load under; without it, the file's.")
@click.option("--as", "account", default="admin", show_default=True, help="Who owns the objects.")
@click.option("--public", is_flag=True, help="Let everybody view the objects.")
@settings_options("data")
def load(
    settings: Settings, file: Path, schema: Path, action: str | None, account: str, public: bool
) -> None:
    """Load FILE: JSON lines (.gz too) of `recid`, `committed` and `record`.

    Each recid becomes an object and each line a version of it, valid from `committed`. Killed and
    started again, it goes on where it was. Lines that violate the schema are named and left out;
    any other refusal, as of a full disk, ends it with exit code 1.
    """
    run(settings, file, schema, action or file.name.split(".")[0], account, public=public)


def run(
    settings: Settings, file: Path, schema: Path, action: str, account: str, *, public: bool
) -> int | None:
    """Load a file. Returns the number of the object with the most versions, or None. As `load`."""
    from scripts import wiring
    from scripts.loading import loader as only

    with (
        database(settings, "load") as ready,
        wiring.log(ready) as log,
        only(log, action, schema.read_bytes(), account, public=public) as loader,
    ):
        disk = wiring.space(ready)
        began = time.monotonic()
        for number, line in enumerate(_lines(file), 1):
            try:
                if disk is not None:
                    disk.require()
                refused = loader.add(line)
            except Refusal:
                click.echo(f"stopped at line {number}; what came before it is kept", err=True)
                raise
            if refused is not None:
                click.echo(f"line {number} refused: {refused}", err=True)
        took = time.monotonic() - began
    click.echo(
        f"{loader.stored} versions stored ({loader.created} new objects) in {took:.1f} s,"
        f" {loader.stored / max(took, 0.001):,.0f} a second;"
        f" {loader.known} were known, {loader.refused} refused.",
        err=True,
    )
    return loader.last.number if loader.last else None


def _lines(file: Path) -> Iterator[bytes]:
    """Give the lines, with a progress bar on standard error when that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with (
        file.open("rb") as raw,
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task(file.name, total=file.stat().st_size)
        lines = gzip.GzipFile(fileobj=raw) if file.suffix == ".gz" else raw
        for line in lines:
            yield line
            progress.update(task, completed=raw.tell())
