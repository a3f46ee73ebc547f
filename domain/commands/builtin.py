"""What is there from the first start: the record model of InvenioRDM, as an action.

Decided by the operator. Source: DESIGN.md "Words", Action.
"""

from __future__ import annotations

from domain.action import Action, ActionCreated
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
