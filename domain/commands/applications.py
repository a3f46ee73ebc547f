"""Applications and their environments. Source: the Divio specification, "Endpoints"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.access import Level
from domain.commands import hosted_things, hosted_versions, variables
from domain.commands.hosted_things import Thing
from domain.commands.variables import Keys
from domain.errors import Fault, Invalid
from domain.hosted import APPLICATION, ENVIRONMENT, ENVIRONMENTS
from domain.log import Session
from domain.variable import MEMBER


def create(session: Session, new: Mapping[str, Any], faults: Sequence[Fault]) -> Thing:
    """Make an application with its first environments. Raises Invalid."""
    made = hosted_things.create(session, APPLICATION, new, faults)
    for slug in ENVIRONMENTS:
        id_, branch = made.record.id, made.said["branch"]
        first = {APPLICATION.name: id_.hex, "slug": slug, "branch": branch}
        hosted_things.create(session, ENVIRONMENT, first)
    return made


def begin_environment(session: Session, new: Mapping[str, Any], faults: Sequence[Fault]) -> Thing:
    """Make an environment of an application. Raises Invalid."""
    return hosted_things.create(session, ENVIRONMENT, new, faults)


def copy(
    session: Session, keys: Keys, uuid: str, new: Mapping[str, str], faults: Sequence[Fault]
) -> Thing:
    """Make an environment that says what another does, under a `new_slug`.

    Raises NotFound, Forbidden, Invalid when the slug is taken.
    """
    found = hosted_things.find(session, ENVIRONMENT, uuid, Level.EDIT)
    if faults:
        raise Invalid(hosted_things.WRONG, tuple(faults))
    like = {**found.said, "slug": new["new_slug"]}
    if hosted_versions.is_taken(session, ENVIRONMENT, like):
        message = hosted_versions.taken(ENVIRONMENT)
        raise Invalid(message, (Fault(("new_slug",), message),))
    like.pop(MEMBER, None)
    return variables.copied(session, keys, found, hosted_things.create(session, ENVIRONMENT, like))
