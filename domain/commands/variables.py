"""Variables of environments: made, changed, deleted, copied; each change a version.

Source: the Divio specification, "environment-variables".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID, uuid4

import orjson
from msgspec import Struct
from msgspec.structs import replace

from domain import hosted, intake, variable
from domain.access import Level
from domain.action import Action
from domain.commands import hosted_things
from domain.commands.existing import Existing
from domain.commands.hosted_things import Thing
from domain.commands.hosted_versions import GONE
from domain.envelope import DataKey
from domain.errors import Fault, Invalid, NotFound
from domain.hosted import ENVIRONMENT
from domain.identifiers import base32_of
from domain.log import Session
from domain.record import Record
from domain.variable import MEMBER, MOST, Variable

NO_NAME = "Enter a valid name of letters, digits and underscores that does not begin with a digit."
TAKEN = "The fields environment, name must make a unique set."
FULL = f"An environment has at most {MOST} variables."
STAYS = "A variable stays in its environment."
WITHHELD = "A sensitive value is not given back: give the one that is to be shown."
_NAME = re.compile(variable.NAME)


class Keys(Protocol):
    """The data keys of environments."""

    def of(self, record: UUID) -> DataKey:
        """Return an environment's data key. Raises Damaged."""


class Held(Struct, frozen=True):
    """A variable in its environment."""

    environment: Thing
    variable: Variable


def create(
    session: Session, keys: Keys, new: Mapping[str, Any], faults: Sequence[Fault] = ()
) -> Held:
    """Make a variable of the environment, in hex, that `new` names. Raises Invalid, Forbidden.

    `faults`: what of it is wrong already, or not there.
    """
    found, thing = list(faults), None
    others: tuple[Variable, ...] = ()
    if ENVIRONMENT.name in new:
        try:
            thing = _editable(session, new[ENVIRONMENT.name])
            others = variable.of(thing.said)
        except NotFound:
            gone = GONE.format(base32_of(UUID(new[ENVIRONMENT.name])))
            found.append(Fault((ENVIRONMENT.name,), gone))
    if "name" in new:
        found += _of_name(new["name"], others)
    if len(others) >= MOST:
        found.append(Fault((), FULL))
    if found or thing is None:
        raise Invalid("What was sent is wrong.", tuple(found))
    made = Variable(base32_of(uuid4()), new["name"], is_sensitive=False, value=new["value"])
    if new["is_sensitive"]:
        made = _sealed(keys, thing, made, new["value"])
    return Held(_saved(session, thing, (*others, made)), made)


def change(
    session: Session,
    keys: Keys,
    environment: UUID,
    uuid: str,
    news: Mapping[str, Any],
    faults: Sequence[Fault] = (),
) -> Held:
    """Change what is given of a variable; what is so already makes no version.

    A sensitive value stays unless another is given. Raises Invalid, NotFound, Forbidden.
    """
    thing, before, others = _find(session, environment, uuid)
    found = list(faults)
    if news.get(ENVIRONMENT.name, environment.hex) != environment.hex:
        found.append(Fault((ENVIRONMENT.name,), STAYS))
    after = replace(before, name=news.get("name", before.name))
    if after.name != before.name:
        found += _of_name(after.name, others)
    is_sensitive = news.get("is_sensitive", before.is_sensitive)
    value = news.get("value", before.value)
    if value is None and not is_sensitive:
        found.append(Fault(("value",), WITHHELD))
    if found:
        raise Invalid("What was sent is wrong.", tuple(found))
    if not is_sensitive:
        after = replace(after, is_sensitive=False, value=value, sealed=None)
    elif value is not None:
        after = _sealed(keys, thing, after, value)
    if after != before:
        kept = (after if each == before else each for each in variable.of(thing.said))
        thing = _saved(session, thing, kept)
    return Held(thing, after)


def delete(session: Session, environment: UUID, uuid: str) -> Record:
    """Have an environment say a variable no more; deployments keep it.

    Raises NotFound, Forbidden.
    """
    thing, _, others = _find(session, environment, uuid)
    return _saved(session, thing, others).record


def copied(session: Session, keys: Keys, source: Thing, copy: Thing) -> Thing:
    """Have an environment that has just begun say the variables of another.

    A secret opens nowhere but in its own environment, so it is sealed anew.
    """
    variables = []
    for each in variable.of(source.said):
        new = replace(each, uuid=base32_of(uuid4()))
        if each.sealed is not None:
            value = variable.opened(keys.of(source.record.id), source.record.id, each)
            new = _sealed(keys, copy, new, value)
        variables.append(new)
    return _saved(session, copy, variables) if variables else copy


def unknown() -> NotFound:
    """Return what whoever asks is told of a variable that is not there."""
    return NotFound("No variable matches the given query.")


def _editable(session: Session, environment: str) -> Thing:
    """Return the environment of an id in hex. Raises NotFound, Forbidden."""
    uuid = base32_of(UUID(environment))
    return hosted_things.find(session, ENVIRONMENT, uuid, Level.EDIT)


def _find(
    session: Session, environment: UUID, uuid: str
) -> tuple[Thing, Variable, tuple[Variable, ...]]:
    """Return an environment, a variable of it, and the others. Raises NotFound, Forbidden."""
    thing = _editable(session, environment.hex)
    variables = variable.of(thing.said)
    found = next((each for each in variables if each.uuid == uuid), None)
    if found is None:
        raise unknown()
    return thing, found, tuple(each for each in variables if each is not found)


def _of_name(name: str, others: Iterable[Variable]) -> list[Fault]:
    """Return what is wrong with a name."""
    if not _NAME.fullmatch(name):
        return [Fault(("name",), NO_NAME)]
    return [Fault((), TAKEN)] if any(each.name == name for each in others) else []


def _sealed(keys: Keys, thing: Thing, of: Variable, value: str) -> Variable:
    return variable.sealed(keys.of(thing.record.id), thing.record.id, of, value)


def _saved(session: Session, thing: Thing, variables: Iterable[Variable]) -> Thing:
    """Publish the next version of an environment, with these variables."""
    record, said = thing.record, {**thing.said, MEMBER: variable.told(variables)}
    action = session.find(Action, id=record.action)
    assert action is not None  # noqa: S101 - a record's action is never deleted
    version = record.schema_version or action.schema_version
    document = intake.document(orjson.dumps(said))
    body = session.validator(action, version).accept(document, Existing(session, record))
    hosted.require_size(body)
    return Thing(session.change(record, record.publish(body, schema_version=version)), said)
