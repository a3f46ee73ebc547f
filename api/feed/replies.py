"""What the feed answers, for the OpenAPI document."""

from __future__ import annotations

from api.shapes import OBJECT, TEXT, array, maybe, told

PAGE = told("muniment.Feed", {"events": array(OBJECT), "next": maybe(TEXT)})
