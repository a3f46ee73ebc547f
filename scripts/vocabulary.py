"""`muniment vocabulary`: terms from files, and what there is."""

from __future__ import annotations

import time
from pathlib import Path

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.group()
def vocabulary() -> None:
    """Vocabularies and their terms."""


@vocabulary.command()
@click.argument("type_", metavar="TYPE")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@settings_options("data")
def load(settings: Settings, type_: str, file: Path) -> None:
    """Add the terms of FILE to the vocabulary TYPE, and change those that say something else.

    FILE is JSON lines (.jsonl), YAML (.yaml) or a JSON array (.json) of entries with `id`, `title`
    and so on, or ROR's dump; .gz too. What it does not name stays; what ROR has withdrawn is
    retired. Loaded again, it changes nothing. Entries that are wrong are named and left out, and
    the exit code is then 1.
    """
    from scripts import wiring
    from scripts.entries import entries
    from scripts.progress import bar
    from scripts.terms import loader

    began = time.monotonic()
    with (
        database(settings, "vocabulary load") as ready,
        wiring.log(ready) as log,
        loader(log, type_, wiring.space(ready)) as terms,
        bar() as show,
    ):
        size = file.stat().st_size
        for entry in entries(file):
            refused = terms.add(entry.read)
            if refused is not None:
                click.echo(f"{entry.where} refused: {refused}", err=True)
            if show is not None:
                show(entry.done, size, "Bytes")
        terms.flush()
    took = time.monotonic() - began
    click.echo(
        f"{terms.added} terms added, {terms.changed} changed, {terms.retired} retired in"
        f" {took:.1f} s; {terms.same} were the same, {terms.refused} refused.",
        err=True,
    )
    if terms.refused:
        raise SystemExit(1)


@vocabulary.command("list")
@settings_options("data")
def list_(settings: Settings) -> None:
    """Print every vocabulary and how many terms it has."""
    from domain.term import TYPES
    from projections import terms
    from projections.database import connect, serving

    with (
        database(settings, "vocabulary list") as ready,
        connect(serving(ready.database_url, "command")) as conn,
    ):
        counts = terms.counts(conn)
    for type_ in TYPES:
        click.echo(f"{counts.get(type_, 0):>9,}  {type_}")
