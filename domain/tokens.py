"""The tokens of valid JSON, one by one: slow, and exact about what is refused and where."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import orjson

from domain.errors import Fault, Invalid, Path

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|[^\s\[\]{},:"]++')
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1


@dataclass(slots=True)
class _Open:
    """An array or object that is being read."""

    is_object: bool
    key: str | int
    awaits_key: bool
    keys: set[str] = field(default_factory=set)


def refusal(raw: bytes, max_depth: int) -> Invalid | None:
    """Return the first reason to refuse valid JSON, or None when there is none."""
    inside: list[_Open] = []
    for match in _TOKEN.finditer(raw):
        token = match[0]
        reason = None
        match token[:1]:
            case b"[" | b"{":
                if len(inside) == max_depth:
                    reason = f"more than {max_depth} levels within one another"
                elif token == b"{":
                    inside.append(_Open(is_object=True, key="", awaits_key=True))
                else:
                    inside.append(_Open(is_object=False, key=0, awaits_key=False))
            case b"]" | b"}":
                inside.pop()
            case b",":
                top = inside[-1]
                if isinstance(top.key, int):
                    top.key += 1
                top.awaits_key = top.is_object
            case b'"':
                reason = _text(token, inside[-1] if inside else None)
            case b"-" | b"0" | b"1" | b"2" | b"3" | b"4" | b"5" | b"6" | b"7" | b"8" | b"9":
                reason = _number(token)
        if reason:
            return _refused(raw, match.start(), tuple(each.key for each in inside), reason)
    return None


def _text(token: bytes, top: _Open | None) -> str | None:
    is_key = top is not None and top.awaits_key
    if not is_key and b"\\u0000" not in token:
        return None
    text: str = orjson.loads(token)
    if top is not None and is_key:
        top.awaits_key = False
        top.key = text
        if text in top.keys:
            return f"the key {orjson.dumps(text[:200]).decode()} is repeated"
        top.keys.add(text)
    return "NUL (\\u0000) in text" if "\0" in text else None


def _number(token: bytes) -> str | None:
    if len(token) < 19 or not token.removeprefix(b"-").isdigit():
        return None
    # Longer ones are out of range, and Python takes its time to read thousands of digits.
    if len(token) <= 20 and _SMALLEST <= int(token) <= _LARGEST:
        return None
    return f"the integer {token[:40].decode()} does not fit in 64 bits"


def _refused(raw: bytes, start: int, path: Path, reason: str) -> Invalid:
    line = raw.count(b"\n", 0, start) + 1
    column = len(raw[raw.rfind(b"\n", 0, start) + 1 : start].decode()) + 1
    place = "".join(f"/{part}" for part in path)[:400]
    where = f"line {line}, column {column}" + (f", at {place}" if place else "")
    return Invalid(f"The JSON is refused: {reason} ({where}).", (Fault(path, reason),))
