"""The folder of a backup: segments of the log, blobs by name, small files, and what is whole.

`backup.json` says which files are the backup; what it does not name is of no account. It is
replaced in one step, after everything that it names is on the disk: a backup that broke off leaves
the one before it, or none. Nothing that it names is ever written to again: a file that changes gets
another name. Source: DESIGN.md "Files".
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from domain.errors import Conflict, Damaged, OutOfSpace, Refusal
from domain.storage import segments
from domain.storage.durable import FULL, sync_folder
from domain.storage.local import LocalBlobs
from domain.storage.segments import Stored, Writer
from domain.storage.space import Space

NAME = "backup.json"
FORM = 1  # of the folder; a later one is refused
OURS = {NAME, f"{NAME}.new", "lock", "log", "files", "blobs"}
UNKNOWN = "0" * 64  # in place of a digest
NOBODYS = {"lost+found"}  # in a new ext4 file system


class Segment(Struct, frozen=True):
    """Events at positions from `start` up to `stop`, which is not among them.

    `stop` None: up to the end, and more of them may appear before the last.
    """

    file: str
    sha256: str  # of the file
    start: int
    stop: int | None
    events: int
    said: int  # of these, how many are not erased
    size: int  # bytes before compression
    mark: str  # of the leaves (domain/storage/segments.py)


class Kept(Struct, frozen=True):
    """A small file: keys, checkpoints, a small table. `file` is its name in the backup."""

    file: str
    sha256: str


class Contents(Struct, frozen=True):
    """What a backup is made of. Instants are UTC."""

    form: int
    muniment: str  # the version that made it
    migration: int  # the last step of the database that it is of
    made_at: datetime
    horizon: int  # below this position nothing more could appear
    checkpoint: str | None  # the last that was signed
    key: str | None  # what it is checked with
    without: tuple[str, ...] = ()  # files that were left out
    segments: tuple[Segment, ...] = ()
    files: dict[str, Kept] = {}
    tables: dict[str, Kept] = {}  # what does not follow from the log, as CSV with a header
    missing: tuple[str, ...] = ()  # blobs that the log names and the store had not, or damaged
    sha256: str = UNKNOWN  # of the file that says all this, with UNKNOWN in this place

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(each.events for each in self.segments)


class Archive:
    """A backup's folder, which need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.blobs = LocalBlobs(self.folder / "blobs", Space(self.folder, 0))

    @contextmanager
    def written(self) -> Iterator[None]:
        """Have the folder for the block, alone, to write to it.

        Raises Conflict when somebody else does or something else is there, OutOfSpace, Refusal.
        """
        with self._refusing():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            foreign = {each.name for each in self.folder.iterdir()} - OURS - NOBODYS
            if foreign and not (self.folder / NAME).exists():
                raise Conflict(
                    f"{self.folder} holds something that is not a backup, as {min(foreign)!r}."
                    " Name an empty folder."
                )
            self.folder.chmod(0o700)
            for name in ("log", "files"):
                (self.folder / name).mkdir(mode=0o700, exist_ok=True)
            with self._locked(os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX):
                yield

    @contextmanager
    def read(self) -> Iterator[Contents]:
        """Have nobody write to the folder for the block; what is in it.

        Raises Conflict when somebody does, NotFound, Damaged.
        """
        with ExitStack() as stack:
            with self._refusing():
                if (self.folder / "lock").exists():  # else it is perhaps a copy
                    stack.enter_context(self._locked(os.O_RDONLY, fcntl.LOCK_SH))
                found = self._required()
            yield found

    def contents(self) -> Contents | None:
        """Return what is whole; None where nothing is. Raises Damaged, Refusal for a later form."""
        path = self.folder / NAME
        try:
            said = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            form = msgspec.json.decode(said, type=dict[str, msgspec.Raw]).get("form")
            if form is not None and int(bytes(form)) > FORM:
                raise Refusal(f"{self.folder} was written by a newer Muniment. Use that one.")
            found = msgspec.json.decode(said, type=Contents)
        except (msgspec.MsgspecError, ValueError) as error:
            raise Damaged(f"{path} is damaged: {error}.") from error
        plain = said.replace(found.sha256.encode(), UNKNOWN.encode())
        if found.sha256 not in (UNKNOWN, sha256(plain).hexdigest()):  # earlier ones have none
            raise Damaged(f"{path} is damaged: it does not give its digest.")
        return found

    def segment(self) -> Writer:
        """Begin another segment."""
        return Writer(self.folder / "log" / "segment.new")

    def end_segment(self, writer: Writer, start: int, stop: int | None) -> Segment:
        """Make a segment durable, under a name that nothing else has."""
        writer.end()
        file, digest = self._named(writer.path, f"{start:019d}")
        return Segment(
            file, digest, start, stop, writer.events, writer.said, writer.size, writer.mark
        )

    def events(self, segment: Segment) -> Iterator[Stored]:
        """Give a segment's events, in order. Raises Damaged."""
        return segments.read(self.folder / segment.file, segment.sha256)

    def has(self, segment: Segment, *, whole: bool) -> bool:
        """Whether a segment is there; `whole`: with the bytes that it was written with."""
        try:
            with (self.folder / segment.file).open("rb") as file:
                return not whole or segments.digest_of(file) == segment.sha256
        except OSError:
            return False

    def keep(self, name: str, path: Path) -> Kept | None:
        """Copy a small file, durably; None where there is none. Raises OSError."""
        try:
            with path.open("rb") as source:
                return self.keep_parts(name, iter(lambda: source.read(segments.PIECE), b""))
        except FileNotFoundError:
            return None

    def keep_parts(self, name: str, parts: Iterable[Any]) -> Kept:
        """Keep a small file of these bytes, durably. Raises OSError."""
        new = self.folder / "files" / "file.new"
        with new.open("wb") as target:
            os.fchmod(target.fileno(), 0o600)
            target.writelines(parts)
            target.flush()
            os.fsync(target.fileno())
        return Kept(*self._named(new, name))

    def kept(self, kept: Kept) -> bytes:
        """Return what a small file has. Raises Damaged."""
        path = self.folder / kept.file
        try:
            with path.open("rb") as file:
                if segments.digest_of(file) != kept.sha256:
                    raise Damaged(f"{path} is damaged.")
            return path.read_bytes()
        except OSError as error:
            raise Damaged(f"{path} cannot be read: {error.strerror}.") from error

    def replace(self, contents: Contents) -> None:
        """Have this be the backup, from the moment on in which it is durable; drop what is not."""
        for name in ("log", "files"):
            sync_folder(self.folder / name)
        new = self.folder / f"{NAME}.new"
        with new.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            said = msgspec.json.format(msgspec.json.encode(contents), indent=1)
            file.write(said.replace(UNKNOWN.encode(), sha256(said).hexdigest().encode()))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / NAME)
        sync_folder(self.folder)
        sync_folder(self.folder.parent)
        named = {each.file for each in contents.segments}
        named |= {each.file for each in (*contents.files.values(), *contents.tables.values())}
        for name in ("log", "files"):
            for path in (self.folder / name).iterdir():
                if f"{name}/{path.name}" not in named:
                    path.unlink()

    def _named(self, new: Path, begins: str) -> tuple[str, str]:
        """Give a durable file the name of its content; return it, and its digest."""
        with new.open("rb") as file:
            digest = segments.digest_of(file)
        done = new.with_name(f"{begins}.{digest[:16]}")
        new.replace(done)
        return f"{new.parent.name}/{done.name}", digest

    def _required(self) -> Contents:
        found = self.contents()
        if found is None:
            raise Refusal(
                f"{self.folder} holds no backup that was finished: there is no {NAME} in it."
            )
        return found

    @contextmanager
    def _locked(self, flags: int, kind: int) -> Iterator[None]:
        lock = os.open(self.folder / "lock", flags | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(f"Another process is at work on {self.folder}.") from None
            yield
        finally:
            with suppress(OSError):
                os.close(lock)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Turn what the disk refuses into refusals."""
        full = f"There is no space in {self.folder}. What was there before is as it was."
        try:
            yield
        except OutOfSpace as error:
            raise OutOfSpace(full) from error
        except OSError as error:
            if error.errno in FULL:
                raise OutOfSpace(full) from error
            raise Refusal(f"{self.folder} cannot be used: {error}.") from error
