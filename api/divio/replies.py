"""What Divio's resources answer, for the OpenAPI document. Source: the Divio specification."""

from __future__ import annotations

from typing import Any

from api.shapes import BOOLEAN, INTEGER, TEXT, TEXTS, Schema, array, maybe, told
from domain.hosted import ROLES, Kind

ID: dict[str, Any] = {"type": "string", "pattern": "^[a-z2-7]{26}$"}
PART = {**ID, "description": "its id: 26 characters of base 32"}
COMMANDS = array(told("divio.Command", {"label": TEXT, "command": TEXT}))
_SHOWN: dict[str, Schema] = {
    "release_commands": COMMANDS,
    "repository": maybe(ID),
    "app_template": maybe(TEXT),
    "last_finished_deployment": maybe(told("divio.Finished", {"uuid": ID})),
}
_ROLE = {"enum": list(ROLES)}
ME = told("divio.Me", {"uuid": ID, "email": TEXT, "first_name": TEXT, "last_name": TEXT})
ORGANISATION = told(
    "divio.Organisation", {"uuid": ID, "name": TEXT, "created_at": TEXT, "role": _ROLE}
)
MEMBER = told("divio.Member", {"uuid": ID, "name": TEXT, "email": maybe(TEXT), "role": _ROLE})
DEPLOYMENT = told(
    "divio.Deployment",
    {
        "uuid": ID,
        "environment": ID,
        "build_mode": maybe(TEXT),
        "status": TEXT,
        "success": maybe(BOOLEAN),
        "percent": INTEGER,
        "started_at": TEXT,
        "ended_at": maybe(TEXT),
        "environment_variables": array(TEXT),
    },
)
DEPLOYED_VARIABLES = told(
    "divio.DeployedVariables",
    {
        "environment": ID,
        "environment_variables": {"type": "object", "additionalProperties": maybe(TEXT)},
    },
)
DEPLOYMENT_LOG = told("divio.DeploymentLog", {"uuid": ID, "logs": TEXT})
VARIABLE = told(
    "divio.EnvironmentVariable",
    {
        "uuid": ID,
        "environment": ID,
        "application": ID,
        "name": TEXT,
        "value": maybe(TEXT),
        "is_sensitive": BOOLEAN,
    },
)
LOG = told(
    "divio.Log",
    {
        "results": array(
            told("divio.LogLine", {"timestamp": TEXT, "service": TEXT, "message": TEXT})
        ),
        "next": maybe(TEXT),
        "previous": maybe(TEXT),
    },
)
ROOT: dict[str, Any] = dict(TEXTS)
FIXED = told("divio.BuiltIn", {"uuid": ID, "name": TEXT}, regions=array(ID))
_FIELD = told(
    "divio.Field",
    {"type": TEXT, "required": BOOLEAN, "read_only": BOOLEAN},
    max_length=INTEGER,
    choices=array(told("divio.Choice", {"value": TEXT, "display_name": TEXT})),
)
OPTIONS = told(
    "divio.Options",
    {"name": TEXT, "description": TEXT, "renders": array(TEXT), "parses": array(TEXT)},
    actions={
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": _FIELD},
    },
)


def listed(shown: Schema) -> dict[str, Any]:
    """Return the schema of a page of a list."""
    title = f"{shown['title']}s"
    members = {"count": INTEGER, "next": maybe(TEXT), "previous": maybe(TEXT)}
    return told(title, {**members, "results": array(shown)})


def thing(kind: Kind, always: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of a thing of a collection, and of what is always shown of it."""
    members = {name: ID if name in kind.ids else _SHOWN.get(name, TEXT) for name in _names(kind)}
    return told(
        f"divio.{kind.name.capitalize()}",
        {"uuid": ID, **members, **{name: _SHOWN[name] for name in always}},
    )


def _names(kind: Kind) -> tuple[str, ...]:
    return (*kind.of, *kind.properties)
