"""Words and dates in the language of who reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, Literal

from domain.schemas.rdm.dates import Day, parse

Length = Literal["medium", "long"]

ENGLISH = "en"
_SKELETONS = {  # by precision: year, month, day
    "medium": ("y", "yMMM", "yMMMd"),
    "long": ("y", "yMMMM", "yMMMMd"),
}


def localised(texts: Mapping[str, str], *languages: str) -> str | None:
    """Return the text in the first of languages (`en`, `en_US`) that there is one in.

    Else it is in English, else in any; None where there is no text.
    """
    for language in (*languages, ENGLISH):
        for each in (language, language.replace("-", "_"), base_of(language)):
            if each in texts:
                return texts[each]
    return next(iter(texts.values()), None)


def base_of(language: str) -> str:
    """Return a language without its region."""
    return language.replace("-", "_").partition("_")[0].lower()


@lru_cache(4_096)
def date_in_words(value: str, length: Length, language: str) -> str | None:
    """Return a date or an interval in words; None when it is not one."""
    days = parse(value)
    if not days or min(day.year for day in days) == 0:
        return value if days else None
    precision = max(_precision(day) for day in days)
    locale = _locale(language)
    babel = _babel()
    first = date(*days[0].first)
    skeleton = _SKELETONS[length][precision]
    if len(days) == 2:
        last = date(*days[1].last)
        return str(babel.format_interval(first, last, skeleton, locale=locale))
    if precision == 2:
        return str(babel.format_date(first, format=length, locale=locale))
    return str(babel.format_skeleton(skeleton, first, locale=locale))


def _precision(day: Day) -> int:
    return (day.month is not None) + (day.day is not None)


@cache
def _babel() -> Any:
    """Load babel when it is first needed."""
    from babel import dates

    return dates


@lru_cache(1_024)
def _locale(language: str) -> Any:
    """Return the locale of a language, English for one that is not known."""
    from babel import Locale, UnknownLocaleError

    for each in (language.replace("-", "_"), base_of(language)):
        try:
            return Locale.parse(each)
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale.parse(ENGLISH)
