"""`muniment webhook`: programs elsewhere that are told of events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import click
from psycopg import Connection

from scripts.database import database
from scripts.options import settings_options
from scripts.printable import printable
from scripts.settings import Settings


@click.group()
def webhook() -> None:
    """Webhooks."""


@webhook.command()
@click.argument("url")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    default=["*"],
    help="Topic of the events, or `record.*`; may be given again; without it, all.",
)
@settings_options("data")
def add(settings: Settings, url: str, kinds: tuple[str, ...]) -> None:
    """Tell URL of events from now on, and print its id and the key that messages are signed with.

    Its host must be one of MUNIMENT_WEBHOOK_HOSTS.
    """
    from api.webhooks import messages
    from projections import webhooks
    from scripts import telling

    telling.rules(settings).target(url)
    with _connected(settings, "webhook add") as conn:
        key = telling.key(settings)  # without one nobody is told anything
        made = webhooks.add(conn, url, kinds)
    click.echo(made)
    click.echo(messages.shown(messages.key_of(key, made)))


@webhook.command("list")
@settings_options("data")
def list_(settings: Settings) -> None:
    """List who is told, of what, and how many messages wait and are dead."""
    from projections import webhooks

    with _connected(settings, "webhook list") as conn:
        for each in webhooks.everyone(conn):
            click.echo(
                f"{each.id}  {each.waiting} waiting  {each.dead} dead"
                f"  {' '.join(each.kinds)}  {printable(each.url)}"
            )


@webhook.command()
@click.argument("id", type=click.UUID)
@settings_options("data")
def remove(settings: Settings, id: UUID) -> None:  # noqa: A002 - as it is called in the help
    """Tell the webhook with this ID nothing any more, also what waits."""
    from projections import webhooks

    with _connected(settings, "webhook remove") as conn:
        webhooks.remove(conn, id)


@webhook.command()
@click.argument("id", type=click.UUID)
@settings_options("data")
def dead(settings: Settings, id: UUID) -> None:  # noqa: A002 - as it is called in the help
    """List what the webhook with this ID could not be told, and why."""
    from domain.instants import rfc3339
    from projections import webhooks

    with _connected(settings, "webhook dead") as conn:
        for each in webhooks.dead(conn, id):
            click.echo(
                f"{rfc3339(each.recorded_at)}  {each.topic}  {each.stream}  {each.tries} tries"
                f"  {printable(each.problem)}"
            )


@webhook.command()
@click.argument("id", type=click.UUID)
@settings_options("data")
def redeliver(settings: Settings, id: UUID) -> None:  # noqa: A002 - as it is called in the help
    """Send the webhook with this ID its dead letters once more."""
    from projections import webhooks

    with _connected(settings, "webhook redeliver") as conn:
        click.echo(f"{webhooks.revive(conn, id)} messages are sent once more.")


@contextmanager
def _connected(settings: Settings, role: str) -> Iterator[Connection[Any]]:
    from projections.database import connect, serving

    with database(settings, role) as ready, connect(serving(ready.database_url, role)) as conn:
        yield conn
