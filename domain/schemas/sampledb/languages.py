"""The languages of texts. Source: the SampleDB specification, 4: a fresh server's."""

from __future__ import annotations

from types import MappingProxyType

NAMES = MappingProxyType({"en": "English", "de": "German"})
"""The languages that are known, by their code; schemas may be written in any of them."""
FOR_INPUT = frozenset({"en"})
"""Those that data may be written in."""
ENGLISH = frozenset({"en"})


def allowed(languages: object) -> frozenset[str]:
    """Return the languages that a text may be given in: what its schema says, where enabled."""
    if languages is None:
        return ENGLISH
    if isinstance(languages, list):
        return FOR_INPUT & frozenset(languages)
    return FOR_INPUT


def shown(text: object) -> str:
    """Return a text of a schema, or its English translation."""
    return str(text.get("en", "")) if isinstance(text, dict) else str(text)
