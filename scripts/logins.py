"""`muniment login`: programs that are logged in for an account."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import click

from scripts.database import database, decide
from scripts.options import settings_options
from scripts.settings import Settings


@click.group()
def login() -> None:
    """Logins of programs."""


@login.command("list")
@click.argument("name")
@settings_options("data")
def list_(settings: Settings, name: str) -> None:
    """List the programs that logged in for the account NAME, in the order they began or ended."""
    from domain.commands import accounts
    from projections import logins
    from projections.database import connect
    from scripts import wiring

    with database(settings, "login list") as ready, wiring.log(ready) as log:
        account = log.run(accounts.OPERATOR, accounts.named, name)
        with connect(ready.database_url) as conn:
            found = logins.of_account(conn, account.id)
    for each in found:
        ended = each.ended or each.expires_at <= datetime.now(UTC)
        state = "ended" if ended else f"until {each.expires_at:%Y-%m-%dT%H:%M:%SZ}"
        click.echo(f"{each.id}  {state}  {' '.join(each.scopes)}  {each.client}")


@login.command()
@click.argument("id", type=click.UUID)
@settings_options("data")
def revoke(settings: Settings, id: UUID) -> None:  # noqa: A002 - as it is called in the help
    """End the login with this ID, and every access token that its program was given.

    A new password for an account ends all its logins: `muniment user change`.
    """
    from domain.commands import logins

    decide(settings, "login revoke", logins.end_any, id)
