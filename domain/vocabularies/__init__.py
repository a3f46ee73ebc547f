"""The vocabularies that come with Muniment; what each is made of stands in SOURCES.md.

Made by scripts/make_vocabularies.py. One file a type, one term a line.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files

import msgspec
from msgspec import Struct

from domain.term import TYPES, Content, Ref, Type

LINES = ".jsonl.gz"


class Line(Struct, frozen=True, omit_defaults=True):
    """A term as it stands in a file."""

    id: str
    content: Content


_decoder = msgspec.json.Decoder(Line)


def digest() -> str:
    """Return what names these vocabularies in this state: others have another one."""
    return sha256(b"".join(file for _, file in _files())).hexdigest()


def built_in() -> dict[Ref, Content]:
    """Return every term that comes with Muniment. Takes some 40 ms."""
    return {
        Ref(type_, each.id): each.content
        for type_, file in _files()
        for each in _decoder.decode_lines(gzip.decompress(file))
    }


def _files() -> Iterator[tuple[Type, bytes]]:
    for type_ in TYPES:
        file = files("domain.vocabularies").joinpath(f"{type_}{LINES}")
        if file.is_file():
            yield type_, file.read_bytes()
