"""The members of a body whose fields are few and small, each asked for by its type."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from domain.errors import Invalid
from domain.intake import UNREAD, Document, members
from domain.languages import Words, words

NEEDED: Final[Any] = object()  # as a default: there is none


class Fields:
    """A JSON object with no other members than `known`. Raises Invalid naming what is wrong."""

    def __init__(self, body: bytes, depth: int, known: Collection[str]) -> None:
        self.found: dict[str, Document] = members(body, depth)
        for key in self.found:
            if key not in known:
                raise Invalid(f"invalid key '{key[:40]}'")

    def get(self, key: str, default: Any = NEEDED) -> Any:
        """Return a member's value, or the default where it is absent."""
        if key not in self.found:
            if default is NEEDED:
                raise Invalid(f"{key} must be set")
            return default
        value = self.found[key].value
        if value is UNREAD:
            raise Invalid(f"{key} is too long")
        return value

    def boolean(self, key: str, default: Any = NEEDED) -> bool:
        """Return a bool."""
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise Invalid(f"{key} must be true or false")
        return value

    def integer(self, key: str, default: Any = NEEDED) -> int:
        """Return an integer."""
        return _integer(self.get(key, default), f"{key} must be an integer")

    def integer_or_null(self, key: str, default: Any = NEEDED) -> int | None:
        """Return an integer or None."""
        value = self.get(key, default)
        return None if value is None else _integer(value, f"{key} must be an integer or null")

    def integers(self, key: str, default: Any = NEEDED) -> list[int]:
        """Return a list of integers."""
        value = self.get(key, default)
        wrong = f"{key} must be a list of integers"
        if not isinstance(value, list):
            raise Invalid(wrong)
        return [_integer(each, wrong) for each in value]

    def text(self, key: str) -> str:
        """Return a text."""
        value = self.get(key)
        if not isinstance(value, str):
            raise Invalid(f"{key} must be a text")
        return value

    def words(self, key: str, default: Any = NEEDED, *, longest: int, least: int = 0) -> Words:
        """Return a text, or texts by language, as words."""
        return words(self.get(key, default), key, longest=longest, least=least)

    def same(self, key: str, number: str) -> None:
        """Pass when a member that repeats a number of the URL is that, or absent."""
        if key in self.found and str(self.integer(key)) != number:
            raise Invalid(f"{key} must be {number[:20]}")


def _integer(value: Any, wrong: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(wrong)
    return value
