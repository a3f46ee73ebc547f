"""`muniment erase`: what an object said is taken out of everything, for a reason."""

from __future__ import annotations

import re
import sys
from time import monotonic, sleep
from typing import TYPE_CHECKING

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings

if TYPE_CHECKING:
    from domain.commands.erasures import Erasure, Wanted

RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", re.ASCII)
KEPT = """What remains:
  the headers and digests of these events, so that seals and proofs go on holding;
  who erased it, when and why: event {version} of the object;
  backups made before now: a muniment backup into the same folder takes it out of there; remove
  others, and copies of the database, or erase in them, too;
  what others have fetched or were sent, as by the feed of events."""
UNSCRUBBED = "In files of the database it lies until muniment scrub has run."
YOUNG = "Some bytes were uploaded again a moment ago; the service removes what nothing else names."


def _range(
    _ctx: click.Context, _option: click.Parameter, text: str | None
) -> tuple[int, int] | None:
    if text is None:
        return None
    match = RANGE.fullmatch(text)
    if match is None:
        raise click.BadParameter("must be a number, or the first and the last: 0-3.")
    return int(match[1]), int(match[2] or match[1])


@click.command()
@click.argument("object_id", metavar="OBJECT")
@click.option("--versions", metavar="A-B", callback=_range, help="Only these versions.")
@click.option("--drafts", is_flag=True, help="Also, or without --versions only, its drafts.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; shown to who may see it.")
@click.option("--no-scrub", is_flag=True, help="Leave the database's files to muniment scrub.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@settings_options("data")
def erase(
    settings: Settings,
    object_id: str,
    versions: tuple[int, int] | None,
    *,
    drafts: bool,
    reason: str,
    no_scrub: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Erase what OBJECT, a number or a pid, said: all of it, or some versions, or its drafts.

    It cannot be undone. Versions go with the drafts that they were, with files that nothing else
    has, and out of search, views and the log, where their headers and digests stay. Bytes that
    came within the last minute are waited for. Then the files of the database are written anew,
    during which the service does not write; of many erasures all but the last may leave that out.
    """
    from domain.commands.erasures import Wanted
    from scripts import scrub

    wanted = Wanted(reason, versions, drafts)
    with database(settings, "erase") as ready:
        planned = _planned(ready, object_id, wanted)
        click.echo("\n".join(_told(planned)))
        if dry_run:
            return
        if not yes and not _agreed():
            raise click.Abort
        done = _erased(ready, object_id, wanted)
        click.echo(KEPT.format(version=done.record.version))
        if no_scrub:
            click.echo(UNSCRUBBED, err=True)
        else:
            scrub.run(ready)


def _agreed() -> bool:
    """Whether who sits at the terminal agrees; without one nobody does."""
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody can be asked here: add --yes.")
    return click.confirm("Erase this for ever?")


def _planned(settings: Settings, object_id: str, wanted: Wanted) -> Erasure:
    """Return what an erasure would do; nothing is saved."""
    from domain.commands.accounts import OPERATOR
    from domain.commands.erasures import erase as command
    from domain.log import Session
    from scripts import wiring

    with wiring.log(settings) as log:
        return command(Session(log.heads, OPERATOR, log.validator), object_id, wanted)


def _erased(settings: Settings, object_id: str, wanted: Wanted) -> Erasure:
    """Erase, remove what nothing else names, and return what was done."""
    from domain.commands.accounts import OPERATOR
    from domain.commands.erasures import erase as command
    from domain.errors import Refusal
    from projections.database import connect, serving
    from projections.removing import SETTLED, remove
    from scripts import wiring

    with wiring.log(settings) as log:
        done = log.run(OPERATOR, command, object_id, wanted)
    try:
        with connect(serving(settings.database_url, "erase")) as conn:
            stores = (wiring.blobs(settings), wiring.uploads(settings))
            until = monotonic() + SETTLED.total_seconds() + 1
            while not (gone := remove(conn, *stores, done.record.id, done.event)):
                if monotonic() > until:
                    break
                sleep(1)
        if not gone:
            click.echo(YOUNG, err=True)
    except Refusal as error:
        click.echo(f"{error.message} The service goes on with it.", err=True)
    return done


def _told(planned: Erasure) -> list[str]:
    """Return what is erased and where else the same is, line by line."""
    event, record = planned.event, planned.record
    lines = [f"Object {record.number} ({record.pid}):"]
    if event.whole:
        lines.append("  everything that it says, with its drafts, files and comments")
    elif event.versions:
        lines.append(f"  versions {', '.join(map(str, event.versions))}")
    if event.drafts and not event.whole:
        lines.append("  its drafts")
    lines.append(f"  {len(event.events)} events are emptied")
    going = len(event.blobs) - len(event.kept)
    lines.append(f"  {going} files' bytes go, unless another object has them, too")
    if event.kept:
        lines.append(f"  {len(event.kept)} files' bytes stay: what else lists them follows")
    for each in planned.elsewhere:
        what = {
            "version": f"version {each.version}",
            "draft": "the open draft",
            "files": "a file",
        }[each.what]
        lines.append(f"  the same is still in {what} of object {each.object} ({each.pid})")
    return lines
