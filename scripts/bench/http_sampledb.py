"""Everything over HTTP once more, under a schema of SampleDB's language with thirty properties."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from scripts.bench import http
from scripts.bench.report import Row


def run() -> Iterator[Row]:
    """Measure everything, held to the same ratios."""
    with http.bench("sampledb") as here:
        for row in here.rows():
            yield replace(row, name=f"SampleDB: {row.name}")
