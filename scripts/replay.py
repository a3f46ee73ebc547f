"""`muniment replay`: an object's life, or the whole log for other programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from domain.identifiers import NUMBER
from scripts.database import database
from scripts.options import settings_options
from scripts.printable import escape_the_rest, printable
from scripts.settings import Settings


@click.command()
@click.argument("object_id", required=False, metavar="[OBJECT]")
@click.option("--until", metavar="VERSION|INSTANT", help="The last version or moment to show.")
@click.option("--verify", is_flag=True, help="Check its events, and the views against them.")
@click.option(
    "--format", "form", type=click.Choice(["text", "jsonl", "html"]), help="Without it, text."
)
@click.option("--all", "everything", is_flag=True, help="The whole log as JSON lines.")
@click.option("--since", metavar="POSITION", help="With --all: only what follows the event there.")
@settings_options("data")
def replay(
    settings: Settings,
    object_id: str | None,
    until: str | None,
    *,
    verify: bool,
    form: str | None,
    everything: bool,
    since: str | None,
) -> None:
    """Show the life of OBJECT, a number or a pid: each event, what changed, the state after it.

    JSON lines have the whole document after each event instead of what changed in it.

    With --verify each difference is a line on standard error, and the exit code is 1. --all gives
    the log in order of position, each event as /api/events does, as far as no event can appear any
    more before the last.
    """
    if everything == (object_id is not None):
        raise click.UsageError("Name an object, or give --all.")
    if everything and (until or verify or form not in (None, "jsonl")):
        raise click.UsageError("--all is always whole, and JSON lines.")
    if since is not None and not everything:
        raise click.UsageError("--since goes with --all.")
    code = 0
    with database(settings, "replay") as ready:
        if object_id is None:
            _everything(ready.database_url, since)
        else:
            code = _life(ready.database_url, object_id, until, form or "text", verify=verify)
    sys.exit(code)


@contextmanager
def _written() -> Iterator[None]:
    """Write to standard output in the block, until whoever reads it has enough."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _everything(database_url: str, since: str | None) -> None:
    from projections.database import connect, serving
    from scripts.replaying.log import log, position_of

    with connect(serving(database_url, "replay")) as conn, _written():
        position = position_of(conn, since)
        for line in log(conn, position):
            sys.stdout.buffer.write(line)


def _life(database_url: str, object_id: str, until: str | None, form: str, *, verify: bool) -> int:
    """Write a life to standard output; return the exit code."""
    from projections import audit, lives
    from projections.replay import replay as steps_of
    from scripts.replaying.names import Names

    code = 0
    with audit.reading(database_url) as conn:
        life = lives.find(conn, object_id)
        if verify:
            for each in audit.verify(conn, [life.record, life.family]):
                click.echo(printable(each.line), err=True)
                code = 1
        steps = steps_of(conn, life, _until(until))
        with _written():
            _write(form, f"The life of object {object_id}", steps, Names(conn))
    return code


def _until(text: str | None) -> int | datetime | None:
    """Return the version or the instant that a text names. Raises Invalid."""
    if text is None:
        return None
    if NUMBER.fullmatch(text):
        return int(text)
    from api import instants

    return instants.parse("--until", text)


def _write(form: str, title: str, steps: Any, names: Any) -> None:
    """Write steps to standard output in one of the three forms."""
    from scripts.replaying import lines, page, text
    from scripts.replaying.telling import tell

    if form == "jsonl":
        for line in lines.lines(steps, names):
            sys.stdout.buffer.write(line)
    elif form == "html":
        for part in page.page(title, tell(steps, names)):
            sys.stdout.buffer.write(part.encode())
    else:
        escape_the_rest()
        text.write(tell(steps, names), sys.stdout)
