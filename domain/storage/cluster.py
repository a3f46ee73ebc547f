"""The PostgreSQL database cluster on disk, and the command line that serves it.

The server is given its folder as `/proc/self/cwd`: its account needs no way through the folders
above, which stay closed. Source: proc(5); PostgreSQL 18, "initdb" and "postgres".
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO

from domain.errors import OutOfSpace, Refusal
from domain.storage.account import Account
from domain.storage.durable import sync_folder
from domain.storage.process import default_signals, die_with_parent

MAJOR = "18"
OWNER = "muniment_owner"
DATABASE = "muniment"
HERE = "/proc/self/cwd"
CONNECTIONS = 200  # that a server takes, but for one that serves many workers
NO_SPACE = "No space left on device"

# The superuser works here and nowhere else. The owner may make the role that serves. The log of
# the server is given the segments that it would come to keep in time (min_wal_size), so that it
# has them when the disk is full: where it needs a new one and there is no space, the server stops.
_BOOTSTRAP = f"""CREATE ROLE {OWNER} LOGIN CREATEROLE;

GRANT pg_checkpoint TO {OWNER};

CREATE DATABASE {DATABASE} OWNER {OWNER};

SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal() FROM generate_series(1, 4);

CHECKPOINT;

"""

_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "wal_level": "replica",
    "max_wal_size": "2GB",
    "jit": "off",
    "max_active_replication_origins": "0",  # else a checkpoint needs space for a file of them
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # What goes wrong with the server is written down; a request's statements, values and
    # refusals are not: they may hold what is secret.
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def major_of(cluster: Path) -> str | None:
    """The major version of the PostgreSQL that a cluster is of; None where there is none."""
    try:
        return (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def upgraded(cluster: Path) -> Path:
    """Where a cluster is made that is to take this one's place."""
    return cluster.with_name(f"{cluster.name}.upgraded")


def aside(cluster: Path, major: str) -> Path:
    """Where a cluster of an earlier PostgreSQL is put when another takes its place."""
    return cluster.with_name(f"{cluster.name}-{major}")


def put_aside(cluster: Path) -> list[Path]:
    """Return what was put aside, by the versions."""
    beside = cluster.parent.glob(f"{cluster.name}-*")
    found = {each.name.rpartition("-")[2]: each for each in beside}
    return [found[major] for major in sorted(filter(str.isdecimal, found), key=int)]


def require_none_aside(cluster: Path) -> None:
    """Pass where an empty cluster may be made: it would hide one put aside. Raises Refusal."""
    old = [each for each in put_aside(cluster) if major_of(each) is not None]
    if old:
        raise Refusal(
            f"{cluster} is not there, though an upgrade has put aside {old[-1]}. Give that one its"
            " name again and run `muniment upgrade`; for an empty database, move it away."
        )


def make(cluster: Path, programs: Path, account: Account) -> None:
    """Make the cluster when there is none: beside its place, then renamed when it is whole.

    Raises OSError, OutOfSpace; Refusal when something else is in its place.
    """
    if _is_cluster(cluster):
        account.own(cluster)
        return
    part = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    account.own(part)
    initdb = [str(programs / "initdb"), "-D", HERE, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    initdb += ["--locale-provider=builtin", "--locale=C.UTF-8"]
    _run(initdb, part, account, "")
    _run(
        [str(programs / "postgres"), "--single", "-j", "-D", HERE, "postgres"],
        part,
        account,
        _BOOTSTRAP,
    )
    part.rename(cluster)
    sync_folder(cluster.parent)


def start(
    cluster: Path,
    programs: Path,
    account: Account,
    sockets: Path,
    log: IO[bytes],
    connections: int,
) -> subprocess.Popen[bytes]:
    """Start `postgres` on the cluster as a child of this thread."""
    known = _SETTINGS if major_of(cluster) == MAJOR else {"listen_addresses": ""}
    settings = known | {
        "max_connections": str(connections),
        "unix_socket_directories": str(sockets),
        "cluster_name": sockets.name,
    }
    command = [str(programs / "postgres"), "-D", HERE]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return _popen(command, cluster, account, signal.SIGINT, stdout=log, stderr=log)


def _is_cluster(cluster: Path) -> bool:
    major = major_of(cluster)
    if major is None:
        if cluster.exists() and any(cluster.iterdir()):
            raise Refusal(f"{cluster} holds something that is not a database.")
        if upgraded(cluster).exists():
            raise Refusal(f"An upgrade of {cluster} broke off. Run `muniment upgrade`.")
        require_none_aside(cluster)
        return False
    if major != MAJOR:
        mend = "Run `muniment upgrade`" if int(major) < int(MAJOR) else "Use the newer Muniment"
        raise Refusal(
            f"{cluster} was made by PostgreSQL {major}; this is PostgreSQL {MAJOR}. {mend}."
        )
    return True


def _run(command: list[str], folder: Path, account: Account, script: str) -> None:
    process = _popen(
        command,
        folder,
        account,
        signal.SIGKILL,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = process.communicate(script.encode())
    text = said.decode(errors="replace")
    # Single-user mode ends with 0 also after a statement that failed.
    if process.returncode != 0 or "ERROR:" in text:
        if NO_SPACE in text:
            raise OutOfSpace(f"There is no space to make the database in {folder.parent}.")
        raise Refusal(f"The database cannot be made: {' '.join(text.split())[-400:]}")


def _popen(
    command: list[str],
    folder: Path,
    account: Account,
    when_orphaned: signal.Signals,
    stdout: IO[bytes] | int,
    stderr: IO[bytes] | int,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def in_child() -> None:  # runs after the change of account, as the kernel's rule asks
        default_signals()
        die_with_parent(parent, by=when_orphaned)

    return subprocess.Popen(
        command,
        cwd=folder,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env={"LANG": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)},
        preexec_fn=in_child,
        process_group=0,  # the terminal's Ctrl-C is for the supervisor alone
        user=account.uid if account.switched else None,
        group=account.gid if account.switched else None,
        extra_groups=[] if account.switched else None,
        umask=0o077,
    )
