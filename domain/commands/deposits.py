"""Deposits: CAP's records, edited as drafts under a type, published, edited again, cloned.

A deposit is a record of a deposit type; while a draft of it is open its status is draft, else it is
published. What its status does not allow is forbidden, as CAP has it. Source: the CAP
specification, "Endpoints", "Mapping onto the shared domain".
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain import access, deposit_type, intake, patching
from domain.access import Level
from domain.action import Action
from domain.commands import drafts, families, manifests, objects
from domain.commands.models import Sent
from domain.commands.open_drafts import action_of, document_of
from domain.draft_files import DraftFilesImported
from domain.drafting import DraftSaved
from domain.errors import Fault, Forbidden, Gone, Invalid, NotFound, Stale, TooLarge
from domain.family import Family
from domain.identifiers import DEPID
from domain.intake import Document
from domain.log import Session
from domain.manifest import StoredManifest, manifest_id
from domain.record import Record
from domain.values import Access, Body, FileOptions

NAMED = 200  # characters of what somebody named that a refusal repeats
WRONG_STATUS = "Invalid action: the deposit is {}."


class Deposit(Struct, frozen=True):
    """A record of a deposit type with its document, as a command leaves them."""

    record: Record
    family: Family
    schema_version: int  # of its type, that the document is held to
    document: Body


def create(session: Session, name: str, version: str | None, document: Document) -> Deposit:
    """Begin a deposit under a type, at its newest version; `version` is which that is believed.

    Raises Forbidden, Invalid.
    """
    action = session.find(Action, id=deposit_type.type_id(name))
    if action is None or action.hidden:
        raise Invalid(f"There is no analysis type {name[:NAMED]}.")
    if version is not None:
        newest = deposit_type.read(session.schema(action.id, action.schema_version))
        if version != newest.version:
            raise Invalid(f"Deposits of {name} are made at its version {newest.version}.")
    return _edited(session, drafts.create(session, _sent(document), action.id))


def find(session: Session, depid: str, needed: Level = Level.PREVIEW) -> Record:
    """Return the record of a deposit on which the actor holds a rung.

    Raises NotFound, Gone, Forbidden.
    """
    record = None
    if DEPID.fullmatch(depid):
        record = session.find(Record, beside=objects.BESIDE, recall=True, id=UUID(depid))
    if record is None or not action_of(session, record.action).is_deposit_type:
        raise NotFound(f"There is no deposit {depid}.")
    family = family_of(session, record)
    session.rely(family)
    held = session.level(family)
    access.require(session.actor, held, needed, "do this with this deposit")
    if not record.exists:
        raise Gone("This deposit was deleted.")
    return record


def drafted(
    session: Session, depid: str, expected: int | None = None, needed: Level = Level.EDIT
) -> Record:
    """Return the record of a deposit whose status is draft.

    Raises NotFound, Gone, Forbidden, Stale when it is not at the revision expected.
    """
    record = find(session, depid, needed)
    if record.draft is None:
        raise Forbidden(WRONG_STATUS.format("published"))
    require_revision(record, expected)
    return record


def require_revision(record: Record, expected: int | None) -> None:
    """Pass when a deposit is at the revision expected; None: at any. Raises Stale."""
    if expected is not None and expected != record.version:
        raise Stale(f"This deposit is at revision {record.version}, not {expected}.")


def save(session: Session, depid: str, document: Document, expected: int | None = None) -> Deposit:
    """Replace what a deposit says. Raises as `drafted`, Invalid."""
    record = drafted(session, depid, expected)
    return _edited(session, drafts.save(session, record.pid, _sent(document)))


def patch(
    session: Session,
    depid: str,
    patch: bytes,
    depth: int,
    limit: int,
    expected: int | None = None,
) -> Deposit:
    """Change what a deposit says by a JSON Patch; `limit` is in bytes of what it makes.

    Raises as `drafted`, Invalid, TooLarge.
    """
    record = drafted(session, depid, expected)
    made = patching.applied(bytes(_document(session, record)), patch, depth)
    if len(made) > limit:
        raise TooLarge(f"What the patch makes is larger than {limit} bytes.", limit)
    document = stated(made, depth)[0]
    return _edited(session, drafts.save(session, record.pid, _sent(document)))


def delete(session: Session, depid: str, expected: int | None = None) -> None:
    """Have a deposit that was never published be gone. Raises as `drafted`."""
    record = drafted(session, depid, expected, Level.MANAGE)
    if record.versions:
        raise Forbidden(WRONG_STATUS.format("published before"))
    drafts.discard(session, record.pid)


def publish(session: Session, depid: str, expected: int | None = None) -> Deposit:
    """Make a deposit's draft the next version. Raises as `drafted`, Invalid."""
    record = drafted(session, depid, expected, Level.MANAGE)
    done = drafts.publish(session, record.pid)
    version = done.record.schema_version or 1
    return Deposit(done.record, done.family, version, done.document)


