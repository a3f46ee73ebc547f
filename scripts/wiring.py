"""Settings → log, stores, follower: the one place where they meet, for every process but a worker.

What a worker has besides, scripts/application.py adds: no other process loads the doors.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from psycopg import connect

from domain.evidence import checkpoints, notes
from domain.evidence.notes import PrivateKey
from domain.log import Log
from domain.recent import Recent
from domain.storage import keys
from domain.storage.blobs import Blobs
from domain.storage.checkpoint_file import CheckpointFile
from domain.storage.counters import Counters
from domain.storage.encryption_keys import EncryptionKeys
from domain.storage.git_copy import GitCopy
from domain.storage.local import LocalBlobs
from domain.storage.looks import Looks
from domain.storage.noted import Noted
from domain.storage.restoration import Restoration
from domain.storage.signing_keys import SigningKeys
from domain.storage.space import Space
from domain.storage.stamps import Stamps
from domain.storage.uploads import Uploads
from projections import code, headroom, listing, realign
from projections import follower as following
from projections import migrate as migrations
from projections.cleaning import keep_clean
from projections.database import Connections, reaching, serving
from projections.fixity import Fixity, keep_checking
from projections.heads import ViewHeads
from projections.pushing import Pushing
from projections.rebuild import rebuild
from projections.recorder import Recorder
from projections.removing import keep_removing
from projections.sealing import run as seal
from projections.sealing import sealed
from projections.voids import voider
from scripts.settings import Settings


def embedded(settings: Settings) -> bool:
    """Whether the database is our own, so that this machine alone serves it."""
    return settings.sources.get("database_url") == "embedded"


def counters(settings: Settings) -> Counters | None:
    """Return the counters that void what processes remember.

    None with a database elsewhere: other machines may serve it too, and they share no memory, so
    nothing is remembered that somebody else could void.
    """
    return Counters(settings.data / "counters") if embedded(settings) else None


def recent(settings: Settings) -> Recent | None:
    """Return what a process recalls of aggregates; None where other machines write them too."""
    return Recent(Stamps(settings.data / "stamps")) if embedded(settings) else None


def space(settings: Settings) -> Space | None:
    """Return the disk that is written to; None with a database on another machine."""
    return Space(settings.data, settings.space_reserve) if embedded(settings) else None


def blobs(settings: Settings) -> Blobs:
    """Return the store of files' bytes: in the data folder, wherever the database is."""
    return LocalBlobs(settings.data / "blobs", Space(settings.data, settings.space_reserve))


def uploads(settings: Settings) -> Uploads:
    """Return the uploads that may be interrupted: on the file system that the blobs lie on."""
    space = Space(settings.data, settings.space_reserve)
    return Uploads(settings.data / "blobs" / "uploads", space)


def looks(settings: Settings) -> Looks:
    """Return what the clean-up has done."""
    return Looks(settings.data / "clean-up.json")


def fixity(settings: Settings) -> Noted[Fixity]:
    """Return how far the files have been read over."""
    return Noted(settings.data / "fixity.json", Fixity())


def counted(settings: Settings) -> Path:
    """Return where workers count what is measured; each start of the service begins at 0."""
    return settings.data / "metrics"


def link_key_file(settings: Settings) -> Path:
    """Return where the key lies that signs access links and places in lists."""
    return Path(settings.link_key) if settings.link_key else settings.data / "link.key"


def link_key(settings: Settings) -> bytes:
    """Return the key that signs access links and places in lists, made where there is none."""
    return keys.kept(link_key_file(settings))


def log_key(settings: Settings) -> PrivateKey:
    """Return the key that signs checkpoints, made at its first use."""
    return checkpoints.log_key(keys.kept(_log_key_file(settings)))


def log_name(settings: Settings) -> str:
    """Return the name of the log, which is its key's: the key need not be there, once it signed."""
    if not _log_key_file(settings).exists():
        with connect(reaching(settings.database_url)) as conn:
            known = sealed(conn).key
        if known is not None:
            return notes.public_key(known).name
    return log_key(settings).public.name


def _log_key_file(settings: Settings) -> Path:
    return Path(settings.log_key) if settings.log_key else settings.data / "log.key"


