"""The account PostgreSQL runs under: one's own, or, as root, one that is not root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAME = "muniment"
_FALLBACK = "nobody"  # where no account can be made


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group id, and whether taking them on means leaving root."""

    uid: int
    gid: int
    switched: bool

    def reaches(self, path: Path) -> bool:
        """Whether the account may pass through every folder above `path`, and read `path`."""
        if not self.switched:
            return True
        real = path.resolve()
        return real.stat().st_mode & 0o005 == 0o005 and all(
            parent.stat().st_mode & 0o001 for parent in real.parents
        )

    def own(self, tree: Path) -> None:
        """Give the tree to the account, when its top is not the account's yet (it comes last)."""
        if self.switched and tree.stat().st_uid != self.uid:
            for path in (*_below(tree), tree):
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(cluster: Path) -> Account:
    """The account for the database in `cluster`.

    Root uses the account that owns the database already: a user's own data folder stays that
    user's when root runs one command on it.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    try:
        owner = pwd.getpwuid(cluster.stat().st_uid)
        if owner.pw_uid != 0:
            return Account(owner.pw_uid, owner.pw_gid, switched=True)
    except (FileNotFoundError, KeyError):
        pass
    entry = _find(_NAME) or _make(_NAME) or pwd.getpwnam(_FALLBACK)
    return Account(entry.pw_uid, entry.pw_gid, switched=True)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make(name: str) -> pwd.struct_passwd | None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/"]
    command += ["--shell", "/usr/sbin/nologin", name]
    try:
        subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return _find(name)  # also when another start has just made it


def _below(tree: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(tree):
        for name in (*folders, *files):
            yield Path(folder, name)
