"""Files of vocabularies, entry by entry, in memory that does not grow with them.

JSON lines, a JSON array as the Research Organization Registry gives it, and YAML as InvenioRDM's
installations keep it; each may be compressed with gzip.
"""

from __future__ import annotations

import gzip
import mmap
import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import yaml
from msgspec import Raw
from yaml._yaml import CParser
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.events import SequenceEndEvent, SequenceStartEvent
from yaml.resolver import Resolver

from domain.errors import Invalid

UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeError, yaml.YAMLError)
BROKEN = (gzip.BadGzipFile, zlib.error, EOFError)  # what is not compressed as it says


class Entry(NamedTuple):
    """One entry: where it stands, what reads it, and how many bytes of the file came so far."""

    where: str
    read: Callable[[], Any]  # raises UNREADABLE
    done: int


def entries(path: Path) -> Iterator[Entry]:
    """Give the entries of a file. Raises Invalid for one that is none of these at all."""
    kind = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if kind not in READERS:
        raise Invalid(f"{path.name} ends in none of {', '.join(READERS)}.")
    with path.open("rb") as raw:
        file: Any = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
        try:
            yield from READERS[kind](file, raw)
        except (*UNREADABLE, *BROKEN) as error:
            raise Invalid(f"{path.name} cannot be read: {' '.join(str(error).split())}") from None


def _lines(file: IO[bytes], raw: IO[bytes]) -> Iterator[Entry]:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield Entry(f"line {number}", partial(msgspec.json.decode, line), raw.tell())


def _array(file: IO[bytes], raw: IO[bytes]) -> Iterator[Entry]:
    # The file stays where it is: its entries are views into it.
    size = os.stat(raw.fileno()).st_size  # noqa: PTH116 - it is open
    mapped = file is raw and size > 0
    whole = mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) if mapped else file.read()
    items = msgspec.json.decode(whole, type=list[Raw])
    for number, item in enumerate(items, 1):
        done = size * number // len(items)
        yield Entry(f"entry {number}", partial(msgspec.json.decode, item), done)


class _Entries(Composer, CParser, SafeConstructor, Resolver):
    """Composes one entry at a time of what libyaml parses: yaml.CSafeLoader takes a file whole."""

    def __init__(self, file: IO[bytes]) -> None:
        CParser.__init__(self, file)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)


def _yaml(file: IO[bytes], raw: IO[bytes]) -> Iterator[Entry]:
    loader = _Entries(file)
    try:
        for _ in ("stream", "document"):
            loader.get_event()
        if not loader.check_event(SequenceStartEvent):
            raise yaml.YAMLError("it is not a list of entries")
        loader.get_event()
        while not loader.check_event(SequenceEndEvent):
            node: Any = loader.compose_node(None, None)  # type: ignore[arg-type]
            where = f"line {node.start_mark.line + 1}"
            yield Entry(where, partial(loader.construct_document, node), raw.tell())
    finally:
        loader.dispose()


READERS: dict[str, Callable[[IO[bytes], IO[bytes]], Iterator[Entry]]] = {
    ".jsonl": _lines,
    ".ndjson": _lines,
    ".json": _array,
    ".yaml": _yaml,
    ".yml": _yaml,
}
