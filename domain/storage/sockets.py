"""The short private folder that holds the database's socket.

A socket's path is limited to 107 bytes and a data folder may lie deep, so the folder is made
under the temporary folder and its path written down in the data folder, where every command
that works on the data finds it. Its name also marks the database's processes (`cluster_name`).
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from domain.errors import Refusal
from domain.storage.account import Account

_LONGEST = 107 - len("/muniment-12345678/.s.PGSQL.5432.lock")


def recorded(record: Path) -> Path | None:
    """The folder a start has written down, or None; it need not exist any more."""
    try:
        path = Path(record.read_text().strip())
    except FileNotFoundError:
        return None
    return path if path.is_absolute() and path.name.startswith("muniment-") else None


def prepare(record: Path, account: Account) -> Path:
    """The account's socket folder, made and written down when there is none yet."""
    known = recorded(record)
    if known is not None and _is_private(known, account):
        return known
    made = Path(tempfile.mkdtemp(prefix="muniment-", dir=_parent(account)))
    if account.switched:
        os.chown(made, account.uid, account.gid)
    record.write_text(f"{made}\n")
    return made


def remove(folder: Path) -> None:
    """Remove the folder after a stop; what lies in it is a socket without a listener."""
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()


def _is_private(folder: Path, account: Account) -> bool:
    """Whether the folder is still the one that was made: the temporary folder is everybody's."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and (found.st_uid, stat.S_IMODE(found.st_mode)) == (
        account.uid,
        0o700,
    )


def _parent(account: Account) -> Path:
    for name in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108
        path = Path(name)
        if len(os.fsencode(path)) <= _LONGEST and path.is_dir() and account.reaches(path):
            return path
    raise Refusal("There is no temporary folder with a short path for the database's socket.")
