"""`muniment realign`: after a restore into another cluster."""

from __future__ import annotations

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.command()
@settings_options("data")
def realign(settings: Settings) -> None:
    """Lift positions and public numbers over the largest in the log. Run while nothing writes."""
    from projections import realign as realigning

    with database(settings, "realign", aligned=False) as ready:
        lifted = realigning.realign(ready.database_url)
    click.echo(
        f"Positions were lifted by {lifted} transaction ids." if lifted else "Nothing was behind.",
        err=True,
    )
