"""A schema of SampleDB's language ready for use.

jsonschema-rs says first whether a document satisfies what JSON Schema can say; what is left is
read by the lean reader. A document that either refuses is read again as a whole, and that reading
decides and says why: it alone is SampleDB's, and also accepts the few values over which the two
differ (true as a number).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import jsonschema_rs
from msgspec import Raw, Struct

from domain import documents
from domain.errors import Fault, Invalid, TooLarge
from domain.kept import Kept
from domain.schemas import patterns
from domain.schemas.sampledb.completing import completed
from domain.schemas.sampledb.making import Making, Template
from domain.schemas.sampledb.reading import MOST_FINDINGS, Finding, Reading, Reference, World
from domain.schemas.sampledb.types import KINDS

SCHEMA_BYTES = 1 << 20
KEPT = 512 << 10  # bytes of schemas whose compiled form a process keeps


class Accepted(Struct, frozen=True):
    """A document that satisfies a schema as far as it can be said without looking around.

    `findings` are references, and the faults among them when there are any.
    """

    findings: tuple[Finding, ...]
    raw: Raw | bytes  # the document as it is stored

    def settle(self, world: World) -> None:
        """Pass when everything that is referred to is there. Raises Invalid with all faults."""
        if not self.findings:
            return
        faults: list[Fault] = []
        for finding in self.findings:
            fault = finding.fault(world) if isinstance(finding, Reference) else finding
            if fault is not None:
                faults.append(fault)
                if len(faults) == MOST_FINDINGS:
                    break
        if faults:
            raise Invalid("The data does not satisfy the schema.", tuple(faults))


def _no_template(_number: int) -> None:
    """There are no template actions."""


class Compiled:
    """A schema that passed every check. `strict`: with those for schemas that are being made."""

    def __init__(self, raw: bytes, template: Template = _no_template, *, strict: bool) -> None:
        schema = documents.read(raw)
        making = Making(KINDS, schema, template, strict=strict)
        making.check(schema, (), None)
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

    def is_valid(self, document: Any) -> bool:
        """Give the verdict alone, as if everything that is referred to were there."""
        return not _faults(self._read(document).findings)

    def accept(self, document: Any, raw: Raw | bytes) -> Accepted:
        """Read a document, as `documents.read` gives it, and the bytes that it was read from.

        Its faults are for `Accepted.settle` to raise, in one list with missing references.
        """
        reading = self._read(document)
        findings = tuple(reading.findings)
        if reading.edits and not _faults(findings):
            return Accepted(findings, completed(bytes(raw), reading.edits))
        return Accepted(findings, raw)

    def _read(self, document: Any) -> Reading:
        if self._decider.is_valid(document):
            reading = Reading()
            if self._lean is not None:
                self._lean.read(document, (), reading)
            if not _faults(reading.findings):
                return reading
        reading = Reading()
        self._whole.read(document, (), reading)
        return reading


def _faults(findings: Sequence[Finding]) -> bool:
    return any(isinstance(finding, Fault) for finding in findings)


_compiled: Kept[bytes, Compiled] = Kept(KEPT)


def compile(raw: bytes) -> Compiled:  # noqa: A001 (as in `re`)
    """Make a stored schema ready; equal bytes are compiled once. Raises Invalid."""
    digest = sha256(raw).digest()
    known = _compiled.get(digest)
    if known is None:
        known = Compiled(bytes(raw), strict=False)
        _compiled.put(digest, known, len(raw))
    return known


def check(raw: bytes, *, limit: int = SCHEMA_BYTES) -> None:
    """Pass when a schema can be made an action's. Raises TooLarge past `limit` bytes, Invalid."""
    if len(raw) > limit:
        raise TooLarge(f"The schema has {len(raw):,} bytes; the limit is {limit:,}.", limit)
    Compiled(raw, strict=True)
