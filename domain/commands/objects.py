"""Objects: records published at once, version by version. Source: SampleDB "Objects"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import orjson
from msgspec import Struct

from domain import access
from domain.action import Action
from domain.commands import dataset_versions, families, hosted_versions
from domain.commands.differing import Difference, resolve
from domain.commands.existing import Existing
from domain.errors import Invalid, NotFound
from domain.event import Aggregate
from domain.family import Family
from domain.group import Group
from domain.identifiers import new_pid, object_key, record_id
from domain.intake import Document
from domain.log import Session
from domain.record import Record, RecordCreated
from domain.values import Access

SPACING = 4096  # bytes of white space that a client may add to a schema it sends back
# What decides on a record, by the column that names it.
BESIDE: Mapping[str, type[Aggregate]] = MappingProxyType({"family": Family, "action": Action})


class Expectation(Struct, frozen=True):
    """What the writer believes of the object; anything else is refused."""

    version: int | None = None  # the number that the new version gets
    action: int | None = None
    schema: Document | None = None  # None: the one that the object has


def create(
    session: Session,
    *,
    action: int,
    document: Document,
    schema: Document | None = None,
    valid_from: datetime | None = None,
) -> Record:
    """Make an object with its version 0. Raises Invalid when action, schema or data are wrong."""
    access.require_scope(session.actor, "write")
    under = session.find(Action, number=action)
    if under is None:
        raise Invalid(f"There is no action {action}.")
    if under.type == "template":
        raise Invalid(f"Creating objects with action {action} is disabled: it is a template.")
    if schema is not None and not _same(schema, session.schema(under.id, under.schema_version)):
        raise Invalid("schema must be that of the action.")
    body = session.validator(under, under.schema_version).accept(document, Existing(session))
    pid, family = new_pid(), families.begin(session, under)
    dataset_versions.begin(session, under.id, family, body)
    hosted_versions.begin(session, under.id, record_id(pid), family, body)
    record = session.begin(
        record_id(pid),
        RecordCreated(
            pid=pid,
            number=session.heads.draw("record"),
            action=under.id,
            family=family.id,
            access=Access(),
        ),
    )
    return session.change(
        record,
        record.publish(body, schema_version=under.schema_version, valid_from=valid_from),
    )


def writable(session: Session, object_id: str) -> Record:
    """Return the object that the actor may change. Raises NotFound, Forbidden."""
    record = find(session, object_id)
    require(session, record, access.Level.EDIT, "change this object")
    return record


def manageable(session: Session, object_id: str) -> Record:
    """Return the object whose permissions the actor may change. Raises NotFound, Forbidden."""
    record = find(session, object_id)
    require(session, record, access.Level.MANAGE, "change the permissions of this object")
    return record


def publish(
    session: Session,
    record: Record,
    *,
    document: Document | None,
    expected: Expectation,
    difference: Difference | None = None,
    valid_from: datetime | None = None,
) -> Record:
    """Publish the next version of a writable object: a document, or what makes it of the last one.

    Raises Stale when the version expected is not the next, Invalid, TooLarge.
    """
    action = session.find(Action, id=record.action)
    assert action is not None  # noqa: S101 - a record's action is never deleted
    if expected.action is not None and expected.action != action.number:
        raise Invalid(f"action_id must be {action.number}.")
    version = _schema_version(session, record, action, expected.schema)
    record.require_next(expected.version)  # before the document is examined: it may be large
    if difference is not None:
        document = resolve(session, record, action, difference, document)
    assert document is not None  # noqa: S101 - who publishes gives one of the two
    body = session.validator(action, version).accept(document, Existing(session, record))
    dataset_versions.require_following(session, record, body)
    hosted_versions.require_following(session, record, body)
    event = record.publish(body, schema_version=version, valid_from=valid_from)
    return session.change(record, event)


def restore(session: Session, object_id: str, version: int) -> Record:
    """Publish an earlier version of an object again, byte for byte. Raises NotFound, Forbidden.

    It satisfied its schema when it was published, and is held to no other.
    """
    record = writable(session, object_id)  # who may change it sees all its versions
    past = session.past(record.id, version) if 0 <= version < record.versions else None
    if past is None:
        raise NotFound(f"There is no version {version} of object {object_id}.")
    dataset_versions.require_following(session, record, past.body)
    hosted_versions.require_following(session, record, past.body, restored=True)
    return session.change(record, record.restore(past))


def grant(
    session: Session,
    record: Record,
    principal: UUID,
    level: access.Level,
    *,
    by_role: bool = False,
) -> Family:
    """Give a principal a rung on an object; `by_role` says that it is a project.

    Raises Forbidden, Invalid when none could manage it.
    """
    require(session, record, access.Level.MANAGE, "change the permissions of this object")
    family = session.find(Family, id=record.family)
    assert family is not None  # noqa: S101 - a record's family is made with it
    event = family.grant(principal, level, by_role=by_role)
    return family if event is None else session.change(family, event)


def grant_group(session: Session, record: Record, group: Group, level: access.Level) -> Family:
    """Give the members of a group or project a rung on an object. Raises Forbidden, Invalid."""
    session.rely(group)
    return grant(session, record, group.id, level, by_role=group.by_role)


def grant_signed_in(session: Session, record: Record, level: access.Level) -> Family:
    """Give every signed-in account a rung on an object. Raises Forbidden, Invalid.

    To take it from them is to take it from everyone, who include them.
    """
    family = grant(session, record, access.SIGNED_IN, level)
    if level == access.Level.NONE:
        family = grant(session, record, access.EVERYONE, level)
    return family


def change_access(session: Session, record: Record, to: Access) -> Record:
    """Open or close a record for who was granted nothing. Raises Forbidden."""
    require(session, record, access.Level.MANAGE, "change the access of this object")
    event = record.change_access(to)
    return record if event is None else session.change(record, event)


def find(session: Session, object_id: str) -> Record:
    """Return the record that `<id>` in a URL names. Raises NotFound."""
    key = object_key(object_id)
    record = (
        session.find(Record, beside=BESIDE, recall=True, number=key)
        if isinstance(key, int)
        else session.find(Record, beside=BESIDE, recall=True, id=key)
    )
    if record is None or not record.versions:
        raise NotFound(f"There is no object {object_id}.")
    return record


def require(session: Session, record: Record, needed: access.Level, what: str) -> None:
    """Pass when the actor holds the rung on the record's family. Raises Forbidden."""
    family = session.find(Family, id=record.family)
    assert family is not None  # noqa: S101 - a record's family is made with it
    session.rely(family)
    held = session.level(family)
    access.require(session.actor, held, needed, what)
    if needed > access.Level.PREVIEW:
        access.require_scope(session.actor, "write")


def _schema_version(
    session: Session, record: Record, action: Action, schema: Document | None
) -> int:
    """Return which schema the new version is held to: the object's own, unless another is sent."""
    own = record.schema_version or action.schema_version
    if schema is None:
        return own
    for version in {own: None, action.schema_version: None}:
        if _same(schema, session.schema(action.id, version)):
            return version
    raise Invalid("schema must be that of the object or the present one of its action.")


def _same(shown: Document, stored: bytes) -> bool:
    """Whether a JSON value equals a stored one, key order aside."""
    if bytes(shown.raw) == stored:
        return True
    if len(shown.raw) > 2 * len(stored) + SPACING:
        return False
    sort = orjson.OPT_SORT_KEYS
    value = orjson.loads(memoryview(shown.raw))
    return orjson.dumps(value, option=sort) == orjson.dumps(orjson.loads(stored), option=sort)
