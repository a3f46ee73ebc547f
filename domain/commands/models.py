"""Record models: what a draft may say, by the action that it is made under.

A model is lax when a draft is saved, where it keeps what is valid and names the rest, and strict
when one is published, where nothing may be wrong. Source: DESIGN.md "Schemas"; InvenioRDM.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, Protocol

import orjson
from msgspec import Struct

from domain import deposit_type, documents, heavy, intake, metadata
from domain.action import Action
from domain.commands.existing import Existing
from domain.draft import Loaded
from domain.errors import Conflict, Fault, Invalid
from domain.intake import UNREAD, Document, Validator, members, read_metadata
from domain.log import Session
from domain.schemas import rdm
from domain.schemas.rdm import access as rdm_access
from domain.schemas.rdm import files as rdm_files
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
    """How the documents of an action are read."""

    needs_files: bool  # whether a record has files unless it says that it has none

    def read(self, session: Session, sent: Sent, keys: Container[str]) -> Read:
        """Read a body; `keys` are those of the draft's files."""

    def again(self, session: Session, document: Body) -> Loaded:
        """Read a document that was kept before."""

    def stands(self, session: Session, document: Body) -> bool:
        """Whether a document that was kept without a fault has none for certain."""

    def of_next_version(self, document: Body) -> Body:
        """Return the document that a next version begins with."""


def sent(body: bytes, max_depth: int = documents.MAX_DEPTH) -> Sent:
    """Return a body by its members; an empty one is an empty object. Raises Invalid."""
    raw = body.strip() or b"{}"
    return Sent(Body(raw), members(raw, max_depth))


def model_of(action: Action) -> Model:
    """Return the model of an action's records. Raises Conflict where they have no drafts."""
    if action.is_deposit_type:
        return DepositModel(action)
    if action.schema_language != "inveniordm":
        raise Conflict(f"Objects of action {action.number} are published at once, without drafts.")
    return RdmModel()


class RdmModel:
    """InvenioRDM's: `metadata`, `access` and `files`; any other member is dropped. See Model.

    Nothing is refused: what is wrong is a fault.
    """

    needs_files = True

    def read(self, session: Session, sent: Sent, keys: Container[str]) -> Read:
        """Read a body; see Model."""
        given = {name: _value(each) for name, each in sent.members.items() if name in PARTS}
        loaded = read_metadata(sent.members.get(metadata.MEMBER), Existing(session))
        faults = loaded.faults
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
        return Read(loaded.document, to, options, faults)

    def again(self, session: Session, document: Body) -> Loaded:
        """Read what was kept before; see Model."""
        kept = members(bytes(document))
        return read_metadata(kept.get(metadata.MEMBER), Existing(session))

    def stands(self, session: Session, document: Body) -> bool:
        """Only terms that it refers to may have gone meanwhile; see Model."""
        if len(document) > heavy.LIGHT:
            return False
        refs = metadata.references_of(bytes(document))
        return refs == Existing(session).find(refs).keys()

    def of_next_version(self, document: Body) -> Body:
        """Return it without what is replaced anyway; see Model."""
        return metadata.of_next_version(bytes(document))


class DepositModel:
    """CAP's: the document is the member `data`, held to its type's two schemas. See Model.

    What the schema of deposits does not accept is refused when it is saved.
    """

    needs_files = False

    def __init__(self, action: Action) -> None:
        self._action = action

    def read(self, session: Session, sent: Sent, keys: Container[str]) -> Read:
        """Read a body; see Model. Raises Invalid."""
        document = sent.members.get("data")
        if document is None or not document.is_object:
            raise Invalid("The document is missing.", (Fault(("data",), "Must be an object."),))
        own = deposit_type.metadata(document.raw)
        if own is not document.raw:
            document = intake.document(bytes(own))
        drafts = self._validator(session).drafts
        assert drafts is not None  # noqa: S101 - the action is a deposit type
        return Read(drafts.accept(document, Existing(session)), Access(), FileOptions(), ())

    def again(self, session: Session, document: Body) -> Loaded:
        """Read what was kept before; see Model."""
        try:
            self._validator(session).accept(intake.document(bytes(document)), Existing(session))
        except Invalid as error:
            return Loaded(document, error.faults or (Fault((), error.message),))
        return Loaded(document)

    def stands(self, session: Session, document: Body) -> bool:
        """Not for certain: publishing asks another schema; see Model."""
        return False

    def of_next_version(self, document: Body) -> Body:
        """Raises Conflict: the next version of a deposit is the next of the same record."""
        raise Conflict("A deposit is edited and published again: its versions are one record's.")

    def _validator(self, session: Session) -> Validator:
        return session.validator(self._action, self._action.schema_version)


def _value(sent: Document) -> Any:
    return orjson.loads(memoryview(sent.raw)) if sent.value is UNREAD else sent.value
