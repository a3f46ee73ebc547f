"""Actions: made and changed by administrators. Source: SampleDB "Actions"."""

from __future__ import annotations

from typing import get_args
from uuid import uuid4

import orjson

from domain import access, heavy, schemas
from domain.action import WRITTEN, Action, ActionCreated, SchemaLanguage, Type
from domain.errors import Conflict, Invalid, NotFound
from domain.identifiers import NUMBER
from domain.instrument import Instrument
from domain.intake import checked_schema
from domain.log import Session
from domain.values import Body

NAME_LENGTH = 100  # characters. Source: SampleDB, POST /actions/A
NUMBERS = 10**9  # larger ones name nothing


def create(
    session: Session,
    *,
    name: str,
    description: str,
    type_: str,
    schema: bytes,
    schema_language: str = "sampledb",
    instrument: int | None = None,
    schema_bytes: int = schemas.SCHEMA_BYTES,
) -> Action:
    """Make an action. Raises Forbidden, Invalid when a field or the schema is wrong, TooLarge."""
    _require_administrator(session)
    _require_name(name)
    if type_ not in get_args(Type):
        raise Invalid(f"type must be one of {', '.join(get_args(Type))}.")
    if schema_language not in WRITTEN:
        raise Invalid(f"schema_language must be one of {', '.join(WRITTEN)}.")
    if type_ == "template" and schema_language != "sampledb":
        raise Invalid("schema_language must be sampledb for a template.")
    if instrument is not None and not _is_instrument(session, instrument):
        raise Invalid(f"instrument_id: there is no instrument {instrument}.")
    language: SchemaLanguage = schema_language
    body = _checked(session, schema, language, schema_bytes)
    return session.begin(
        uuid4(),
        ActionCreated(
            number=session.heads.draw("action"),
            name=name,
            description=description,
            type=type_,  # type: ignore[arg-type]  # one of the Literal's, as checked
            schema_language=language,
            publishing="at once",
            files="living",
            schema=body,
            instrument=instrument,
        ),
    )


def changeable(session: Session, number: str) -> Action:
    """Return the action that a URL names, to be changed. Raises NotFound, Forbidden."""
    action = session.find(Action, number=int(number)) if NUMBER.fullmatch(number) else None
    if action is None:
        raise NotFound(f"There is no action {number}.")
    _require_administrator(session)
    return action


def change(
    session: Session,
    action: Action,
    *,
    name: str | None = None,
    description: str | None = None,
    hidden: bool | None = None,
    schema: bytes | None = None,
    schema_bytes: int = schemas.SCHEMA_BYTES,
) -> Action:
    """Change what is given of a changeable action. Raises Invalid, TooLarge."""
    if name is not None:
        _require_name(name)
    event = action.change(
        action.name if name is None else name,
        action.description if description is None else description,
        hidden=action.hidden if hidden is None else hidden,
    )
    if schema is not None:
        body = _checked(session, schema, action.schema_language, schema_bytes, action.number)
        if not _same(bytes(body), session.schema(action.id, action.schema_version)):
            action = session.change(action, action.revise(body))
    return action if event is None else session.change(action, event)


def revise(session: Session, action: Action, schema: bytes) -> Action:
    """Give an action another schema. Raises Forbidden, Invalid when the schema is wrong."""
    _require_administrator(session)
    body = _checked(session, schema, action.schema_language, schemas.SCHEMA_BYTES, action.number)
    return session.change(action, action.revise(body))


def _require_administrator(session: Session) -> None:
    access.require_scope(session.actor, "write")
    access.require_admin(session.actor)


def _require_name(name: str) -> None:
    if not name.strip() or len(name) > NAME_LENGTH:
        raise Invalid(f"name must have 1 to {NAME_LENGTH} characters.")


def _is_instrument(session: Session, number: int) -> bool:
    return 0 < number < NUMBERS and session.find(Instrument, number=number) is not None


def _checked(
    session: Session,
    schema: bytes,
    language: SchemaLanguage,
    limit: int,
    number: int | None = None,
) -> Body:
    """Return a schema as the log gives it back: white space around a value is no part of it."""
    if language not in WRITTEN:
        raise Conflict("The schema of this action comes with Muniment.")

    def template(asked: int) -> bytes | None:
        found = session.find(Action, number=asked) if 0 < asked < NUMBERS else None
        if found is None or found.type != "template":
            return None
        return session.schema(found.id, found.schema_version)

    return Body(checked_schema(schema.strip(), language, limit, template, number))


def _same(schema: bytes, stored: bytes) -> bool:
    """Whether two schemas differ in nothing but white space."""
    if schema == stored:
        return True
    light = max(len(schema), len(stored)) <= heavy.LIGHT
    return same_text(schema, stored) if light else heavy.call(same_text, schema, stored)


def same_text(one: bytes, other: bytes) -> bool:
    """Whether two JSON values are the same, the order of keys included: it is shown."""
    return orjson.dumps(orjson.loads(one)) == orjson.dumps(orjson.loads(other))
