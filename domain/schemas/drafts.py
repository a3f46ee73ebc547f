"""The drafts of JSON Schema that an action may use, and where each keeps its subschemas.

Sources: the meta-schemas, and the drafts' lists of keywords.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import jsonschema
import jsonschema_rs
import referencing.jsonschema
from referencing import Specification

from domain.errors import Fault, Invalid, Path

Schema = dict[str, Any] | bool
Place = Literal["here", "below", "apart"]
"""Where a subschema is applied: to the same value, to a value inside it, or only by reference."""


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """One draft: the libraries' names for it, and its keywords that hold subschemas."""

    uri: str
    decider: type[jsonschema_rs.Validator]
    reference: Any  # the class of the jsonschema library
    meta: jsonschema_rs.Validator  # of the meta-schema, whose formats are notes like any other
    specification: Specification[Any]
    keywords: dict[str, Place]
    legacy: bool  # up to draft 7, `$ref` silences the keywords beside it
    idle: frozenset[str]  # keywords that jsonschema-rs would apply and the draft does not

    def is_schema(self, value: dict[str, Any]) -> bool:
        """Say whether the draft's meta-schema accepts `value`, wherever it was found."""
        return self.meta.is_valid(value)

    def subschemas(self, schema: dict[str, Any]) -> Iterator[tuple[Path, Schema, Place]]:
        """Give the subschemas directly inside `schema`, each with the way to it."""
        silenced = self.legacy and "$ref" in schema
        for keyword, place in self.keywords.items():
            if keyword not in schema or (silenced and place != "apart"):
                continue
            value = schema[keyword]
            if keyword in MAPS and isinstance(value, dict):
                inside: Any = value.items()
            elif isinstance(value, list):
                inside = enumerate(value)
            else:
                yield (keyword,), value, place
                continue
            for key, sub in inside:
                if isinstance(sub, dict | bool):  # `dependencies` may also list names
                    yield (keyword, key), sub, place


def _mixed(known: Specification[Any]) -> Specification[Any]:
    """Let `dependencies` mix schemas with lists of names, in any order, as drafts up to 7 do.

    The library takes all of them for what the first one is, and enters lists as if they were
    schemas, or no schema.
    """

    def subresources_of(schema: Any) -> Iterator[Any]:
        if isinstance(schema, dict):
            others = {key: value for key, value in schema.items() if key != "dependencies"}
            yield from known.subresources_of(others)
            by_name = schema.get("dependencies", {})
            yield from (sub for sub in by_name.values() if isinstance(sub, dict))

    return type(known)(
        name=known.name,  # type: ignore[call-arg]  # the library's stubs hide its fields
        id_of=known.id_of,
        subresources_of=subresources_of,
        maybe_in_subresource=known.maybe_in_subresource,
        anchors_in=known._anchors_in,
    )


MAPS = frozenset(
    {"properties", "patternProperties", "definitions", "$defs", "dependencies", "dependentSchemas"}
)
_DRAFT_4: dict[str, Place] = {
    "allOf": "here",
    "anyOf": "here",
    "oneOf": "here",
    "not": "here",
    "dependencies": "here",
    "properties": "below",
    "patternProperties": "below",
    "additionalProperties": "below",
    "items": "below",
    "additionalItems": "below",
    "definitions": "apart",
}
_DRAFT_6: dict[str, Place] = {**_DRAFT_4, "propertyNames": "below", "contains": "below"}
_DRAFT_7: dict[str, Place] = {**_DRAFT_6, "if": "here", "then": "here", "else": "here"}
_DRAFT_2019: dict[str, Place] = {
    **{keyword: place for keyword, place in _DRAFT_7.items() if keyword != "dependencies"},
    "dependentSchemas": "here",
    "unevaluatedProperties": "below",
    "unevaluatedItems": "below",
    "contentSchema": "apart",
    "$defs": "apart",
}
_DRAFT_2020: dict[str, Place] = {
    **{keyword: place for keyword, place in _DRAFT_2019.items() if keyword != "additionalItems"},
    "prefixItems": "below",
}
_CONTENT = frozenset({"contentEncoding", "contentMediaType"})


def _draft(
    uri: str, name: str, known: Specification[Any], keywords: dict[str, Place], idle: frozenset[str]
) -> tuple[str, Draft]:
    decider = getattr(jsonschema_rs, f"Draft{name}Validator")
    reference = getattr(jsonschema, f"Draft{name}Validator")
    meta = decider(reference.META_SCHEMA, offline=True, validate_formats=False)
    legacy = "$defs" not in keywords
    return uri, Draft(uri, decider, reference, meta, known, keywords, legacy, idle)


_SPECIFICATIONS = referencing.jsonschema
DRAFTS = dict(
    [
        _draft(
            "http://json-schema.org/draft-04/schema",
            "4",
            _mixed(_SPECIFICATIONS.DRAFT4),
            _DRAFT_4,
            frozenset(),
        ),
        _draft(
            "http://json-schema.org/draft-06/schema",
            "6",
            _mixed(_SPECIFICATIONS.DRAFT6),
            _DRAFT_6,
            _CONTENT,
        ),
        _draft(
            "http://json-schema.org/draft-07/schema",
            "7",
            _mixed(_SPECIFICATIONS.DRAFT7),
            _DRAFT_7,
            _CONTENT,
        ),
        _draft(
            "https://json-schema.org/draft/2019-09/schema",
            "201909",
            _SPECIFICATIONS.DRAFT201909,
            _DRAFT_2019,
            frozenset({"dependencies"}),
        ),
        _draft(
            "https://json-schema.org/draft/2020-12/schema",
            "202012",
            _SPECIFICATIONS.DRAFT202012,
            _DRAFT_2020,
            frozenset({"dependencies"}),
        ),
    ]
)
LATEST = DRAFTS["https://json-schema.org/draft/2020-12/schema"]


def draft_of(schema: dict[str, Any]) -> Draft:
    """Return the draft that `$schema` names, with or without its empty fragment.

    2020-12 where nothing is named. Raises Invalid when the name is none of the five.
    """
    name = schema.get("$schema", LATEST.uri)
    draft = DRAFTS.get(name.removesuffix("#")) if isinstance(name, str) else None
    if draft is None:
        message = f"$schema is {str(name)[:200]!r}; known are {', '.join(DRAFTS)}."
        raise Invalid(message, (Fault(("$schema",), message),))
    return draft
