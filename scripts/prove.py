"""`muniment prove`: what an object said, as a file that anybody can verify offline."""

from __future__ import annotations

from typing import IO

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.command()
@click.argument("object_id", metavar="OBJECT")
@click.argument("version", required=False, type=click.IntRange(0))
@click.option("--as-of", metavar="INSTANT", help="The last version recorded by an instant.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.File("w", encoding="utf-8", lazy=True),
    help="File to write.",
)
@settings_options("data")
def prove(
    settings: Settings, object_id: str, version: int | None, *, as_of: str | None, output: IO[str]
) -> None:
    """Write a proof that VERSION of OBJECT, a number or a pid, was recorded.

    The file holds what the version says, and leads from it to the last signed checkpoint. With
    --as-of in place of VERSION it also has the headers of all events of the object's stream up to
    that checkpoint, so that a later version would show.
    """
    if (version is None) == (as_of is None):
        raise click.UsageError("Give a version, or --as-of.")
    from projections import audit, proving

    with database(settings, "prove") as ready, audit.reading(ready.database_url) as conn:
        if version is not None:
            proof = proving.of_version(conn, object_id, version)
        else:
            from api import instants

            proof = proving.as_of(conn, object_id, instants.parse("--as-of", as_of or ""))
    output.write(proof)
