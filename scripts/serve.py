"""`muniment serve`: PostgreSQL, the follower and gunicorn, started, watched and ended together."""

from __future__ import annotations

import click

from scripts.options import ALL_OPTIONS, settings_options
from scripts.settings import Settings


@click.command()
@settings_options(*ALL_OPTIONS)
def serve(settings: Settings) -> None:
    """Run the service in the foreground until SIGTERM or Ctrl-C.

    DATABASE_URL replaces the embedded PostgreSQL.
    """
    from scripts.supervisor import Supervisor

    Supervisor(settings).run()
