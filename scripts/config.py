"""`muniment config`: what is in force, and from where."""

from __future__ import annotations

import click

from scripts.options import ALL_OPTIONS, settings_options
from scripts.settings import Settings


@click.command()
@settings_options(*ALL_OPTIONS)
def config(settings: Settings) -> None:
    """Print the settings in force, and from where each came.

    Takes the options of `serve`, to try them.
    """
    table = settings.in_force()
    name_width = max(len(name) for name, _, _ in table)
    value_width = max(len(value) for _, value, _ in table)
    for name, value, source in table:
        click.echo(f"{name:{name_width}}  {value:{value_width}}  ({source})")
