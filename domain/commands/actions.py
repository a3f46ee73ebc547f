"""Actions: made and revised by administrators. Source: SampleDB "Actions"."""

from __future__ import annotations

from typing import get_args
from uuid import uuid4

from domain import access, schemas
from domain.action import Action, ActionCreated, SchemaLanguage, Type
from domain.errors import Invalid
from domain.intake import require_schema
from domain.log import Session
from domain.values import Body

NAME_LENGTH = 100  # characters. Source: SampleDB, POST /actions/A


def create(
    session: Session,
    *,
    name: str,
    description: str,
    type_: str,
    schema: bytes,
    schema_language: str = "sampledb",
    schema_bytes: int = schemas.SCHEMA_BYTES,
) -> Action:
    """Make an action. Raises Forbidden, Invalid when a field or the schema is wrong, TooLarge."""
    access.require_scope(session.actor, "write")
    access.require_admin(session.actor)
    if not name.strip() or len(name) > NAME_LENGTH:
        raise Invalid(f"name must have 1 to {NAME_LENGTH} characters.")
    if type_ not in get_args(Type):
        raise Invalid(f"type must be one of {', '.join(get_args(Type))}.")
    if schema_language not in get_args(SchemaLanguage):
        raise Invalid(f"schema_language must be one of {', '.join(get_args(SchemaLanguage))}.")
    language: SchemaLanguage = schema_language  # type: ignore[assignment]  # as checked
    require_schema(schema, language, schema_bytes)
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
            schema=_value(schema),
        ),
    )


def revise(session: Session, action: Action, schema: bytes) -> Action:
    """Give an action another schema. Raises Forbidden, Invalid when the schema is wrong."""
    access.require_scope(session.actor, "write")
    access.require_admin(session.actor)
    require_schema(schema, action.schema_language, schemas.SCHEMA_BYTES)
    return session.change(action, action.revise(_value(schema)))


def _value(schema: bytes) -> Body:
    """Return a schema as the log gives it back: white space around a value is no part of it."""
    return Body(schema.strip())
