"""Dataset: what a record under the built-in action `iceprod.dataset` says, and how it may change.

A simulation of so many jobs of so many tasks each. Its changes are versions of the record, made
through whatever door; what one may follow upon another is decided here.
Source: the IceProd specification, "REST" and "Status".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson
from msgspec import Struct

from domain import documents
from domain.access import ADMINISTRATORS, SIGNED_IN, Actor, Level
from domain.errors import Forbidden, Invalid
from domain.identifiers import stream_of
from domain.values import Body

ACTION = stream_of("action", "iceprod.dataset")
STATUSES = ("processing", "suspended", "errors", "complete")
FOLLOWING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "processing": ("suspended", "errors", "complete"),
        "suspended": ("processing",),
        "errors": ("processing", "suspended"),
        "complete": (),
    }
)
TEAMS = ("simprod", "filtering")  # groups with members of their own
JOB_STATUSES = STATUSES  # by which a dataset's jobs are chosen, of which there are none here
TASK_STATUSES = ("idle", "waiting", "queued", "processing", "suspended", "failed", "complete")
GROUPS: Mapping[str, UUID] = MappingProxyType(  # as what each is granted something
    {
        "admin": ADMINISTRATORS,
        **{name: stream_of("iceprod group", name) for name in TEAMS},
        "users": SIGNED_IN,
    }
)
CONFIG = "config"  # the member that GET /config gives, and no other
ID = "dataset_id"  # that a configuration may name, and is not kept in it
APART = (CONFIG, "auth_groups_read")  # members that GET /datasets does not give
MOST = 2**31 - 1  # jobs, and tasks of each
_SPACE = b" \t\r\n"  # that JSON may begin and end with

_COUNT = {"type": "integer", "minimum": 1, "maximum": MOST}
_FLAG = {"type": "boolean"}
_GROUP = {"enum": list(GROUPS)}
_SOME = {"type": "array", "minItems": 1}
_CONFIG = {
    "type": "object",
    "required": ["tasks"],
    "properties": {
        "tasks": _SOME
        | {
            "items": {
                "type": "object",
                "required": ["name", "trays"],
                "properties": {
                    "name": {"type": "string"},
                    "trays": _SOME
                    | {
                        "items": {
                            "type": "object",
                            "required": ["modules"],
                            "properties": {"modules": _SOME | {"items": {"type": "object"}}},
                        }
                    },
                },
            }
        }
    },
}
PROPERTIES: Mapping[str, Any] = MappingProxyType(
    {
        "description": {"type": "string", "maxLength": 10_000},
        "jobs_submitted": _COUNT,
        "tasks_submitted": {"type": "integer", "minimum": 1},
        "tasks_per_job": _COUNT,
        "group": _GROUP,
        "priority": {"type": "number"},
        "debug": _FLAG,
        "jobs_immutable": _FLAG,
        "always_active": _FLAG,
        "status": {"enum": list(STATUSES)},
        "truncated": _FLAG,
        "username": {"type": "string"},
        "auth_groups_read": {"type": "array", "items": _GROUP},
        CONFIG: _CONFIG,
    }
)
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "priority": 0.5,
        "debug": False,
        "jobs_immutable": False,
        "always_active": False,
        "status": STATUSES[0],
        "truncated": False,
        "auth_groups_read": ["users"],
    }
)
SCHEMA = Body(
    orjson.dumps(
        {
            "title": "IceProd dataset",
            "type": "object",
            "required": [name for name in PROPERTIES if name not in APART],
            "properties": dict(PROPERTIES),
            "additionalProperties": False,
        }
    )
)


def said(body: Body) -> dict[str, Any]:
    """Return what a dataset says, without its configuration: that may be large."""
    members = documents.split(bytes(body))
    return {name: orjson.loads(bytes(each)) for name, each in members.items() if name != CONFIG}


class Configuration(Struct, frozen=True):
    """A configuration as exact bytes without the id that may stand in it; that id, as JSON.

    `tasks` is how many it has; 0 also where they are none.
    """

    raw: bytes
    named: bytes | None
    tasks: int


def configuration(raw: bytes, max_depth: int = documents.MAX_DEPTH) -> Configuration:
    """Return the configuration that is this JSON. Raises Invalid for what is no object."""
    found = documents.read(raw, max_depth=max_depth)
    if not isinstance(found, dict):
        raise Invalid("A configuration is a JSON object.")
    tasks = found.get("tasks")
    count = len(tasks) if isinstance(tasks, list) else 0
    if ID not in found:
        return Configuration(raw, None, count)
    members = documents.split(raw)
    named = bytes(members.pop(ID))
    return Configuration(documents.joined(members), named, count)


def spelled(text: bytes) -> Configuration:
    """Return the configuration that a JSON text spells.

    Raises Invalid for what is no text, or none of a JSON object with tasks.
    """
    said = orjson.loads(text)
    raw = said.encode().strip(_SPACE) if isinstance(said, str) else b""
    if not raw:
        raise Invalid("config must be a JSON object, as a text.")
    found = configuration(raw)
    if not found.tasks:
        raise Invalid("config must have tasks.")
    return found


def require_own(named: bytes | None, *ids: str) -> None:
    """Pass when the id that a configuration names is one of a dataset's own. Raises Invalid."""
    if named is None:
        return
    said = orjson.loads(named)
    if (said if isinstance(said, str) else named.decode()) not in ids:
        raise Invalid("dataset_id is that of another dataset.")


