"""HTML, made harmless by nh3 (ammonia) with InvenioRDM's list of elements.

MathML is not on it: its ways in and out of HTML are where sanitisers have failed.
Source: the InvenioRDM specification, 5.
"""

from __future__ import annotations

import html
import re
from typing import Any

import nh3

from domain.schemas.rdm.reading import MISSING, Reader, Reading
from domain.schemas.rdm.text import tidy

# What HTML costs may grow with the square of its tags, or of a tag's attributes: all HTML of one
# record, as it came and as it is kept, stays within these. Text without tags costs next to nothing.
MOST_TAGS = 5_000
MOST_MARKUP = 100_000  # characters
MOST_REOPENED = 100_000  # elements that open again, by all elements
SHORT_MARKUP = 20_000  # characters; a longer text must have tags whose ends are plain to see


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
