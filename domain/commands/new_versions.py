"""New versions of published records: each a record of its own in the same family, a draft first.

Source: InvenioRDM, "Create a new version".
"""

from __future__ import annotations

from domain.commands import drafts
from domain.commands.drafts import Edited
from domain.commands.models import model_of
from domain.commands.open_drafts import action_of, editable
from domain.drafting import DraftSaved
from domain.errors import NotFound
from domain.family import VersionOpened
from domain.log import Session
from domain.record import Record
from domain.values import FileOptions


def new_version(session: Session, pid: str) -> Edited:
    """Begin the next version of a published record's family, from the newest that is published.

    While one is open it is returned as it is, whoever began it. Raises NotFound for a record that
    is not published, Forbidden, Conflict where records have no drafts.
    """
    record, family = editable(session, pid)
    if not record.versions:
        raise NotFound(f"The record {pid} is not published.")
    if family.next is not None:
        following = session.find(Record, id=family.next)
        assert following is not None  # noqa: S101 - it is made together with what names it
        return drafts.as_it_is(session, following, family)
    latest = record if family.latest is None else session.find(Record, id=family.latest)
    assert latest is not None  # noqa: S101 - as above
    session.rely(latest)  # nobody erases meanwhile what it says
    action = action_of(session, latest.action)
    model = model_of(action)
    past = session.past(latest.id, latest.versions - 1)
    assert past is not None  # noqa: S101 - it is published
    loaded = model.again(session, model.of_next_version(past.body))
    event = DraftSaved(
        document=loaded.document,
        access=latest.access,
        files=FileOptions(enabled=latest.options is None or latest.options.enabled),
        faults=loaded.faults,
    )
    edited = drafts.begin(session, family, action, event, index=family.index + 1)
    begun = edited.record
    opened = VersionOpened(record=begun.id, pid=begun.pid, index=begun.index)
    return Edited(begun, session.change(family, opened), edited.draft)
