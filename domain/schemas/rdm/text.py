"""Texts and links.

A text is kept as it came, without blanks around it and without the characters that XML cannot hold
and the zero-width space. Source: the InvenioRDM specification, 5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from domain.schemas.rdm.reading import MISSING, Reader, Reading

MOST_SHORT = 2_048  # characters of what a library looks into: identifiers, links, dates
_UNWANTED = re.compile("[^\t\n\r\x20-\u200a\u200c-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tidy(value: str) -> str:
    """Return a text without blanks around it and without characters nobody means."""
    return (value if value.isprintable() else _UNWANTED.sub("", value)).strip()


def text(*, least: int = 0, most: int | None = None, blank: str | None = None) -> Reader:
    """Read a text of `least` to `most` characters; `blank`: the message when there are too few."""
    short = blank or f"Shorter than minimum length {least}."

    def read(value: Any, reading: Reading) -> Any:
        if not isinstance(value, str):
            reading.fault("Not a valid string.")
            return MISSING
        found = tidy(value)
        if len(found) < least:
            reading.fault(short)
            return MISSING
        if most is not None and len(found) > most:
            reading.fault(f"Longer than maximum length {most}.")
            return MISSING
        return found

    return read


def one_of(choices: tuple[str, ...]) -> Reader:
    """Read one of a few words."""
    message = f"Invalid value. Choose one of {list(choices)}."

    def read(value: Any, reading: Reading) -> Any:
        if value in choices:
            return value
        reading.fault(message)
        return MISSING

    return read


def link(value: Any, reading: Reading) -> Any:
    """Read the URL of a page."""
    found = _SHORT(value, reading)
    if found is MISSING or is_link(found):
        return found
    reading.fault("Not a valid URL.")
    return MISSING


def is_link(value: str) -> bool:
    """Say whether this is a URL that a browser may follow."""
    if any(map(str.isspace, value)):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https", "ftp", "ftps") and bool(parts.hostname)
    except ValueError:
        return False


def by_language(*, single: bool = False) -> Reader:
    """Read texts by language, as {"en": …}; `single`: in one language."""

    def read(value: Any, reading: Reading) -> Any:
        if not isinstance(value, Mapping):
            reading.fault("Not a valid mapping type.")
            return MISSING
        if single and len(value) > 1:
            reading.fault("Only one value is accepted.")
            return MISSING
        kept = {}
        for language, said in value.items():
            if _LANGUAGE.fullmatch(language) is None:
                reading.fault("Not a valid locale.", language)
            elif not isinstance(said, str):
                reading.fault("Not a valid string.", language)
            else:
                kept[language] = tidy(said)
        return kept or MISSING

    return read


_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SHORT = text(most=MOST_SHORT)