def edit(session: Session, depid: str, expected: int | None = None) -> Deposit:
    """Open a published deposit again. Raises NotFound, Gone, Forbidden, Stale."""
    record = find(session, depid, Level.EDIT)
    if record.draft is not None:
        raise Forbidden(WRONG_STATUS.format("a draft"))
    require_revision(record, expected)
    return _edited(session, drafts.edit(session, record.pid, "actions"))


def discard(session: Session, depid: str, expected: int | None = None) -> Deposit:
    """Have a deposit be as it was published. Raises as `drafted`."""
    record = drafted(session, depid, expected)
    if not record.versions:
        raise Forbidden(WRONG_STATUS.format("not published"))
    record = drafts.discard(session, record.pid, scope="actions")
    return as_it_is(session, record)


def clone(session: Session, depid: str, expected: int | None = None) -> Deposit:
    """Begin a deposit that says and holds what another does; no byte of its files is copied.

    Raises NotFound, Gone, Forbidden, Stale, Invalid while a file is incomplete.
    """
    access.require_scope(session.actor, "actions")
    source = find(session, depid)
    require_revision(source, expected)
    session.rely(source)  # nobody erases meanwhile what it says
    under = action_of(session, source.action)
    if under.hidden:
        raise Invalid(f"There is no analysis type {under.name}.")
    manifest = source.manifest
    if source.draft is not None:
        manifest, faults = None, list[Fault]()
        if source.draft.files:
            manifest, faults = manifests.of_draft(session, source, source.draft, FileOptions())
        if faults:
            raise Invalid("The deposit cannot be cloned yet.", tuple(faults))
    event = DraftSaved(document=_document(session, source), access=Access(), files=FileOptions())
    family = families.begin(session, under)
    edited = drafts.begin(session, family, under, event, index=1, cloned_from=source.id)
    if manifest is None:
        return _edited(session, edited)
    stored = session.find(StoredManifest, id=manifest_id(manifest.digest))
    if stored is not None:
        session.rely(stored)  # nobody erases it meanwhile
    record = session.change(edited.record, DraftFilesImported(manifest=manifest))
    return _edited(session, replace(edited, record=record))


def renew(session: Session, depid: str, expected: int | None = None) -> Deposit:
    """Return a deposit that is edited, as it is: what is asked of it changes nothing.

    Raises as `drafted`.
    """
    access.require_scope(session.actor, "actions")
    return as_it_is(session, drafted(session, depid, expected))


def stated(raw: bytes, depth: int) -> tuple[Document, dict[str, Document]]:
    """Return what of a JSON object is metadata, and all its members.

    Members that begin with _ or $ are the service's. Raises Invalid.
    """
    members = intake.members(raw, depth)
    return intake.document(bytes(deposit_type.metadata(Body(raw.strip())))), members


def _sent(document: Document) -> Sent:
    return Sent(document.raw, {"data": document})


def family_of(session: Session, record: Record) -> Family:
    """Return the family of a record."""
    family = session.find(Family, id=record.family)
    assert family is not None  # noqa: S101 - a record's family is made with it
    return family


def _document(session: Session, record: Record) -> Body:
    """Return what a deposit says now."""
    if record.draft is not None:
        draft = document_of(session, record)
        if bytes(draft.document):
            return draft.document
    past = session.past(record.id, record.versions - 1)
    assert past is not None  # noqa: S101 - it is published, or its draft has a document
    return past.body


def as_it_is(session: Session, record: Record) -> Deposit:
    """Return a deposit as it stands."""
    version = action_of(session, record.action).schema_version
    if record.draft is None and record.schema_version is not None:
        version = record.schema_version
    return Deposit(record, family_of(session, record), version, _document(session, record))


def _edited(session: Session, edited: drafts.Edited) -> Deposit:
    version = action_of(session, edited.record.action).schema_version
    document = edited.draft.document
    if not bytes(document):
        document = _document(session, edited.record)
    return Deposit(edited.record, edited.family, version, document)
