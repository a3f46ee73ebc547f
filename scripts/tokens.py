"""`muniment token`: tokens of an account."""

from __future__ import annotations

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.group()
def token() -> None:
    """Tokens."""


@token.command()
@click.argument("name")
@click.option("--name", "label", default="", help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, help="May be given again; without it, all.")
@settings_options("data")
def create(settings: Settings, name: str, label: str, scopes: tuple[str, ...]) -> None:
    """Make a token of the account NAME and print it: nobody can show it again."""
    from domain.commands import accounts
    from scripts import wiring

    with database(settings, "token create") as ready, wiring.log(ready) as log:
        issued = log.run(accounts.OPERATOR, accounts.issue_token, name, label=label, scopes=scopes)
    click.echo(issued.secret)
