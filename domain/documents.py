"""A request's JSON, read strictly: what is accepted means one thing to every reader.

Refused beside what JSON itself forbids: repeated keys, lone surrogates, NUL, integers beyond 64
bits, numbers too large for a double, nesting past a depth, a byte order mark. Numbers are read as
64-bit integers and doubles, which may drop digits (1.00000000000000000001 is read as 1.0): that
serves checks and searches. What is stored is the bytes as they came, so no value is ever changed.

Reading takes a few passes of C over the bytes. Only where they find something suspicious does
`domain.tokens` go through the tokens, to say exactly what is wrong and where, or that nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import orjson

from domain import tokens
from domain.errors import Invalid

MAX_DEPTH = 100
MOST_DEPTH = 254  # containers within one another that orjson writes; a test holds it to that
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19  # an integer of fewer digits fits in 64 bits
_LONG_NUMBER = re.compile(rb"(?:\A|(?<=[\[:,\s-]))[0-9]{19,}+(?=[\s,\]}]|\Z)")
_ESCAPED = re.compile(rb"\\u00(?:00|3[aA])")  # NUL and the colon
_CONSTANT = re.compile(r"-?(?:NaN|Infinity)\b")


def read(raw: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value that `raw` holds.

    `max_depth`, up to MOST_DEPTH, counts arrays and objects within one another. Raises Invalid; its
    message says what is wrong and the line, the column and the path where.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid(_unreadable(raw, error)) from error
    if _is_suspicious(raw, value, max_depth) and (refusal := tokens.refusal(raw, max_depth)):
        raise refusal
    return value


def split(raw: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of a JSON object, each as the exact bytes that `raw` holds.

    For bytes that `read` accepted. Raises Invalid when they are not an object.
    """
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        raise Invalid("The body must be a JSON object.") from error


def joined(members: Mapping[str, msgspec.Raw]) -> bytes:
    """Return the JSON object of these members, each as it is."""
    said = (b"%b:%b" % (orjson.dumps(name), bytes(each)) for name, each in members.items())
    return b"{%b}" % b",".join(said)


def _is_suspicious(raw: bytes, value: Any, max_depth: int) -> bool:
    """Say whether the value may be less than the bytes say: never False when it is.

    Every colon of the bytes is written again, those in text too, unless a repeated key took its
    pair away or the colon was escaped. Too deep a value cannot be written inside so many lists that
    only `max_depth` levels are left to it.
    """
    if raw.count(b"[") + raw.count(b"{") > max_depth:
        for _ in range(MOST_DEPTH - max_depth):
            value = [value]
    try:
        written = orjson.dumps(value)
    except TypeError:
        return True
    if raw.count(b":") != written.count(b":"):
        return True
    if _ESCAPED.search(raw):
        return True
    return _LONG in raw.translate(_ZEROS) and _LONG_NUMBER.search(raw) is not None


def _unreadable(raw: bytes, error: orjson.JSONDecodeError) -> str:
    """Return why orjson refused the bytes, in words that help."""
    if not raw.strip():
        return "The JSON is empty."
    if raw.startswith(b"\xef\xbb\xbf"):
        return "The JSON begins with a byte order mark; it must begin with the value."
    try:
        text = raw.decode()
    except UnicodeDecodeError as wrong:
        return f"The JSON is not UTF-8: byte {raw[wrong.start]:#04x} at offset {wrong.start}."
    line = text.split("\n", error.lineno)[error.lineno - 1]
    reason = error.msg
    around = max(error.colno - 2, 0)
    if found := _CONSTANT.match(line, around) or _CONSTANT.match(line, error.colno - 1):
        reason = f"{found[0]} is no JSON value"
    elif "surrogate" in reason:
        reason = f"a lone surrogate: {reason}"
    return f"The JSON is not valid: {reason} (line {error.lineno}, column {error.colno})."
