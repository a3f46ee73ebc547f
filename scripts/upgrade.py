"""`muniment upgrade`: the embedded database moves to the next PostgreSQL, by dump and load."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import click

from domain.storage.durable import sync_folder
from scripts.options import settings_options
from scripts.settings import Settings

if TYPE_CHECKING:
    from domain.storage.datafolder import DataFolder
    from domain.storage.server import Server
    from projections.copying import Progress

# What a copy of the log has not, and what stays with the installation.
KEPT = ("device_code", "webhook", "webhook_message")


@click.command()
@click.option(
    "--from",
    "within",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True),
    help="Where the programs of the PostgreSQL are that the data is of.",
)
@settings_options("data")
def upgrade(settings: Settings, within: Path | None) -> None:
    """Move the embedded database to the PostgreSQL of this Muniment. Stop the service before.

    The log is read with the programs of the PostgreSQL that wrote it, which are sought where Debian
    has them, and loaded into a new database; the rest is made from it. The old database stays
    beside the new one until you remove it: as much free space is needed as it has.
    """
    from domain.errors import Refusal
    from domain.storage import cluster
    from domain.storage.datafolder import DataFolder
    from scripts import logs
    from scripts.progress import bar

    logs.set_up()
    if settings.database_url:
        raise Refusal("The database of DATABASE_URL is your server's to upgrade.")
    folder = DataFolder(settings.data)
    with folder.held("upgrade"), bar() as progress:
        _end_servers(folder)
        _put_in_place(folder)  # which one that broke off has made, whole
        major = cluster.major_of(folder.postgres)
        if major is None:
            cluster.require_none_aside(folder.postgres)
            raise Refusal(f"{folder.path} holds no database.")
        if int(major) > int(cluster.MAJOR):
            raise Refusal(f"The data is of PostgreSQL {major}. Use the newer Muniment.")
        if major == cluster.MAJOR:
            _clear(folder)
        else:
            try:
                _move(folder, major, within, progress)
            except BaseException:
                if folder.postgres.exists():  # else the new one is all that goes on from here
                    _clear(folder)
                raise
            _put_in_place(folder)
        kept = cluster.put_aside(folder.postgres)
    when = "already" if major == cluster.MAJOR else "now"
    click.echo(f"The database is of PostgreSQL {cluster.MAJOR} {when}.", err=True)
    if kept:
        click.echo(
            f"Check it with muniment audit; then what it was before may be removed: {kept[-1]}\n"
            "Until then that one has what was erased and not scrubbed; no scrub comes to it.",
            err=True,
        )


def _move(folder: DataFolder, major: str, within: Path | None, progress: Progress | None) -> None:
    """Make the new database, whole, beside the old one. Begins anew where it broke off."""
    from domain.errors import Conflict
    from domain.storage import binaries, cluster
    from domain.storage.account import account_for
    from domain.storage.archive import Archive
    from domain.storage.datafolder import DataFolder
    from domain.storage.server import Server
    from projections import backing_up, copying, migrate, restoring

    aside = cluster.aside(folder.postgres, major)
    if aside.exists():
        raise Conflict(f"{aside} is there already, where the old database is to go. Move it away.")
    _clear(folder)
    tell = progress or copying.silent
    account = account_for(folder.postgres)
    part = DataFolder(folder.path)
    part.postgres = _part(folder)
    archive = Archive(_dump(folder))
    with _running(Server(folder, binaries.older(major, account, within))) as url:
        backing_up.back_up(url, None, archive, {}, tell, (*backing_up.TABLES, *KEPT))
    with _running(Server(part, account=account)) as url, archive.read() as found:
        migrate.migrate(url)
        if found.segments:
            restoring.load(url, restoring.Point(archive, found, None, tell), tell)
    shutil.rmtree(archive.folder)  # before anything is in its place: nobody looks for it later
    part.postgres.rename(cluster.upgraded(folder.postgres))  # it is whole: a start may say so
    sync_folder(folder.path)
    folder.postgres.rename(aside)


def _put_in_place(folder: DataFolder) -> None:
    """Have a new database that is whole be the one, where the old one was put aside."""
    from domain.storage import cluster

    new = cluster.upgraded(folder.postgres)
    if new.exists() and not folder.postgres.exists():
        sync_folder(folder.path)
        new.rename(folder.postgres)
        sync_folder(folder.path)


def _end_servers(folder: DataFolder) -> None:
    """Wait for the server of one that was killed: it writes until it has ended."""
    from domain.storage import leftovers, sockets

    earlier = sockets.recorded(folder.socket_record)
    if earlier is not None:
        leftovers.end(earlier.name, sleep)


def _clear(folder: DataFolder) -> None:
    """Remove what one left that broke off while the old database was in its place."""
    from domain.storage import cluster

    for left in (_dump(folder), *folder.path.glob(f"{cluster.upgraded(folder.postgres).name}*")):
        shutil.rmtree(left, ignore_errors=True)


def _dump(folder: DataFolder) -> Path:
    return folder.path / "upgrade"


def _part(folder: DataFolder) -> Path:
    from domain.storage import cluster

    new = cluster.upgraded(folder.postgres)
    return new.with_name(f"{new.name}.part")


@contextmanager
def _running(server: Server) -> Iterator[str]:
    """Have a server run for the block."""
    try:
        server.start()
        yield server.url()
    finally:
        server.stop()
