"""`muniment backup`: the log and the files that it names in a folder, while the service goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scripts.database import database
from scripts.options import settings_options
from scripts.settings import Settings


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--with-keys", is_flag=True, help="Copy the files of the keys, too.")
@click.option(
    "--verify",
    is_flag=True,
    help="Read all that DIR has already, too, and copy again what is damaged of it.",
)
@click.option("--json", "as_json", is_flag=True, help="What it came to, as one JSON object.")
@settings_options("data", "checkpoints")
def backup(
    settings: Settings, folder: Path, *, with_keys: bool, verify: bool, as_json: bool
) -> None:
    """Back up the log and all files into DIR, while the service goes on.

    A backup that is in DIR already is brought up to date: what it has of the log, and files, are
    not copied again. One that breaks off leaves the one before it as it was. Everything that was
    acknowledged before it began is in it.

    Without --with-keys whoever has the backup opens no secrets with it, and signs nothing: keep the
    files of the keys elsewhere.

    What is in DIR already is seen to be there, and files to be as long as they were. With --verify
    all bytes are read and compared with their digests: disks lose some of them unseen.

    The exit code is 0; 1 when something was missing or damaged in the service, each a line on
    standard error, and all else is in the backup; 2 when nothing was backed up, and DIR is as it
    was.
    """
    import msgspec

    from domain.instants import rfc3339
    from domain.storage.archive import Archive
    from projections.backing_up import back_up
    from projections.copying import silent
    from scripts import wiring
    from scripts.progress import bar

    with database(settings, "backup") as ready, bar() as progress:
        keys = {name: path for name, path in wiring.key_files(ready).items() if path.exists()}
        files = {name: path if with_keys else None for name, path in keys.items()}
        files["checkpoints"] = wiring.checkpoint_file(ready).path
        store, tell = wiring.blobs(ready), progress or silent
        done = back_up(ready.database_url, store, Archive(folder), files, tell, verify=verify)
    for name in done.mended:
        click.echo(f"Was damaged, or gone, and is copied again: {name}", err=True)
    for name in done.missing:
        click.echo(f"Not there, or damaged, and not in the backup: {name}", err=True)
    for position in done.unread:
        click.echo(
            f"The event at position {position} of the log is damaged, and may name more files:"
            " none are removed from the backup. muniment audit says more.",
            err=True,
        )
    if as_json:
        click.echo(msgspec.json.encode(done))
    upto = ""
    if done.position is not None and done.recorded_at is not None:
        upto = f" up to position {done.position}, recorded at {rfc3339(done.recorded_at)}"
    click.echo(
        f"In {folder}: {done.events:,} events{upto}, of which {done.new_events:,} are new;"
        f" {done.blobs:,} files, of which {done.new_blobs:,} are new ({done.new_size:,} bytes).",
        err=True,
    )
    if keys and not with_keys:
        where = ", ".join(map(str, keys.values()))
        click.echo(f"Keys are not in it; keep them elsewhere: {where}.", err=True)
    sys.exit(1 if done.missing or done.unread else 0)
