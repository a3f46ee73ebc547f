"""`muniment demo`: something to look at: real records that lie beside the project, or our own."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import click

from scripts import load
from scripts.listening import url_at
from scripts.options import settings_options
from scripts.settings import Settings

REAL = Path("../shared/data")


@click.command()
@settings_options("data", "host", "port", "certfile")
def demo(settings: Settings) -> None:
    """Load records with their history, open to everybody, and print three links worth opening."""
    history = REAL / "cern-open-data-history.jsonl.gz"
    schema = REAL / "cern-open-data-record.schema.json"
    if history.is_file() and schema.is_file():
        number = load.run(settings, history, schema, "CERN Open Data", "admin", public=True)
    else:
        click.echo(
            "There are no real records beside the project; a small sample is loaded.", err=True
        )
        sample = files("scripts") / "sample"
        with (
            as_file(sample / "specimens.jsonl") as lines,
            as_file(sample / "specimen.schema.json") as rules,
        ):
            number = load.run(settings, lines, rules, "Specimens", "admin", public=True)
    base = settings.base_url or url_at(settings.host, settings.port, settings)
    shown = number or 1
    click.echo(f"{base}/objects/?limit=10&name_only=1")
    click.echo(f"{base}/objects/{shown}")
    click.echo(f"{base}/objects/{shown}/versions/0")
