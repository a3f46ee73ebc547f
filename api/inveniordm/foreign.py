"""Records that other doors made, as this one shows them: by their title, with their document."""

from __future__ import annotations

import msgspec
import orjson
from msgspec import Raw

LARGEST = 16 << 10  # bytes of a title; what is longer is none

_members = msgspec.json.Decoder(dict[str, Raw])


def title(document: bytes) -> str | None:
    """Return what a document says that it is called, as `name` or `title`; None: it does not."""
    try:
        members = _members.decode(document)
    except msgspec.DecodeError:  # it is no object
        return None
    for name in ("name", "title"):
        raw = members.get(name)
        if (
            raw is not None
            and len(raw) <= LARGEST
            and (found := _text(orjson.loads(memoryview(raw))))
        ):
            return found
    return None


def _text(value: object) -> str | None:
    """Return a text as it is, within SampleDB's object, or in a language: English if there is."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return None
    if "text" in value:
        return _text(value["text"])
    texts = [value.get("en"), *value.values()]
    return next((each for each in texts if isinstance(each, str) and each), None)
