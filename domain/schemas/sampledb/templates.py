"""template: an object whose properties are those of a template action.

Source: the SampleDB specification, 4.1 "template".
"""

from __future__ import annotations

from domain.errors import Path
from domain.schemas.sampledb.making import Making, is_int, refuse
from domain.schemas.sampledb.reading import Json
from domain.schemas.sampledb.root import KEYS

_LISTS = ("required", "propertyOrder")
_LEFT_OUT = frozenset({"name", "tags", "hazards"})  # there is one of each, at the top


def substitute(schema: Json, path: Path, making: Making) -> bool:
    """Put a template's members in the place of an object's own, if it names one.

    Returns whether it does; then `making.inside` ends in its number. Raises Invalid when there is
    no such template, and when it leads to itself.
    """
    if "template" not in schema:
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
        elif key not in KEYS and key not in own:
            schema[key] = value
    making.inside.append(number)
    return True
