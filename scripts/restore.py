"""`muniment restore`: a backup, or the log up to a point of it, in an empty place."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings

if TYPE_CHECKING:
    from domain.storage.archive import Archive, Contents
    from projections.copying import Progress
    from projections.restoring import Point

LOST = {  # what is lost without a key
    "link.key": "the links that were given out open nothing, and new ones are shown",
    "log.key": "no checkpoint is signed until it is there",
    "oauth.keys": "who is logged in with a program logs in again",
    "secrets.keys": "secrets cannot be read",
}


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--until", metavar="POSITION|INSTANT", help="The last event or moment to restore.")
@click.option(
    "--partial",
    metavar="SHA256",
    multiple=True,
    help="Restore without this file, which the backup has not. As often as needed.",
)
@settings_options("data", "checkpoints")
def restore(settings: Settings, folder: Path, until: str | None, partial: tuple[str, ...]) -> None:
    """Restore the backup in DIR into an empty data folder, or with DATABASE_URL an empty database.

    The backup is read to its end before anything is made. One that broke off goes on when it is
    started again with the same options; nothing is served before it has ended.
    """
    from domain.storage.archive import Archive
    from projections import restoring
    from projections.copying import silent
    from scripts.progress import bar

    archive = Archive(folder)
    with bar() as progress, archive.read() as found:
        tell = progress or silent
        point = restoring.Point(archive, found, _until(until), tell)
        _require_blobs(point, partial)
        _restore(settings, archive, found, point, partial, tell)
    assert point.last is not None  # noqa: S101 - else it was refused
    click.echo(
        f"Restored: {point.events:,} events up to {restoring.said_of(point.last)}, and"
        f" {len(point.blobs.keys() - set(partial)):,} files.",
        err=True,
    )
    if point.next is not None:
        click.echo(f"Left out is what follows from {restoring.said_of(point.next)}.", err=True)
    _warn(settings, found, point)


def _until(text: str | None) -> int | datetime | None:
    """Return the position or the instant that a text names. Raises Invalid."""
    from domain.identifiers import NUMBER

    if text is None:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 19 and NUMBER.match(text):
        return int(text)
    from api import instants

    return instants.parse("--until", text)


def _require_blobs(point: Point, partial: tuple[str, ...]) -> None:
    """Pass when nothing is missing but what was named. Raises Conflict."""
    from domain.errors import Conflict

    missing = [name for name in point.missing() if name not in partial]
    if missing:
        where = point.archive.blobs.where(missing[0])
        more = f" and {len(missing) - 1:,} more are" if len(missing) > 1 else " is"
        without = " ".join(f"--partial {name}" for name in missing[:20])
        raise Conflict(
            f"{where}{more} not in the backup, or shorter than it was. Nothing was restored. Put"
            f" it there, or restore without: {without}"
        )


def _restore(
    settings: Settings,
    archive: Archive,
    found: Contents,
    point: Point,
    partial: tuple[str, ...],
    tell: Progress,
) -> None:
    from domain.errors import Conflict, Refusal
    from domain.storage.datafolder import DataFolder
    from domain.storage.restoration import Restoration
    from projections import restoring
    from scripts import wiring

    folder, restoration = DataFolder(settings.data), Restoration(settings.data)
    if not restoration.under_way:  # else it is the one that was begun, or it is refused later
        if settings.database_url:
            restoring.require_empty(settings.database_url)
        elif folder.postgres.exists():
            raise Conflict(f"{folder.path} holds a database. Name an empty folder with --data.")
    _require_keys(settings, archive, found)
    folder.open()
    try:
        restoration.begin(archive.folder)
        _place_files(settings, archive, found, point)
    except OSError as error:
        raise Refusal(f"A file cannot be put in its place: {error}.") from error
    restoring.copy_blobs(point, wiring.blobs(settings), partial, tell)
    with database(settings, "restore", aligned=False) as ready:
        restoring.load(ready.database_url, point, tell)
    restoration.end()


def _require_keys(settings: Settings, archive: Archive, found: Contents) -> None:
    """Pass when no key is in the way that is another one. Raises Conflict."""
    from domain.errors import Conflict
    from scripts import wiring

    for name, path in wiring.key_files(settings).items():
        kept = found.files.get(name)
        if kept is None or name == "oauth.keys" or not path.exists():  # a newer one is as good
            continue
        if path.read_bytes() != archive.kept(kept):
            raise Conflict(f"{path} is another than the {name} of the backup. Move it away.")


def _place_files(settings: Settings, archive: Archive, found: Contents, point: Point) -> None:
    """Put keys and checkpoints where none are."""
    from domain.storage.durable import place
    from scripts import wiring

    for name, path in wiring.key_files(settings).items():
        if name in found.files and not path.exists():
            place(path, archive.kept(found.files[name]))
    path = wiring.checkpoint_file(settings).path
    if not path.exists() and (signed := point.signed()):
        place(path, "".join(f"\n{note}" for note in signed).encode())


def _warn(settings: Settings, found: Contents, point: Point) -> None:
    """Say what the restored log has not, or what is in the way of its seals."""
    from domain.evidence import checkpoints
    from scripts import wiring

    for name, path in wiring.key_files(settings).items():
        if name in found.without and not path.exists():
            click.echo(f"The backup has no {name}; put it at {path}: else {LOST[name]}.", err=True)
    file = wiring.checkpoint_file(settings)
    if found.checkpoint is not None:
        last = file.last(checkpoints.read(found.checkpoint).origin)
        if last is not None and checkpoints.read(last).size > point.events:
            click.echo(
                f"{file.path} has a checkpoint of {checkpoints.read(last).size:,} events, more than"
                " are there now: no checkpoint is signed, and audit says so, until the service is"
                " given another file with --checkpoints.",
                err=True,
            )
    click.echo(f"Then check it: muniment audit --data {quote(str(settings.data))}", err=True)
