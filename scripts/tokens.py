"""`muniment token`: tokens of an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import click

from scripts.database import database, decide
from scripts.options import settings_options
from scripts.printable import printable
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

    issued = decide(
        settings, "token create", accounts.issue_token, name, label=label, scopes=scopes
    )
    click.echo(issued.secret)


@token.command("list")
@click.argument("name")
@settings_options("data")
def list_(settings: Settings, name: str) -> None:
    """List the tokens of the account NAME, oldest first: their ids and use, never the tokens."""
    from domain.commands import accounts
    from projections import tokens
    from projections.database import connect
    from scripts import wiring

    with database(settings, "token list") as ready, wiring.log(ready) as log:
        account = log.run(accounts.OPERATOR, accounts.named, name)
        with connect(ready.database_url) as conn:
            found = tokens.of_account(conn, account.id)
    for each in found:
        state = "revoked" if each.revoked else _until(each.expires_at)
        scopes = " ".join(each.scopes)
        click.echo(
            f"{each.id}  {state}  {scopes}  {_used(each.used_at)}  {printable(each.label)}".rstrip()
        )


def _until(at: datetime | None) -> str:
    return "for ever" if at is None else f"until {at:%Y-%m-%dT%H:%M:%SZ}"


def _used(at: datetime | None) -> str:
    return "never used" if at is None else f"used {at:%Y-%m-%dT%H:%MZ}"


@token.command()
@click.argument("id", type=click.UUID)
@settings_options("data")
def revoke(settings: Settings, id: UUID) -> None:  # noqa: A002 - as it is called in the help
    """End the token with this ID, and the tokens made with it."""
    from domain.commands import accounts

    decide(settings, "token revoke", accounts.revoke, id)
