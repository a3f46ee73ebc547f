"""A schema ready for use: one verdict in microseconds, and on a refusal the reasons.

Compiled schemas are kept by the digest of their bytes; they may be used from several threads.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema.exceptions import best_match

from domain import documents
from domain.errors import Fault, Invalid, Path, TooLarge
from domain.kept import Kept
from domain.schemas import size
from domain.schemas.drafts import Draft, draft_of
from domain.schemas.explain import MOST_FAULTS, explain
from domain.schemas.pieces import OPTIONS, Pieces
from domain.schemas.structure import Structure
from domain.schemas.words import sentence

SCHEMA_BYTES = 1 << 20
# Bytes of compiled schemas that a process keeps; compiled, they take 80 to 220 times as many.
KEPT = 512 << 10


class Compiled:
    """A schema that passed every check. Pickles as its bytes, so that a process may compile it."""

    def __init__(self, raw: bytes) -> None:
        root = documents.read(raw)
        if not isinstance(root, dict):
            raise Invalid("A schema must be a JSON object.", (Fault((), "is not an object"),))
        draft = draft_of(root)
        _require_meta(draft, root)
        structure = Structure(draft, root)
        sizes = size.expanded(structure)
        for schema in structure.schemas.values():
            for keyword in draft.idle:
                schema.pop(keyword, None)
        try:
            self._decider = draft.decider(root, **OPTIONS)
            self._pieces = Pieces(structure, sizes)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            raise Invalid(f"The schema cannot be used: {str(error.message)[:500]}") from error
        self.raw = raw
        self.draft = draft.uri
        self.nodes = sizes[id(root)]
        """JSON values in the schema with its references written out."""
        self.weight = self.nodes + structure.pattern_weight
        """No more than about so many steps are taken at one place of a document."""

    def __reduce__(self) -> tuple[Any, tuple[bytes]]:
        return compile, (self.raw,)

    def is_valid(self, document: Any) -> bool:
        """Give the verdict alone."""
        return self._decider.is_valid(document)

    def validate(self, document: Any) -> None:
        """Accept `document`, as `documents.read` gives it. Raises Invalid with up to 100 faults.

        The faults are sorted by their paths, which start at the document's root.
        """
        if not self._decider.is_valid(document):
            faults = explain(self._pieces, document)
            raise Invalid(f"The data does not satisfy the schema: {sentence(faults)}", faults)


_compiled: Kept[bytes, Compiled] = Kept(KEPT)


def compile(raw: bytes, *, limit: int = SCHEMA_BYTES) -> Compiled:  # noqa: A001 (as in `re`)
    """Check a schema's JSON and make it ready; equal bytes are compiled once.

    Raises TooLarge past `limit` bytes; Invalid, with faults whose paths lead into the schema, when
    it is not valid by its draft's meta-schema, refers to anything outside itself or endlessly to
    itself, has a pattern that cannot run in linear time, or passes 100,000 values unfolded.
    """
    if len(raw) > limit:
        raise TooLarge(f"The schema has {len(raw):,} bytes; the limit is {limit:,}.", limit)
    digest = sha256(raw).digest()
    known = _compiled.get(digest)
    if known is None:
        known = Compiled(bytes(raw))
        _compiled.put(digest, known, len(raw))
    return known


def _require_meta(draft: Draft, root: dict[str, Any]) -> None:
    """Raise Invalid when the meta-schema refuses the schema; its own library says why."""
    if draft.is_schema(root):
        return
    validator = draft.reference(draft.reference.META_SCHEMA)
    found: dict[tuple[Path, str], None] = {}
    for each in islice(validator.iter_errors(root), MOST_FAULTS):
        error = best_match([each])
        found[tuple(error.absolute_path), error.message[:300]] = None
    faults = tuple(Fault(*each) for each in sorted(found, key=lambda fault: str(fault)))
    raise Invalid(f"The schema is not valid by {draft.uri}: {sentence(faults)}", faults)
