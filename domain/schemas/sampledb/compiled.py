"""A schema of SampleDB's language ready for use.

jsonschema-rs says first whether a document satisfies what JSON Schema can say; what is left is
read by the lean reader. A document that either refuses is read again as a whole, and that reading
decides and says why: it alone is SampleDB's, and also accepts the few values over which the two
differ (true as a number).
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from itertools import islice
from types import MappingProxyType
from typing import Any

import jsonschema_rs
import orjson
from msgspec import Raw, Struct

from domain import documents
from domain.errors import Invalid
from domain.kept import Kept
from domain.schemas import patterns
from domain.schemas.sampledb.completing import completed
from domain.schemas.sampledb.making import Making, Template
from domain.schemas.sampledb.reading import MOST_FAULTS, Finding, Reading, Reference, World
from domain.schemas.sampledb.templates import Templates
from domain.schemas.sampledb.types import KINDS
from domain.schemas.words import sentence

KEPT = 512 << 10  # bytes of schemas whose compiled form a process keeps


class Accepted(Struct, frozen=True):
    """What a schema says of a document without looking around.

    `findings` are references, and the faults among them when there are any; `raw` is the document
    completed, None when nothing was missing.
    """

    findings: tuple[Finding, ...]
    raw: bytes | None

    def settle(self, world: World) -> None:
        """Pass when everything that is referred to is there. Raises Invalid with up to 100 faults.

        They are in SampleDB's order.
        """
        if not self.findings:
            return
        found = (
            finding.fault(world) if isinstance(finding, Reference) else finding
            for finding in self.findings
        )
        faults = tuple(islice((fault for fault in found if fault is not None), MOST_FAULTS))
        if faults:
            raise Invalid(f"The data does not satisfy the schema: {sentence(faults)}", faults)


class Compiled:
    """A schema that passed every check. `strict`: with those for schemas that are being made.

    `template` gives the templates that it names, None where they have been put in; `number` is
    that of the action whose schema it becomes, which it may not lead to.
    """

    def __init__(
        self,
        raw: bytes,
        template: Template | None = None,
        *,
        strict: bool,
        number: int | None = None,
    ) -> None:
        schema = documents.read(raw)
        making = Making(KINDS, schema, template, strict=strict)
        making.inside += () if number is None else (number,)
        making.check(schema, (), None)
        self.raw = orjson.dumps(schema) if making.substituted else raw
        """The schema with its templates in it; without any, byte for byte as it came."""
        self._whole = making.build(schema)
        self._lean = self._whole.lean
        self._decider = jsonschema_rs.Draft7Validator(
            self._whole.rules,
            pattern_options=patterns.ENGINE,
            offline=True,
            validate_formats=False,
        )
        self.weight = 1 + making.pattern_weight
        """No more than about so many steps are taken at one place of a document."""

    def accept(self, document: Any, raw: Raw | bytes) -> Accepted:
        """Read a document, as `documents.read` gives it, and the bytes that it was read from.

        Its faults are for `Accepted.settle` to raise, in one list with missing references.
        """
        reading = self._read(document)
        done = (
            completed(bytes(raw), reading.edits) if reading.edits and not reading.faults else None
        )
        return Accepted(tuple(reading.findings), done)

    def _read(self, document: Any) -> Reading:
        if self._decider.is_valid(document):
            reading = Reading()
            if self._lean is not None:
                self._lean.read(document, (), reading)
            if not reading.faults:
                return reading
        reading = Reading()
        self._whole.read(document, (), reading)
        return reading


_compiled: Kept[bytes, Compiled] = Kept(KEPT)


def compile(raw: bytes) -> Compiled:  # noqa: A001 (as in `re`)
    """Make a stored schema ready; equal bytes are compiled once. Raises Invalid."""
    digest = sha256(raw).digest()
    known = _compiled.get(digest)
    if known is None:
        known = Compiled(bytes(raw), strict=False)
        _compiled.put(digest, known, len(raw))
    return known


def check(
    raw: bytes, templates: Mapping[int, bytes] = MappingProxyType({}), number: int | None = None
) -> bytes:
    """Return a schema as an action can have it: with its templates in it. Raises Invalid."""
    return Compiled(raw, Templates(templates), strict=True, number=number).raw
