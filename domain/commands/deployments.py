"""Deployments of environments. Source: the Divio specification, "deployments"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from domain import variable
from domain.access import Level
from domain.commands import hosted_things
from domain.commands.hosted_versions import GONE
from domain.deployment import Deployed, Deployment
from domain.errors import Fault, Invalid, NotFound
from domain.hosted import ENVIRONMENT
from domain.identifiers import base32_of
from domain.log import Session


def create(session: Session, new: Mapping[str, Any], faults: Sequence[Fault] = ()) -> Deployed:
    """Deploy the environment, in hex, that `new` names, as it is now. Raises Invalid, Forbidden.

    `faults`: what of it is wrong already, or not there.
    """
    found, thing = list(faults), None
    if ENVIRONMENT.name in new:
        uuid = base32_of(UUID(new[ENVIRONMENT.name]))
        try:
            thing = hosted_things.find(session, ENVIRONMENT, uuid, Level.EDIT)
        except NotFound:
            found.append(Fault((ENVIRONMENT.name,), GONE.format(uuid)))
    if found or thing is None:
        raise Invalid("What was sent is wrong.", tuple(found))
    record = thing.record
    newest = session.past(record.id, record.versions - 1)
    deployment = Deployment(uuid4(), new.get("build_mode"))
    after = session.change(record, record.deploy(newest, deployment))
    return Deployed(
        deployment.id,
        record.id,
        thing.said["slug"],
        record.versions,
        after.recorded_at,
        deployment.build_mode,
        variable.names(newest.body),
    )
