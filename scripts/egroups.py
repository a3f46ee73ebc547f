"""`muniment egroup`: accounts that deposits are shared with under one address."""

from __future__ import annotations

import click

from scripts.database import decide
from scripts.options import settings_options
from scripts.settings import Settings


@click.group()
def egroup() -> None:
    """E-groups, which deposits are shared with."""


@egroup.command()
@click.argument("name")
@settings_options("data")
def create(settings: Settings, name: str) -> None:
    """Make an e-group called NAME, an address for instance."""
    from domain.commands import egroups

    decide(settings, "egroup create", egroups.create, name)


@egroup.command()
@click.argument("name")
@click.argument("account")
@settings_options("data")
def add(settings: Settings, name: str, account: str) -> None:
    """Have the account ACCOUNT be in the e-group NAME."""
    from domain.commands import egroups

    decide(settings, "egroup add", egroups.add, name, account)


@egroup.command()
@click.argument("name")
@click.argument("account")
@settings_options("data")
def remove(settings: Settings, name: str, account: str) -> None:
    """Take the account ACCOUNT out of the e-group NAME: at once nothing is shared with it."""
    from domain.commands import egroups

    decide(settings, "egroup remove", egroups.remove, name, account)
