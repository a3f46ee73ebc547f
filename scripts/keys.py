"""`muniment keys`: the keys that lie beside the database."""

from __future__ import annotations

import click

from scripts.options import settings_options
from scripts.settings import Settings


@click.group()
def keys() -> None:
    """Keys beside the database."""


@keys.command()
@settings_options("data")
def rotate(settings: Settings) -> None:
    """Sign access tokens by another key from now on; those that are out hold to their end.

    Programs that check them see both keys for as long. A running service needs no restart.
    """
    from scripts import wiring

    made = wiring.signing_keys(settings).rotate()
    click.echo(f"Access tokens are signed by the key {made} from now on.", err=True)
