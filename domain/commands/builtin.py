"""What is there from the first start: InvenioRDM's record model and CAP's open type, as actions.

Decided by the operator. Source: DESIGN.md "Words", Action.
"""

from __future__ import annotations

from domain import deposit_type
from domain.action import Action, ActionCreated
from domain.commands.deposit_types import created
from domain.identifiers import stream_of
from domain.log import Session
from domain.values import Body

RECORD_MODEL = stream_of("action", "inveniordm")
# Its language says what its documents are held to: domain/schemas/rdm.
SCHEMA = Body(b'{"title":"InvenioRDM record","type":"object","required":["metadata"]}')


def record_model(session: Session) -> Action:
    """Return the action of InvenioRDM's records, made if it is not there."""
    found = session.find(Action, id=RECORD_MODEL)
    if found is not None:
        return found
    event = ActionCreated(
        number=session.heads.draw("action"),
        name="InvenioRDM record",
        description="Records with metadata, files and versions, published from drafts.",
        type="measurement",
        schema_language="inveniordm",
        publishing="draft",
        files="frozen",
        schema=SCHEMA,
    )
    return session.begin(RECORD_MODEL, event)


GENERIC = Body(
    b'{"name":"generic","version":"1.0.0","fullname":"Generic","use_deposit_as_record":true,'
    b'"deposit_schema":{"$schema":"http://json-schema.org/draft-04/schema#","type":"object",'
    b'"title":"Generic","description":"Any metadata.","properties":{}}}'
)


def generic_type(session: Session) -> Action:
    """Return the type of deposits that may say anything, made if it is not there."""
    id_ = deposit_type.type_id(deposit_type.GENERIC)
    found = session.find(Action, id=id_)
    return found or session.begin(id_, created(session, deposit_type.read(bytes(GENERIC)), GENERIC))
