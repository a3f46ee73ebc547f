"""Geometries of places. Source: RFC 7946; of its types InvenioRDM takes these three."""

from __future__ import annotations

from math import isfinite
from typing import Any

from domain.schemas.rdm.reading import MISSING, REQUIRED, Reading


def geometry(value: Any, reading: Reading) -> Any:
    """Read a Point, a MultiPoint or a Polygon of GeoJSON."""
    if not isinstance(value, dict):
        reading.fault("Invalid input type.")
        return MISSING
    kind, coordinates = value.get("type"), value.get("coordinates")
    if kind not in ("Point", "MultiPoint", "Polygon"):
        reading.fault(REQUIRED if kind is None else "Unknown GeoJSON object type.", "type")
        return MISSING
    if coordinates is None:
        reading.fault(REQUIRED, "coordinates")
        return MISSING
    for name in value:
        if name not in ("type", "coordinates"):
            reading.fault("Unknown field.", name)
    if (wrong := _wrong(kind, coordinates)) is not None:
        reading.fault(wrong, "coordinates")
        return MISSING
    return {"type": kind, "coordinates": coordinates}


def _wrong(kind: str, coordinates: Any) -> str | None:
    """Return what is wrong with coordinates, None when nothing is."""
    if kind == "Point":
        return _wrong_position(coordinates)
    if not isinstance(coordinates, list) or not all(isinstance(each, list) for each in coordinates):
        return "Not a valid list."
    if kind == "MultiPoint":
        return _wrong_positions(coordinates)
    for ring in coordinates:
        if (wrong := _wrong_positions(ring)) is not None:
            return wrong
        if len(ring) < 4 or ring[0] != ring[-1]:
            return "Each linear ring must contain at least 4 positions and end where it starts."
    return None


def _wrong_positions(positions: list[Any]) -> str | None:
    return next((wrong for each in positions if (wrong := _wrong_position(each))), None)


def _wrong_position(position: Any) -> str | None:
    if not isinstance(position, list):
        return "Not a valid list."
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in position):
        return "Not a valid number."
    if len(position) not in (2, 3) or any(
        isinstance(n, float) and not isfinite(n) for n in position
    ):
        return "A position must have exactly 2 or 3 values."
    return None
