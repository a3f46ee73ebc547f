"""JSON Patch applied to a document, however it was meant. Source: RFC 6902.

The jsonpatch library applies it. What operations copy is weighed: twenty of them could make
gigabytes of a few bytes. A number stays as it is spelled (domain/patches.py).
"""

from __future__ import annotations

from typing import Any

import jsonpatch
import jsonpointer

from domain import documents, heavy, patches
from domain.errors import Invalid

OPERATIONS = 10_000  # of one patch
COPIED = 10_000_000  # bytes or so that a patch copies, by weight
VALUE = 50  # weight of a value; its text, or the names of its members, weigh a byte a character


def applied(document: bytes, patch: bytes, max_depth: int) -> bytes:
    """Return what a patch makes of a document, both JSON: what takes long is done elsewhere.

    A patch that copies makes much of little. Raises Invalid, TooLarge, and TooHeavy within
    `heavy.lightly`.
    """
    if len(document) + len(patch) <= heavy.LIGHT:
        operations = _operations(patch, max_depth)
        if not any(map(_copies, operations)):
            return _made(document, operations, max_depth)
    return heavy.call(apply, document, patch, max_depth)


def apply(document: bytes, patch: bytes, max_depth: int) -> bytes:
    """Return what a patch makes of a document, both JSON. Raises Invalid."""
    return _made(document, _operations(patch, max_depth), max_depth)


def _operations(patch: bytes, max_depth: int) -> list[Any]:
    """Return the operations of a patch, each any JSON. Raises Invalid."""
    documents.read(patch, max_depth=max_depth)
    operations = patches.read(patch)
    if not isinstance(operations, list):
        raise Invalid("A JSON Patch is an array of operations.")
    if len(operations) > OPERATIONS:
        raise Invalid(f"A JSON Patch has {OPERATIONS:,} operations at most.")
    return operations


def _copies(operation: Any) -> bool:
    return isinstance(operation, dict) and operation.get("op") == "copy"


def _made(document: bytes, operations: list[Any], max_depth: int) -> bytes:
    """Return what operations make of a document. Raises Invalid."""
    value, left = patches.read(document), COPIED
    for at, each in enumerate(operations):
        try:
            if _copies(each):
                left -= _weight(jsonpointer.resolve_pointer(value, str(each.get("from"))), left)
                if left < 0:
                    raise Invalid("The patch copies too much.")
            value = jsonpatch.apply_patch(value, [each], in_place=True)
        except (
            jsonpatch.JsonPatchException,
            jsonpointer.JsonPointerException,
            AttributeError,
            TypeError,
            ValueError,
            LookupError,
            RecursionError,
        ) as error:
            raise Invalid(f"The patch cannot be applied: operation {at}: {error}"[:500]) from error
    try:
        made = patches.written(value)
    except TypeError:  # so deep that it cannot be written
        raise Invalid("What the patch makes is nested too deeply.") from None
    documents.read(made, max_depth=max_depth)
    return made


def _weight(value: Any, most: int) -> int:
    """Return what a value weighs with all that is in it, or more than `most`."""
    weight, left = 0, [value]
    while left and weight <= most:
        each = left.pop()
        weight += VALUE
        if isinstance(each, str):
            weight += len(each)
        elif isinstance(each, patches.Number):
            weight += len(each.text)
        elif isinstance(each, dict):
            weight += sum(map(len, each))
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)
    return weight
