"""Histories from elsewhere: records with their versions, each once, in the order they were made.

The first version of something outside claims its name for the object that is made for it, so a
second load of the same file finds the object again. Source: DESIGN.md "Real input".
"""

from __future__ import annotations

from datetime import datetime

from domain.access import EVERYONE, Level
from domain.action import Action
from domain.commands import actions, objects
from domain.commands.existing import Existing
from domain.errors import Invalid
from domain.intake import Document
from domain.log import Session
from domain.name import Name, NameClaimed, name_id
from domain.record import Record


def action(session: Session, name: str, schema: bytes) -> Action:
    """Return the action that a history is loaded under, with this schema as its present one.

    Raises Invalid when the schema is wrong, Forbidden.
    """
    found = session.find(Name, id=name_id("history", name))
    if found is None:
        made = actions.create(
            session,
            name=name,
            description="Loaded from a file.",
            type_="measurement",
            schema=schema,
            schema_language="json-schema",
        )
        claim = NameClaimed(kind="history", value=name, holder=made.id)
        session.begin(name_id("history", name), claim)
        return made
    under = session.find(Action, id=found.holder)
    if under is None:
        raise Invalid(f"There is no action {name}.")
    if session.schema(under.id, under.schema_version).strip() == schema.strip():
        return under
    return actions.revise(session, under, schema)


def add(
    session: Session,
    under: Action,
    name: str,
    document: Document,
    valid_from: datetime,
    *,
    public: bool = False,
) -> Record:
    """Publish the next version of what is called `name` outside, from its first on.

    `public` lets everybody view an object that is made now. Raises Invalid when the document
    violates the schema.
    """
    kind = f"history:{under.id}"
    known = session.find(Name, id=name_id(kind, name))
    if known is None:
        record = objects.create(
            session, action=under.number, document=document, valid_from=valid_from
        )
        session.begin(name_id(kind, name), NameClaimed(kind=kind, value=name, holder=record.id))
        if public:
            objects.grant(session, record, EVERYONE, Level.VIEW)
        return record
    found = session.find(Record, id=known.holder)
    assert found is not None  # noqa: S101 - the name was claimed together with it
    objects.require(session, found, Level.EDIT, "change this object")
    version = under.schema_version
    body = session.validator(under, version).accept(document, Existing(session, found))
    event = found.publish(body, schema_version=version, valid_from=valid_from)
    return session.change(found, event)
