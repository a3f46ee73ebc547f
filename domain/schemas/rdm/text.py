"""Texts, plain and in HTML. Source: the InvenioRDM specification, 5.

A text is kept as it came, without blanks around it and without the characters that XML cannot hold
and the zero-width space. HTML is sanitised by nh3 (ammonia) with InvenioRDM's list of elements;
MathML is not on it, as its ways in and out of HTML are where sanitisers have failed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import nh3

from domain.schemas.rdm.reading import MISSING, Reader, Reading

MOST_SHORT = 2_048  # characters of what a library looks into: identifiers, links, dates
# What HTML costs may grow with the square of its tags, or of a tag's attributes: all HTML of one
# record, as it came and as it is kept, stays within these. Text without tags costs next to nothing.
MOST_TAGS = 5_000
MOST_MARKUP = 100_000  # characters
MOST_REOPENED = 100_000  # elements that open again, by all elements
SHORT_MARKUP = 20_000  # characters; a longer text must have tags whose ends are plain to see

_UNWANTED = re.compile("[^\t\n\r\x20-\u200a\u200c-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENTS = """
    a abbr acronym b blockquote br code div em h1 h2 h3 h4 h5 i li ol p pre span strike strong sub
    sup table tbody td th tr u ul
"""
_CLEANER = nh3.Cleaner(
    tags=set(_ELEMENTS.split()),
    attributes={
        "a": {"href", "title", "name", "target", "rel"},
        "abbr": {"title"},
        "acronym": {"title"},
    },
    url_schemes={"http", "https", "mailto", "ftp"},
    link_rel=None,
)
_STRIPPER = nh3.Cleaner(tags=set())
# Formatting elements open again in each later block as often as they differ: n of them and m blocks
# make n * m elements (the HTML standard, "reconstruct the active formatting elements").
_REOPENED = re.compile(
    r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/]", re.IGNORECASE
)
# A tag of at most 4,000 characters and quoted values. What a browser takes for the start of a
# quoted value, an equals sign and a quote, is one here too: no tag is longer than this says.
_VALUE = r"""=\s*+(?:"(?:[^"<=]|=(?!\s*+["']))*+"|'(?:[^'<=]|=(?!\s*+["']))*+')"""
_PLAIN_TAG = re.compile(rf"""<[a-zA-Z/!?](?:[^<>"'=]|{_VALUE}|=(?!\s*+["'])){{0,4000}}+>""")
_TAG = re.compile("<[a-zA-Z/!?]")


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


def markup(*, least: int) -> Reader:
    """Read HTML: sanitised, then of at least so many characters."""

    def read(value: Any, reading: Reading) -> Any:
        if not isinstance(value, str):
            reading.fault("Not a valid string.")
            return MISSING
        given = tidy(value)
        if not _is_affordable(given, reading):
            reading.fault(_TOO_MUCH)
            return MISSING
        found = sanitised(given)
        if not _is_affordable(found, reading):
            reading.fault(_TOO_MUCH)
            return MISSING
        if len(found) < least:
            reading.fault(f"Shorter than minimum length {least}.")
            return MISSING
        tags = max(given.count("<"), found.count("<"))
        if tags:
            reading.tags += tags
            reading.markup += max(len(given), len(found))
        return found

    return read


def _is_affordable(found: str, reading: Reading) -> bool:
    tags = found.count("<")
    return not tags or (
        reading.tags + tags <= MOST_TAGS
        and reading.markup + len(found) <= MOST_MARKUP
        and len(_REOPENED.findall(found)) * tags <= MOST_REOPENED
        and (len(found) <= SHORT_MARKUP or _is_plain(found))
    )


def _is_plain(found: str) -> bool:
    return len(_PLAIN_TAG.findall(found)) == len(_TAG.findall(found))


_TOO_MUCH = (
    f"Too much HTML: a record has at most {MOST_TAGS} tags, "
    f"all of them closed, in texts of {MOST_MARKUP} characters altogether."
)


def sanitised(value: str) -> str:
    """Return HTML of which only the listed elements are left; sanitised again it is the same."""
    found = _CLEANER.clean(value).strip()
    for _ in range(3):
        again = _CLEANER.clean(found).strip()
        if again == found:
            return found
        found = again
    return html.escape(_STRIPPER.clean(found), quote=False)


def stripped(value: str) -> str:
    """Return the text of HTML alone."""
    return html.unescape(_STRIPPER.clean(value)).strip()


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
