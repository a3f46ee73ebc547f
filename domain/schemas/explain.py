"""Why a document does not satisfy a schema.

The verdict on every smaller piece is jsonschema-rs's own (`is_valid`, which remembers what it saw).
Its list of errors is not used: it is made whole before the first error comes out, each error holds
a copy of its value, and with recursive alternatives it doubles with every level of the document
(7 s at 16 levels where the verdict takes 20 µs).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from domain.errors import Fault, Path
from domain.schemas.drafts import Schema
from domain.schemas.pieces import Pieces
from domain.schemas.words import ALONE, listed, shown

MOST_FAULTS = 100
_STEPS = 20_000  # subschemas opened for one explanation
_NESTED = 3  # alternatives within alternatives that are explained
_BUDGET = 200_000  # JSON values compiled anew for one explanation
_SOMETHING = "does not satisfy the schema"
_Place = tuple[Schema, Any, Path]
_Step = Fault | _Place


def explain(pieces: Pieces, document: Any) -> tuple[Fault, ...]:
    """Return what is wrong with a refused document, sorted by path; 1 to 100 faults."""
    found = _Explanation(pieces).faults(document) or [Fault((), _SOMETHING)]
    return tuple(sorted(found, key=lambda fault: (_order(fault.path), fault.message)))


class _Explanation:
    """One search for the faults of one document."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._structure = pieces.structure
        self._budget = _BUDGET

    def faults(self, document: Any) -> list[Fault]:
        found: dict[Fault, None] = {}
        with suppress(_Spent):
            self._find((self._structure.root, document, ()), found, MOST_FAULTS, _NESTED)
        return list(found)

    def _find(self, start: _Place, found: dict[Fault, None], most: int, nested: int) -> None:
        """Add up to `most` faults to `found`, those near the root first."""
        seen: set[tuple[int, Path]] = set()
        todo = deque([start])
        while todo and len(found) < most and len(seen) < _STEPS:
            schema, value, path = todo.popleft()
            if schema is False:
                found[Fault(path, "is not allowed here")] = None
            if isinstance(schema, bool) or (id(schema), path) in seen:
                continue
            seen.add((id(schema), path))
            explained = False
            for step in self._steps(schema, value, path, nested):
                explained = True
                if isinstance(step, Fault):
                    found[step] = None
                else:
                    todo.append(step)
                if len(found) >= most or len(todo) >= _STEPS:
                    break
            if not explained:
                found[self._otherwise(schema, value, path)] = None

    def _steps(self, schema: dict[str, Any], value: Any, at: Path, nested: int) -> Iterator[_Step]:
        """Give the faults of one value under one subschema, and what to look at below."""
        for target in self._structure.targets.get(id(schema), ()):
            if not self._accepts(target, value):
                yield target, value, at
        if self._structure.draft.legacy and "$ref" in schema:
            return
        for keyword, rule in schema.items():
            if keyword in ALONE:
                if not self._pieces.alone(schema, keyword, value):
                    yield Fault(at, ALONE[keyword](rule, value))
            elif keyword in ("anyOf", "oneOf") and isinstance(rule, list):
                yield from self._alternatives(keyword, rule, value, at, nested)
        for sub, inner, path in self._applied(schema, value, at):
            if sub is not None and not self._accepts(sub, inner):
                yield sub, inner, path
        yield from self._whole(schema, value, at)

    def _applied(
        self, schema: dict[str, Any], value: Any, at: Path
    ) -> Iterator[tuple[Schema | None, Any, Path]]:
        """Give every subschema that must accept the value or a part of it."""
        for sub in schema.get("allOf", ()):
            yield sub, value, at
        if "if" in schema and self._structure.draft.keywords.get("if"):
            yield schema.get("then" if self._accepts(schema["if"], value) else "else"), value, at
        if isinstance(value, dict):
            for keyword in ("dependentSchemas", "dependencies"):
                if keyword in self._structure.draft.keywords:
                    for name, sub in schema.get(keyword, {}).items():
                        if name in value and not isinstance(sub, list):
                            yield sub, value, at
            rest = schema.get("additionalProperties")
            named = schema.get("properties", {})
            by_pattern = schema.get("patternProperties", {})
            for name, inner in value.items():
                matching = [
                    sub for key, sub in by_pattern.items() if self._pieces.matches(key, name)
                ]
                subs = matching + ([named[name]] if name in named else [])
                if not subs and rest is not None and rest is not False:
                    subs = [rest]
                for sub in subs:
                    yield sub, inner, (*at, name)
        elif isinstance(value, list):
            items = schema.get("items")
            first = items if isinstance(items, list) else schema.get("prefixItems", ())
            if "prefixItems" not in self._structure.draft.keywords and not isinstance(items, list):
                first = ()
            rest = schema.get("additionalItems") if isinstance(items, list) else items
            for place, inner in enumerate(value):
                yield (first[place] if place < len(first) else rest), inner, (*at, place)

    def _whole(self, schema: dict[str, Any], value: Any, at: Path) -> Iterator[Fault]:
        """Give the faults that only the value as a whole shows."""
        if "not" in schema and self._accepts(schema["not"], value):
            yield Fault(at, "is what the schema's `not` forbids")
        if isinstance(value, dict):
            yield from self._required_beside(schema, value, at)
            if schema.get("additionalProperties") is False:
                by_pattern = schema.get("patternProperties", {})
                extra = [
                    name
                    for name in value
                    if name not in schema.get("properties", {})
                    and not any(self._pieces.matches(pattern, name) for pattern in by_pattern)
                ]
                if extra:
                    yield Fault(at, f"has properties that are not allowed: {listed(extra)}")
            names = schema.get("propertyNames")
            if names is not None and "propertyNames" in self._structure.draft.keywords:
                for name in value:
                    if not self._accepts(names, name):
                        yield Fault(at, f"has a property whose name is not allowed: {shown(name)}")
        elif isinstance(value, list) and "contains" in self._structure.draft.keywords:
            yield from self._contained(schema, value, at)

    def _required_beside(
        self, schema: dict[str, Any], value: dict[str, Any], at: Path
    ) -> Iterator[Fault]:
        keyword = "dependencies" if self._structure.draft.legacy else "dependentRequired"
        for name, needed in schema.get(keyword, {}).items():
            if name in value and isinstance(needed, list):
                missing = [each for each in needed if each not in value]
                if missing:
                    yield Fault(at, f"lacks {listed(missing)}, required beside {shown(name)}")

    def _contained(self, schema: dict[str, Any], value: list[Any], at: Path) -> Iterator[Fault]:
        if "contains" not in schema:
            return
        least, most = 1, None
        if not self._structure.draft.legacy:
            least, most = schema.get("minContains", 1), schema.get("maxContains")
        number = sum(self._accepts(schema["contains"], item) for item in value)
        if number < least:
            yield Fault(at, f"has {number} items that match `contains`; {least} are required")
        if most is not None and number > most:
            yield Fault(at, f"has {number} items that match `contains`; {most} are allowed")

    def _otherwise(self, schema: dict[str, Any], value: Any, at: Path) -> Fault:
        """Say what is left to say when every other keyword is satisfied."""
        if isinstance(value, dict) and "unevaluatedProperties" in schema:
            few = value if len(value) <= MOST_FAULTS else ()
            names = [name for name in few if self._accepts(schema, _without(value, name))]
            named = f": {listed(names)}" if names else ""
            return Fault(at, f"has properties that no part of the schema allows{named}")
        if isinstance(value, list) and "unevaluatedItems" in schema:
            return Fault(at, "has items that no part of the schema allows")
        return Fault(at, _SOMETHING)

    def _alternatives(
        self, keyword: str, subs: list[Schema], value: Any, at: Path, nested: int
    ) -> Iterator[Fault]:
        right = [place for place, sub in enumerate(subs) if self._accepts(sub, value)]
        if len(right) > 1 and keyword == "oneOf":
            yield Fault(at, f"satisfies {len(right)} alternatives of oneOf; one is allowed")
        if right:
            return
        reasons = []
        for sub in subs[:3] if nested else []:
            found: dict[Fault, None] = {}
            self._find((sub, value, ()), found, 1, nested - 1)
            for fault in found:
                where = "".join(f"/{part}" for part in fault.path)
                reasons.append(f"{where} {fault.message}".strip())
        because = f": {'; '.join(dict.fromkeys(reasons))}" if reasons else ""
        yield Fault(at, f"satisfies none of the {len(subs)} alternatives of {keyword}{because}")

    def _accepts(self, schema: Schema, value: Any) -> bool:
        self._budget -= self._pieces.cost(schema)
        if self._budget < 0:
            raise _Spent
        return self._pieces.accepts(schema, value)


class _Spent(Exception):
    """The explanation has cost enough."""


def _without(value: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key != name}


def _order(path: Path) -> list[tuple[int, int, str]]:
    """Sort places of arrays as numbers and before names, on every level."""
    return [(0, part, "") if isinstance(part, int) else (1, 0, part) for part in path]
