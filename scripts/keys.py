"""`muniment keys`: the keys that lie beside the database."""

from __future__ import annotations

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.group()
def keys() -> None:
    """Keys beside the database."""


@keys.command()
@settings_options("data")
def rotate(settings: Settings) -> None:
    """Have other keys encrypt secrets and sign access tokens from now on.

    Secrets stay as they are: the keys that they are encrypted with are wrapped under the new key,
    and what was known of the older one opens nothing of this database any more. Back up the file of
    keys with the database again: a backup of before needs the file of before.

    Access tokens that are out hold to their end; programs that check them see both keys for as
    long. A running service needs no restart.

    What signs is changed first, and stays changed where a secret's key does not open: then those
    of secrets stay as they were.
    """
    from projections import data_keys
    from projections.database import connect, serving
    from scripts import wiring

    with database(settings, "keys") as ready:
        made = wiring.signing_keys(ready).rotate()
        click.echo(f"Access tokens are signed by the key {made} from now on.", err=True)
        encryption_keys = wiring.encryption_keys(ready)
        with connect(serving(ready.database_url, "command")) as conn:
            made, count = data_keys.rotate(conn, encryption_keys)
    click.echo(
        f"The key {made} is what secrets are encrypted under from now on: {count} keys of secrets"
        f" were wrapped anew. Back up {encryption_keys.path}.",
        err=True,
    )
