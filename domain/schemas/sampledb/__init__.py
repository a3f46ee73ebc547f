"""SampleDB's schema language: checked when an action is made, compiled once, asked at every write.

A schema becomes a JSON Schema for what JSON Schema can say, which jsonschema-rs decides, and
readers for the rest: conditions, units, references, languages, forms that are put in order. What a
document leaves out and SampleDB completes is completed in its bytes (`completing`). Nothing here
does I/O: what must exist is asked of a `World` that the command gives.
Source: the SampleDB specification, 4.
"""

from __future__ import annotations

from domain.schemas.sampledb.compiled import (
    Accepted,
    Compiled,
    check,
    compile,  # noqa: A004 (as in `re`)
)
from domain.schemas.sampledb.reading import World
from domain.schemas.sampledb.templates import named

__all__ = ["Accepted", "Compiled", "World", "check", "compile", "named"]
