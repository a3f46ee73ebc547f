"""Record models: what a draft may say, by the action that it is made under.

A model is lax when a draft is saved, where it keeps what is valid and names the rest, and strict
when one is published, where nothing may be wrong. Source: DESIGN.md "Schemas"; InvenioRDM.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from typing import Any, Protocol

import orjson
from msgspec import Struct

from domain import documents, heavy
from domain.action import Action
from domain.draft import Loaded
from domain.errors import Conflict, Fault
from domain.intake import UNREAD, Document, members
from domain.log import Session
from domain.schemas import rdm
from domain.schemas.rdm import access as rdm_access
from domain.schemas.rdm import files as rdm_files
from domain.schemas.rdm.vocabulary import Ref, Terms
from domain.term import Ref as TermRef
from domain.term import Term, term_id
from domain.values import Access, Body, FileOptions

PARTS = ("access", "files", "custom_fields")  # of a body, beside its metadata


class Sent(Struct, frozen=True):
    """A request's body, as it came and by its members."""

    raw: Body
    members: Mapping[str, Document]


class Read(Struct, frozen=True):
    """What a model makes of a body: what is kept of it, and what is wrong with the rest."""

    document: Body
    access: Access
    files: FileOptions
    faults: tuple[Fault, ...]


class Model(Protocol):
    """How the documents of an action are read. Nothing is refused: what is wrong is a fault."""

    def read(self, session: Session, sent: Sent, keys: Container[str]) -> Read:
        """Read a body; `keys` are those of the draft's files."""

    def again(self, session: Session, document: Body) -> Loaded:
        """Read a document that was kept before."""

    def of_next_version(self, document: Body) -> Body:
        """Return the document that a next version begins with."""


def sent(body: bytes, max_depth: int = documents.MAX_DEPTH) -> Sent:
    """Return a body by its members; an empty one is an empty object. Raises Invalid."""
    raw = body.strip() or b"{}"
    return Sent(Body(raw), members(raw, max_depth))


def model_of(action: Action) -> Model:
    """Return the model of an action's records. Raises Conflict where they have no drafts."""
    if action.schema_language != "inveniordm":
        raise Conflict(f"Objects of action {action.number} are published at once, without drafts.")
    return RdmModel()


class RdmModel:
    """InvenioRDM's: `metadata`, `access` and `files`; any other member is dropped. See Model."""

    def read(self, session: Session, sent: Sent, keys: Container[str]) -> Read:
        """Read a body; see Model."""
        given = {name: _value(each) for name, each in sent.members.items() if name in PARTS}
        metadata = self._metadata(session, sent.members.get("metadata"))
        faults = metadata.faults
        to = rdm_access.decided(None, {})
        if (asked := given.get("access")) is not None:
            access = rdm_access.load(asked, session.now)
            to, faults = rdm_access.decided(asked, access.stored), faults + access.errors
        options = FileOptions()
        if (asked := given.get("files")) is not None:
            files = rdm_files.load(asked, keys)
            options, faults = rdm_files.decided(files.stored), faults + files.errors
        if (asked := given.get("custom_fields")) is not None:
            faults += rdm.load_custom_fields(asked).errors
        return Read(metadata.document, to, options, faults)

    def again(self, session: Session, document: Body) -> Loaded:
        """Read what was kept before; see Model."""
        return self._metadata(session, members(bytes(document)).get("metadata"))

    def of_next_version(self, document: Body) -> Body:
        """Return it without what is replaced anyway; see Model."""
        return _document(rdm.of_next_version(orjson.loads(document).get("metadata", {})))

    def _metadata(self, session: Session, sent: Document | None) -> Loaded:
        vocabulary = _InUse(session)
        if sent is None or sent.value is not UNREAD:
            return load(None if sent is None else sent.value, vocabulary)
        raw = bytes(sent.raw)
        return heavy.call(load_raw, raw, vocabulary.find(heavy.call(refs, raw)))


class _InUse:
    """domain.schemas.rdm.Vocabulary: the terms that are not retired."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, refs: Collection[Ref]) -> Terms:
        """Return what the terms say that are there."""
        ids = [term_id(TermRef(*ref)) for ref in refs]  # type: ignore[arg-type]  # asks for none
        found = self._session.find_all(Term, ids)
        return {term.ref: term.content for term in found.values() if not term.retired}


class _Known:
    """The same, for what was found already."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.asked: set[Ref] = set()

    def find(self, refs: Collection[Ref]) -> Terms:
        """Return what was found."""
        self.asked.update(refs)
        return self.terms


def load(metadata: Any, vocabulary: rdm.Vocabulary) -> Loaded:
    """Read metadata as InvenioRDM has it."""
    found = rdm.load(metadata, vocabulary)
    return Loaded(_document(found.stored), found.errors)


def load_raw(metadata: bytes, terms: Terms) -> Loaded:
    """Read the JSON of metadata, for which these terms were found."""
    return load(orjson.loads(metadata), _Known(terms))


def refs(metadata: bytes) -> set[Ref]:
    """Return the terms that the JSON of metadata refers to."""
    known = _Known({})
    rdm.load(orjson.loads(metadata), known)
    return known.asked


def _document(metadata: dict[str, Any]) -> Body:
    return Body(orjson.dumps({"metadata": metadata}))


def _value(sent: Document) -> Any:
    return orjson.loads(sent.raw) if sent.value is UNREAD else sent.value
