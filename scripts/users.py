"""`muniment user`: accounts."""

from __future__ import annotations

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.group()
def user() -> None:
    """Accounts."""


@user.command()
@click.argument("name")
@click.option("--password", required=True, help="Any text; no rule is applied here.")
@click.option("--admin", is_flag=True, help="Make an administrator.")
@settings_options("data")
def create(settings: Settings, name: str, password: str, admin: bool) -> None:
    """Make an account called NAME."""
    from domain.commands import accounts
    from scripts import wiring

    with database(settings, "user create") as ready, wiring.log(ready) as log:
        made = log.run(accounts.OPERATOR, accounts.create, name, password, admin=admin)
    click.echo(f"Account {made.name} has the number {made.number}.", err=True)
