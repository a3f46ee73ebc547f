"""`muniment upgrade`: the embedded database moves to the next PostgreSQL, by dump and load."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scripts.options import settings_options
from scripts.settings import Settings

if TYPE_CHECKING:
    from domain.storage.datafolder import DataFolder
    from domain.storage.server import Server
    from projections.backing_up import Progress

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
        major = cluster.major_of(folder.postgres)
        if major is not None and int(major) > int(cluster.MAJOR):
            raise Refusal(f"The data is of PostgreSQL {major}. Use the newer Muniment.")
        if major not in (None, cluster.MAJOR):
            _move(folder, major, within, progress)
        kept = _swap(folder)
    if kept is None:
        click.echo(f"The database is of PostgreSQL {cluster.MAJOR} already.", err=True)
        return
    click.echo(f"The database is of PostgreSQL {cluster.MAJOR} now. The old one: {kept}", err=True)
    click.echo("Check it with muniment audit; then the old one may be removed.", err=True)


def _move(folder: DataFolder, major: str, within: Path | None, progress: Progress | None) -> None:
    """Make the new database, whole, beside the old one. Begins anew where it broke off."""
    from domain.storage import binaries, cluster
    from domain.storage.account import account_for
    from domain.storage.archive import Archive
    from domain.storage.datafolder import DataFolder
    from domain.storage.server import Server
    from projections import backing_up, migrate, restoring

    tell = progress or backing_up.silent
    account = account_for(folder.postgres)
    beside = DataFolder(folder.path)
    beside.postgres = cluster.upgraded(folder.postgres)
    part = DataFolder(folder.path)
    part.postgres = beside.postgres.with_name(f"{beside.postgres.name}.part")
    dump = folder.path / "upgrade"
    for left in (beside.postgres, part.postgres, dump):
        shutil.rmtree(left, ignore_errors=True)
    archive = Archive(dump)
    with _running(Server(folder, binaries.older(major, account, within))) as url:
        backing_up.back_up(url, None, archive, {}, tell, (*backing_up.TABLES, *KEPT))
    with _running(Server(part, account=account)) as url, archive.read() as found:
        migrate.migrate(url)
        if found.segments:
            restoring.load(url, restoring.Point(archive, found, None, tell), tell)
    part.postgres.rename(beside.postgres)  # it is whole: a start may say so


def _swap(folder: DataFolder) -> Path | None:
    """Put a new database that is whole in the old one's place; return where that is now."""
    from domain.storage import cluster
    from domain.storage.durable import sync_folder

    new = cluster.upgraded(folder.postgres)
    if not new.exists():
        return None
    sync_folder(folder.path)
    major = cluster.major_of(folder.postgres)
    if major is not None:
        folder.postgres.rename(folder.path / f"postgres-{major}")
    kept = max(folder.path.glob("postgres-*"))
    new.rename(folder.postgres)
    sync_folder(folder.path)
    shutil.rmtree(folder.path / "upgrade", ignore_errors=True)
    return kept


@contextmanager
def _running(server: Server) -> Iterator[str]:
    """Have a server run for the block."""
    try:
        server.start()
        yield server.url()
    finally:
        server.stop()
