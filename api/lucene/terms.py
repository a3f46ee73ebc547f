"""Words, phrases and patterns → conditions on a place, or on all words of a record.

None is what asks for nothing: a text of signs alone has no words.
"""

from __future__ import annotations

import unicodedata

import base32_lib

from api.lucene import patterns
from api.lucene.fields import Place, equal, there
from domain.identifiers import PID
from projections.conditions import (
    All,
    Always,
    Condition,
    Either,
    Field,
    HasMatch,
    HasNear,
    HasPhrase,
    HasSimilar,
    IsKnown,
    KnownMatch,
)
from projections.known import TYPES
from projections.texts import folded, pieces

FARTHEST = 20  # places: what is farther from one another is anywhere


def phrase(text: str, at: Place | None = None) -> Condition | None:
    """Return that the words of a text stand one after another, or that it names the record."""
    if isinstance(at, str):
        return equal(at, text)
    if not pieces(text):
        return None
    found = HasPhrase(text, at)
    if at is None and _is_pid(text.lower()):
        ids = (IsKnown("id", "==", text.lower()), IsKnown("parent.id", "==", text.lower()))
        return Either((found, *ids))
    return found


def near(text: str, slop: int, at: Place | None) -> Condition | None:
    """Return that the words of a text follow one another with at most `slop` others between."""
    words = pieces(text)
    if isinstance(at, str) or slop < 1 or len(words) < 2:
        return phrase(text, at)
    if slop >= FARTHEST:
        return All(tuple(HasPhrase(each, at) for each in words))
    return HasNear(text, slop + 1, at)


def similar(text: str, at: Place | None) -> Condition | None:
    """Return that there is a word that differs from this one by at most one edit."""
    text = _plain(text)[0]
    if isinstance(at, str) or len(pieces(text)) != 1:
        return phrase(text, at)
    return HasSimilar(text, at)


def word(written: str, at: Place | None) -> Condition | None:
    """Return what a term asks for, in which `*` and `?` are wildcards."""
    if not written.strip("*"):
        return Always(True) if at is None else there(at)
    text, wild = _plain(written)
    if not wild:
        return phrase(text, at)
    if isinstance(at, str):
        return matching(at, patterns.wildcards(*_folded(text, wild)))
    if wild == {len(text) - 1} and text.endswith("*"):
        return HasPhrase(text[:-1], at, open_end=True) if pieces(text[:-1]) else None
    parts = [_part(each, places, at) for each, places in _split(*_folded(text, wild))]
    asked = tuple(each for each in parts if each is not None)
    if len(asked) < 2:
        return asked[0] if asked else None
    return All(asked)


def matching(at: Place | None, pattern: patterns.Pattern) -> Condition:
    """Return that a word is matched whole, or what is known of the record is."""
    if at is None or isinstance(at, Field):
        return HasMatch(pattern.text, pattern.begins, at)
    return KnownMatch(at, f"^(?:{pattern.text})$") if TYPES[at] == "text" else Always(False)


def _part(piece: str, wild: frozenset[int], at: Field | None) -> Condition | None:
    if not piece.strip("*"):
        return None  # any word
    if not wild:
        return HasPhrase(piece, at)
    if wild == {len(piece) - 1} and piece.endswith("*"):
        return HasPhrase(piece[:-1], at, open_end=True)
    return matching(at, patterns.wildcards(piece, wild))


def _plain(written: str) -> tuple[str, frozenset[int]]:
    """Return a term without its backslashes, and where in it there are wildcards."""
    text: list[str] = []
    wild: set[int] = set()
    signs = iter(written)
    for each in signs:
        if each == "\\":
            text.append(next(signs, ""))
            continue
        if each in "*?":
            wild.add(len(text))
        text.append(each)
    return "".join(text), frozenset(wild)


def _folded(text: str, wild: frozenset[int]) -> tuple[str, frozenset[int]]:
    """Return a text with wildcards folded: it may become longer or shorter."""
    parts: list[str] = []
    places: set[int] = set()
    length = 0
    for at, each in enumerate(text):
        part = each if at in wild else folded(each)
        if at in wild:
            places.add(length)
        parts.append(part)
        length += len(part)
    return "".join(parts), frozenset(places)


def _split(text: str, wild: frozenset[int]) -> list[tuple[str, frozenset[int]]]:
    """Return what stands between the signs of a text, with the wildcards of each."""
    found: list[tuple[str, frozenset[int]]] = []
    begin = 0
    for at in range(len(text) + 1):
        inside = at < len(text) and (at in wild or unicodedata.category(text[at])[0] in "LNM")
        if inside:
            continue
        if begin < at:
            found.append((text[begin:at], frozenset(w - begin for w in wild if begin <= w < at)))
        begin = at + 1
    return found


def _is_pid(text: str) -> bool:
    """Whether a text is a public id, with its check."""
    if not PID.fullmatch(text):
        return False
    try:
        base32_lib.decode(text, checksum=True)
    except ValueError:
        return False
    return True
