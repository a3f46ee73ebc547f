"""template: an object whose properties are those of a template action.

Source: the SampleDB specification, 4.1 "template".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from domain.errors import Path
from domain.schemas.sampledb.making import Making, is_int, refuse
from domain.schemas.sampledb.reading import Json
from domain.schemas.sampledb.root import KEYS

_LISTS = ("required", "propertyOrder")
_LEFT_OUT = frozenset({"name", "tags", "hazards"})  # there is one of each, at the top
TOGETHER = 4 << 20  # bytes of all templates that are put into one schema, again and again


class Templates:
    """Template actions' schemas by number, each given afresh: it is changed where it is put in."""

    def __init__(self, known: Mapping[int, bytes]) -> None:
        self._known = known
        self._left = TOGETHER

    def __call__(self, number: int) -> Json | None:
        """Return a template's schema, None when there is none. Raises Invalid past TOGETHER."""
        raw = self._known.get(number)
        if raw is None:
            return None
        self._left -= len(raw)
        if self._left < 0:
            refuse("the templates are too large together", ())
        found: Json = orjson.loads(raw)
        return found


def named(raw: bytes) -> frozenset[int]:
    """Return the numbers of templates that JSON may name anywhere in it."""
    found: set[int] = set()
    inside: list[Any] = [orjson.loads(raw)]
    while inside:
        value = inside.pop()
        if isinstance(value, dict):
            if is_int(value.get("template")):
                found.add(value["template"])
            inside += value.values()
        elif isinstance(value, list):
            inside += value
    return frozenset(found)


def substitute(schema: Json, path: Path, making: Making) -> bool:
    """Put a template's members in the place of an object's own, if it names one.

    Returns whether it does; then `making.inside` ends in its number. A schema that is stored has
    its templates in it. Raises Invalid when there is no such template, and when it leads to itself.
    """
    if "template" not in schema or making.template is None:
        return False
    number = schema["template"]
    if not is_int(number):
        refuse("template must be an integer", path)
    if number in making.inside:
        refuse("template must not recursively include itself", path)
    found = making.template(number)
    if found is None:
        refuse("template must be the ID of a template action", path)
    for key in ("properties", *_LISTS):
        schema.pop(key, None)
    own = {key for key in ("title", "note") if schema.get(key)}
    for key, value in found.items():
        if key == "properties":
            schema[key] = {name: each for name, each in value.items() if name not in _LEFT_OUT}
        elif key in _LISTS:
            schema[key] = [name for name in value if name not in _LEFT_OUT]
        elif key not in KEYS and key not in own and key != "template":
            schema[key] = value
    making.inside.append(number)
    making.substituted = True
    return True
