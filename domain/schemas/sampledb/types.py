"""The types of the language, by their names in schemas."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.schemas.sampledb import (
    array,
    labels,
    object,  # noqa: A004 - named as the type is
    plotly,
    quantity,
    references,
    scalars,
    text,
    timeseries,
)
from domain.schemas.sampledb.making import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "object": object.KIND,
        "array": array.KIND,
        "text": text.KIND,
        "bool": scalars.BOOL,
        "datetime": scalars.DATETIME,
        "quantity": quantity.KIND,
        "timeseries": timeseries.KIND,
        "tags": labels.TAGS,
        "hazards": labels.HAZARDS_KIND,
        "sample": references.TYPED,
        "measurement": references.TYPED,
        "object_reference": references.OBJECT_REFERENCE,
        "user": references.USER,
        "file": references.FILE,
        "plotly_chart": plotly.KIND,
    }
)