def require_beginning(actor: Actor, new: Mapping[str, Any]) -> None:
    """Pass when a dataset may begin so. Raises Invalid, Forbidden for another's name."""
    if new["username"] != actor.name and not actor.admin:
        raise Forbidden("username must be your own.")
    _require_count(new)


def require_following(before: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Pass when a dataset may become so. Raises Invalid."""
    for name in ("group", "username", "tasks_per_job", "jobs_immutable", "auth_groups_read"):
        if new.get(name) != before.get(name):
            raise Invalid(f"{name} of a dataset does not change.")
    require_step(before["status"], new["status"])
    require_jobs(before, new["jobs_submitted"])
    if new["truncated"] and not before["truncated"]:
        require_truncatable(before)
    if before["truncated"] and not new["truncated"]:
        raise Invalid("A truncated dataset stays so.")
    _require_count(new)


def require_step(before: str, new: str) -> None:
    """Pass when one status follows upon another, or is the same. Raises Invalid."""
    if new not in STATUSES:
        raise Invalid(f"status must be one of {', '.join(STATUSES)}.")
    if new != before and new not in FOLLOWING[before]:
        raise Invalid(f"A dataset that is {before} cannot become {new}.")


def require_jobs(before: Mapping[str, Any], jobs: int) -> None:
    """Pass when a dataset may have so many jobs. Raises Invalid."""
    if jobs == before["jobs_submitted"]:
        return
    if before["jobs_immutable"]:
        raise Invalid("jobs_submitted of this dataset is immutable.")
    if jobs < before["jobs_submitted"]:
        raise Invalid("jobs_submitted only grows.")


def require_truncatable(before: Mapping[str, Any]) -> None:
    """Pass when a dataset may be truncated. Raises Invalid."""
    if before["status"] == "complete":
        raise Invalid("A complete dataset cannot be truncated.")


def grants(new: Mapping[str, Any]) -> dict[UUID, Level]:
    """Return who holds which rung on a dataset, beside its owner."""
    found = {ADMINISTRATORS: Level.MANAGE}
    held = [(new["group"], Level.VIEW if new["group"] == "users" else Level.EDIT)]
    held += [(name, Level.VIEW) for name in new.get("auth_groups_read", ["users"])]
    for name, level in held:
        found[GROUPS[name]] = max(level, found.get(GROUPS[name], Level.NONE))
    return found


def _require_count(new: Mapping[str, Any]) -> None:
    if new["tasks_submitted"] != new["jobs_submitted"] * new["tasks_per_job"]:
        raise Invalid("tasks_submitted must be jobs_submitted times tasks_per_job.")
