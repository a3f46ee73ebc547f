"""Words in several languages, English among them. Source: SampleDB, "Languages"."""

from __future__ import annotations

import re
from typing import Any

from domain.errors import Invalid

Words = dict[str, str]  # language → the words in it

ENGLISH = "en"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")  # Source: BCP 47
LANGUAGES = 50  # that words may be in


def words(value: Any, what: str, *, longest: int, least: int = 0) -> Words:
    """Return a text, which is English, or an object of texts by language, as words.

    Each has `least` to `longest` characters, blanks around it aside. Raises Invalid naming `what`.
    """
    found = {ENGLISH: value} if isinstance(value, str) else value
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise Invalid(f"{what} must be a text, or an object of texts by language")
    if ENGLISH not in found:
        raise Invalid(f"{what} must be given in English too, as {ENGLISH!r}")
    if len(found) > LANGUAGES or not all(map(LANGUAGE.fullmatch, found)):
        raise Invalid(f"{what} must have languages as 'en' or 'de', at most {LANGUAGES} of them")
    for text in found.values():
        if not least <= len(text.strip()) or len(text) > longest:
            raise Invalid(f"{what} must have {least} to {longest} characters")
    return found
