"""plotly_chart: a chart's JSON, also as text, which is stored as what it says.

SampleDB hands charts to the plotly library, which knows thousands of attributes and takes 40 MB.
Here a chart has the form of one: `data` and `frames` are lists of objects, `layout` is an object.
"""

from __future__ import annotations

from typing import Any

from domain import documents
from domain.errors import Invalid, Path
from domain.schemas.sampledb.making import USUAL, Kind, Making
from domain.schemas.sampledb.reading import Json, Leaf, Reading, Replaced

KEYS = frozenset({"data", "layout", "frames"})


class Plotly(Leaf):
    """Reads charts."""

    type = "plotly_chart"
    needed = frozenset({"_type", "plotly"})

    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read the chart, from text if it is one."""
        chart = value["plotly"]
        if isinstance(chart, str):
            try:
                chart = documents.read(chart.encode()) if chart else {}
            except Invalid:
                reading.fault(path, "plotly data must be valid JSON")
                return
            reading.edits[*path, "plotly"] = Replaced(chart)
        if not isinstance(chart, dict):
            reading.fault(path, "plotly must be a dict")
        elif not _is_chart(chart):
            reading.fault(
                path,
                "The plotly data must be valid. Look up which schema is supported by plotly.",
            )


def _is_chart(chart: Json) -> bool:
    return (
        chart.keys() <= KEYS
        and _are_objects(chart.get("data", []))
        and _are_objects(chart.get("frames", []))
        and isinstance(chart.get("layout", {}), dict)
    )


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def check(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type. Raises Invalid."""
    making.known(schema, path)


KIND = Kind(USUAL - {"scicat_export"}, check, lambda _schema, _making: Plotly())
