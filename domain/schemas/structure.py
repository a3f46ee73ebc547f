"""What a schema is made of: its subschemas, where each reference leads, how large it unfolds.

References lead to places in the same document or are refused; nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import referencing
from referencing.exceptions import Unresolvable

from domain.errors import Fault, Invalid, Path
from domain.schemas import patterns
from domain.schemas.drafts import Draft, Place, Schema, draft_of

PATTERN_WEIGHT = 300_000
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_Found = tuple[Path, dict[str, Any], Any]  # a subschema, the way to it, its resolver


class Structure:
    """One schema, taken apart. Subschemas that are objects are known by their `id()`.

    Raises Invalid when a reference leaves the document, leads nowhere or to itself, when a pattern
    cannot run in linear time, and when the patterns are too large together.
    """

    def __init__(self, draft: Draft, root: dict[str, Any]) -> None:
        self.draft = draft
        self.root = root
        self.paths: dict[int, Path] = {}
        self.schemas: dict[int, dict[str, Any]] = {}
        self.targets: dict[int, list[Schema]] = {}  # where the references of a subschema lead
        self._parts: dict[int, list[tuple[Schema, Place]]] = {}
        self._everywhere = _paths(root)
        self._require_one_draft()
        self._follow_references()
        self._refuse_endless()
        self._patterns()

    def _require_one_draft(self) -> None:
        """Refuse a subschema of another draft; one that names the same is left without its name.

        By a name the library would look up the draft as it knows it, not as `drafts` has it.
        """
        todo: list[tuple[Path, Schema]] = [((), self.root)]
        while todo:
            path, schema = todo.pop()
            if not isinstance(schema, dict):
                continue
            if path and "$schema" in schema:
                if draft_of(schema) is not self.draft:
                    raise refused((*path, "$schema"), "A schema has one $schema throughout.")
                del schema["$schema"]
            for way, sub, _ in self.draft.subschemas(schema):
                todo.append((path + way, sub))

    def _follow_references(self) -> None:
        """Find every subschema that is reachable, and where its references lead."""
        todo: list[_Found] = [((), self.root, self._resolver())]
        dynamic: list[dict[str, Any]] = []
        while todo:
            path, schema, resolver = todo.pop()
            if id(schema) in self.schemas:
                continue
            if path:
                inside = self.draft.specification.create_resource(schema)
                try:
                    resolver = resolver.in_subresource(inside)
                except (ValueError, TypeError, AttributeError) as error:
                    raise refused(path, "The identifier of this subschema is no URI.") from error
            self.schemas[id(schema)] = schema
            self.paths[id(schema)] = path
            parts = self._parts[id(schema)] = []
            for way, sub, place in self.draft.subschemas(schema):
                parts.append((sub, place))
                if isinstance(sub, dict):
                    todo.append((path + way, sub, resolver))
            if "$dynamicAnchor" in schema or "$recursiveAnchor" in schema:
                dynamic.append(schema)
            for keyword in _REFERENCES:
                if keyword in schema and self._knows(keyword):
                    found = self._resolve(resolver, schema[keyword], (*path, keyword))
                    self.targets.setdefault(id(schema), []).append(found[1])
                    parts.append((found[1], "here"))
                    if isinstance(found[1], dict):
                        todo.append((found[0], found[1], found[2]))
        self._bind_dynamic(dynamic)

    def _resolver(self) -> Any:
        resource = self.draft.specification.create_resource(self.root)
        try:
            base = resource.id() or ""
            registry = referencing.Registry[Any]().with_resource(base, resource).crawl()
        except (Unresolvable, ValueError, LookupError, TypeError, AttributeError) as error:
            raise refused((), "An identifier or an anchor in the schema is no URI.") from error
        return registry.resolver(base)

    def _knows(self, keyword: str) -> bool:
        if keyword == "$ref":
            return True
        return not self.draft.legacy and (
            (keyword == "$dynamicRef") == ("prefixItems" in self.draft.keywords)
        )

    def _resolve(self, resolver: Any, reference: Any, path: Path) -> tuple[Path, Schema, Any]:
        shown = repr(reference)[:200]
        if not isinstance(reference, str):
            raise refused(path, f"The reference {shown} is not text.")
        try:
            resolved = resolver.lookup(reference)
        except (Unresolvable, ValueError, LookupError, TypeError, AttributeError) as error:
            where = (
                "leads to nothing in this document"
                if reference.startswith("#")
                else "leads out of this document; nothing is fetched"
            )
            raise refused(path, f"The reference {shown} {where}.") from error
        contents = resolved.contents
        if isinstance(contents, bool):
            return (), contents, resolved.resolver
        if not isinstance(contents, dict):
            raise refused(path, f"The reference {shown} leads to what is no schema.")
        if id(contents) not in self.schemas and not self.draft.is_schema(contents):
            raise refused(path, f"The reference {shown} leads to what is no valid schema.")
        return self._everywhere[id(contents)], contents, resolved.resolver

    def _bind_dynamic(self, anchored: list[dict[str, Any]]) -> None:
        """Count every anchor of the same name among what a dynamic reference may lead to."""
        for key, schema in self.schemas.items():
            name = schema.get("$dynamicRef") if self._knows("$dynamicRef") else None
            for other in anchored:
                same = isinstance(name, str) and name.endswith(f"#{other.get('$dynamicAnchor')}")
                if same or ("$recursiveRef" in schema and other.get("$recursiveAnchor") is True):
                    self._parts[key].append((other, "here"))

    def _refuse_endless(self) -> None:
        """Refuse a subschema that applies to the value it is already applied to, without end."""
        done: set[int] = set()
        for start in self.schemas.values():
            if id(start) in done:
                continue
            stack = [(start, self._here(start))]
            open_ = {id(start)}
            while stack:
                schema, parts = stack[-1]
                sub = next(parts, None)
                if sub is None:
                    stack.pop()
                    open_.discard(id(schema))
                    done.add(id(schema))
                elif id(sub) in open_:
                    message = "This schema refers to itself without end."
                    raise refused(self.paths[id(sub)], message)
                elif id(sub) not in done:
                    stack.append((sub, self._here(sub)))
                    open_.add(id(sub))

    def _here(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for sub, place in self._parts[id(schema)]:
            if place == "here" and isinstance(sub, dict):
                yield sub

    def _patterns(self) -> None:
        seen: set[str] = set()
        total = 0
        for key, schema in self.schemas.items():
            if self.draft.legacy and "$ref" in schema:
                continue
            found: list[Any] = [(("pattern",), schema.get("pattern"))]
            by_name = schema.get("patternProperties")
            if isinstance(by_name, dict):
                found += [(("patternProperties", name), name) for name in by_name]
            for way, pattern in found:
                if not isinstance(pattern, str) or pattern in seen:
                    continue
                seen.add(pattern)
                total += patterns.weigh(pattern)
                if total > PATTERN_WEIGHT:
                    raise refused(self.paths[key] + way, "The schema's patterns are too large.")
                patterns.require_linear(pattern, self.paths[key] + way)
        self.pattern_weight = total

    def applied(self, schema: dict[str, Any]) -> Iterator[Schema]:
        """Give what a subschema applies: the parts inside it, and where its references lead."""
        return (sub for sub, place in self._parts[id(schema)] if place != "apart")


def _paths(root: dict[str, Any]) -> dict[int, Path]:
    """Return the way to every object of a document, by its `id()`."""
    found: dict[int, Path] = {}
    todo: list[tuple[Path, Any]] = [((), root)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict):
            found[id(value)] = path
            todo.extend(((*path, key), sub) for key, sub in value.items())
        elif isinstance(value, list):
            todo.extend(((*path, place), sub) for place, sub in enumerate(value))
    return found


def refused(path: Path, message: str) -> Invalid:
    """Return the refusal of a schema for what stands at `path` in it."""
    return Invalid(message, (Fault(path, message),))
