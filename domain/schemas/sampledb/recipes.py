"""recipes: named sets of values that a form can be filled with.

Source: the SampleDB specification, 4.1.
"""

from __future__ import annotations

from typing import Any

from domain.errors import Path
from domain.schemas.sampledb.making import Making, refuse
from domain.schemas.sampledb.reading import Json

TYPES = frozenset({"text", "quantity", "datetime", "bool"})


def check(schema: Json, path: Path, making: Making) -> None:
    """Pass when each recipe of an object has a name, and values that its properties take.

    Raises Invalid.
    """
    recipes = schema.get("recipes", [])
    if not isinstance(recipes, list):
        refuse("recipes must be list", path)
    for place, recipe in enumerate(recipes):
        _check(recipe, schema["properties"], (*path, "(recipes)", f"[{place}]"), making)


def _check(recipe: Any, properties: Json, path: Path, making: Making) -> None:
    if not isinstance(recipe, dict) or "name" not in recipe:
        refuse("missing recipe name", path)
    making.text(recipe, "name", path)
    values = recipe.get("property_values")
    if not isinstance(values, dict):
        refuse("missing property_values", path)
    for name, value in values.items():
        here = (*path, name)
        if name not in properties:
            refuse(f"unknown property: {name[:200]}", path)
        inside = properties[name]
        if inside["type"] not in TYPES:
            refuse("unsupported type in recipe", here)
        if value is not None:
            making.default(value, inside, here)
            _check_units(value, inside, here)
        elif inside["type"] == "bool":
            refuse("recipe values for type 'bool' must not be None", here)


def _check_units(value: Json, inside: Json, path: Path) -> None:
    units = value.get("units")
    if inside["type"] != "quantity" or units is None:
        return
    allowed = inside["units"] if isinstance(inside["units"], list) else [inside["units"]]
    if units not in allowed:
        refuse(f"Invalid unit {units}, allowed unit(s): {', '.join(allowed)}", path)