def signing_keys(settings: Settings) -> SigningKeys:
    """Return the keys that sign access tokens, made at the first start, else at their first use."""
    return SigningKeys(_oauth_keys_file(settings))


def _oauth_keys_file(settings: Settings) -> Path:
    return Path(settings.oauth_keys) if settings.oauth_keys else settings.data / "oauth.keys"


def encryption_keys(settings: Settings) -> EncryptionKeys:
    """Return the keys under which the keys of secrets lie, made at their first use."""
    path = Path(settings.secret_keys) if settings.secret_keys else settings.data / "secrets.keys"
    return EncryptionKeys(path)


def key_files(settings: Settings) -> dict[str, Path]:
    """Return where the keys lie that are not in the database, by what they are called in a backup.

    They need not be there.
    """
    return {
        "link.key": link_key_file(settings),
        "log.key": _log_key_file(settings),
        "oauth.keys": _oauth_keys_file(settings),
        "secrets.keys": encryption_keys(settings).path,
    }


def checkpoint_file(settings: Settings) -> CheckpointFile:
    """Return the file outside the data folder in which every checkpoint is."""
    data = settings.data.absolute()
    beside = data.with_name(f"{data.name}.checkpoints")
    return CheckpointFile(Path(settings.checkpoints) if settings.checkpoints else beside)


def migrate(settings: Settings, *, aligned: bool = True) -> None:
    """Bring the database to what this code needs. Raises Conflict when it must not be used.

    `aligned` False lets a log pass that came from another cluster, to be realigned, and a restore
    that broke off.
    """
    if aligned:
        Restoration(settings.data).require_none()
    url = reaching(settings.database_url)
    migrations.migrate(url)
    if aligned:
        with connect(url, autocommit=True) as conn:
            realign.check(conn)


def changed_views(settings: Settings) -> list[str]:
    """Return the views whose rows other code made than this."""
    with connect(reaching(settings.database_url), autocommit=True) as conn:
        return code.changed(conn)


def renew(settings: Settings, views: Sequence[str]) -> None:
    """Make views again from the log while the service goes on. Raises Conflict."""
    rebuild(reaching(settings.database_url), views)


def follower(settings: Settings, up: Callable[[], None]) -> None:
    """Follow the log in this process until SIGTERM; `up` is called when it does."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set())
    disk = space(settings)
    if disk is not None:
        Thread(target=headroom.keep, args=(settings.database_url, disk, stop), daemon=True).start()
    grace = timedelta(seconds=settings.grace)
    stores = (blobs(settings), uploads(settings), looks(settings))
    cleaning = (settings.database_url, *stores, grace, stop)
    Thread(target=keep_clean, args=cleaning, daemon=True).start()
    checking = (settings.database_url, blobs(settings), fixity(settings), settings.fixity_rate)
    Thread(target=keep_checking, args=(*checking, stop), daemon=True).start()
    key, file = log_key(settings), checkpoint_file(settings)
    sealing: tuple[Any, ...] = (settings.database_url, key, file, stop)
    if settings.checkpoints_remote:
        copy = GitCopy(settings.data / "checkpoints.git", settings.checkpoints_remote)
        pushing = Pushing(file, key.public.name, copy)
        Thread(target=pushing.run, args=(stop,), daemon=True).start()
        sealing += (lambda: pushing.failed,)
    Thread(target=seal, args=sealing, daemon=True).start()
    removing = (settings.database_url, blobs(settings), uploads(settings), stop)
    Thread(target=keep_removing, args=removing, daemon=True).start()
    if settings.webhook_hosts:
        from scripts import telling  # only where somebody may be told

        Thread(target=telling.delivery(settings).run, args=(stop,), daemon=True).start()
    followings = [following.voiding(voider(counters(settings))), listing.following()]
    following.run(settings.database_url, followings, stop, up)


@contextmanager
def log(settings: Settings) -> Iterator[Log]:
    """Give the log to a command of the command line."""
    connections = Connections(serving(settings.database_url, "command"))
    try:
        recorder = Recorder(connections, voider(counters(settings)))
        yield Log(recorder, ViewHeads(connections), recent(settings))
    finally:
        connections.close()
