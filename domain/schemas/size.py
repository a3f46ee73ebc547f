"""How large a schema is with its references written out, counted without writing them out."""

from __future__ import annotations

from typing import Any

from domain.schemas.structure import Structure, refused

MOST_NODES = 100_000
MOST_LEVELS = 500


def expanded(structure: Structure) -> dict[int, int]:
    """Count the JSON values under each applied subschema, by its `id()`.

    Each is counted once and remembered. A reference back to where the count came from counts 1;
    definitions count as written, and again where they are used. Raises Invalid past 100,000
    values, or past 500 subschemas and references within one another.
    """
    sizes: dict[int, int] = {id(structure.root): 0}  # 0: being counted
    depths: dict[int, int] = {}
    stack = [(structure.root, structure.applied(structure.root))]
    totals = [_own(structure, structure.root)]
    levels = [1]
    while stack:
        schema, parts = stack[-1]
        sub = next(parts, None)
        if sub is None:
            stack.pop()
            size, depth = totals.pop(), levels.pop()
            sizes[id(schema)], depths[id(schema)] = size, depth
        elif isinstance(sub, bool):
            size, depth = 1, 0
        elif id(sub) in sizes:
            size, depth = sizes[id(sub)] or 1, depths.get(id(sub), 0)
        else:
            sizes[id(sub)] = 0
            stack.append((sub, structure.applied(sub)))
            totals.append(_own(structure, sub))
            levels.append(1)
            continue
        if stack:
            totals[-1] += size
            levels[-1] = max(levels[-1], depth + 1)
        path = structure.paths[id(schema)]
        if max(size, totals[-1] if totals else 0) > MOST_NODES:
            message = (
                f"With its references written out the schema passes {MOST_NODES:,} values;"
                " that is the limit."
            )
            raise refused(path, message)
        if depth > MOST_LEVELS:
            message = f"More than {MOST_LEVELS} subschemas and references lead into one another."
            raise refused(path, message)
    return sizes


def _own(structure: Structure, schema: dict[str, Any]) -> int:
    """Count the values of a subschema without those that are counted as subschemas."""
    inside = {id(sub) for sub in structure.applied(schema)}
    total = 1
    todo: list[Any] = list(schema.values())
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if id(value) in inside:
                continue
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
        total += 1
    return total
