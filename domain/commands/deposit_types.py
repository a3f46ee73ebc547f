"""Deposit types: made and revised by administrators. Source: the CAP specification, "Endpoints"."""

from __future__ import annotations

from domain import access, deposit_type, intake, schemas
from domain.action import Action, ActionCreated
from domain.deposit_type import DepositType
from domain.errors import Conflict, Fault, Invalid
from domain.log import Session
from domain.values import Body


def save(
    session: Session, raw: bytes, *, depth: int, limit: int = schemas.SCHEMA_BYTES
) -> tuple[Action, DepositType]:
    """Make a type, or give one a later version, from what is sent.

    Raises Forbidden, Invalid, TooLarge, Conflict where it is not later than the newest.
    """
    access.require_scope(session.actor, "write")
    access.require_admin(session.actor)
    raw = raw.strip()
    found = deposit_type.of({key: each.raw for key, each in intake.members(raw, depth).items()})
    for member, schema in (("deposit_schema", found.deposit), ("record_schema", found.record)):
        _check(member, deposit_type.drafted(schema), limit)
    action = session.find(Action, id=deposit_type.type_id(found.name))
    if action is None:
        event = created(session, found, Body(raw))
        return session.begin(deposit_type.type_id(found.name), event), found
    newest = deposit_type.read(session.schema(action.id, action.schema_version))
    if found.place <= newest.place:
        raise Conflict(f"The newest version of {found.name} is {newest.version}: name a later one.")
    action = session.change(action, action.revise(Body(raw)))
    renamed = action.change(action.name, found.fullname, hidden=action.hidden)
    return action if renamed is None else session.change(action, renamed), found


def created(session: Session, found: DepositType, raw: Body) -> ActionCreated:
    """Decide the action of a type."""
    return ActionCreated(
        number=session.heads.draw("action"),
        name=found.name,
        description=found.fullname,
        type="measurement",
        schema_language="cap",
        publishing="draft",
        files="frozen",
        schema=raw,
    )


def _check(member: str, schema: bytes, limit: int) -> None:
    """Pass for a schema that can be used; faults lead into the member that it is."""
    try:
        intake.checked_schema(schema, "json-schema", limit)
    except Invalid as error:
        faults = tuple(Fault((member, *each.path), each.message) for each in error.faults)
        raise Invalid(error.message, faults or (Fault((member,), error.message),)) from error
