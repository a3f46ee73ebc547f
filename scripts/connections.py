"""Connections to the database: how many the service may have open, and whether they fit.

At a reload two generations of workers have theirs. Who finds none waits for one, and is refused in
the end: a reload that does not fit is refused before. The supervisor imports no driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from domain.errors import Refusal
from domain.storage import cluster
from scripts.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection

OF_A_WORKER = 12  # its readers, searchers and writers (api/service.py)
BESIDE = 20  # of the follower and all that it looks after, and of a few verbs
_SPARE = 30  # of an embedded server, for the operator's own

# A server keeps some for superusers, and since PostgreSQL 16 for a role that reserves them.
_ROOM = """
    SELECT (sum(setting::integer) FILTER (WHERE name = 'max_connections')
            - sum(setting::integer) FILTER (WHERE name <> 'max_connections'))::integer
      FROM pg_settings
     WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')
"""


class TooFew(Refusal):
    """The database has no room for two generations of workers."""


def embedded(workers: int) -> int:
    """Return how many an embedded server takes that begins with so many workers."""
    return max(cluster.CONNECTIONS, _needed(workers, workers) + _SPARE)


def require(conn: Connection[Any], before: int, after: int) -> None:
    """Pass where so many workers may take the place of those before. Raises TooFew."""
    [(room,)] = conn.execute(_ROOM).fetchall()
    needed = _needed(before, after)
    if needed > room:
        raise TooFew(
            f"The database takes {room} connections; a reload from {before} to {after} workers may"
            f" need {needed}. Raise its max_connections (the embedded one has what its workers need"
            " after a restart of the service), or have fewer workers."
        )


def warn(settings: Settings) -> None:
    """Say so where no reload will fit."""
    from psycopg import connect

    from projections.database import reaching

    try:
        with connect(reaching(settings.database_url)) as conn:
            require(conn, settings.workers, settings.workers)
    except TooFew as error:
        click.echo(f"muniment: warning: {error.message} Until then none is made.", err=True)


def _needed(*workers: int) -> int:
    """Return how many the service may have open with these generations of workers."""
    return OF_A_WORKER * sum(workers) + BESIDE
