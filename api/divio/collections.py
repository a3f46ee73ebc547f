"""The collections of things, each with its fields. Source: the Divio specification, "Endpoints"."""

from __future__ import annotations

from types import MappingProxyType

from api.divio import deployments
from api.divio.fields import Field
from api.divio.things import Collection
from domain.commands import applications
from domain.hosted import APPLICATION, BRANCH, ENVIRONMENT, PLAN_GROUP, REGION, SLUG_LENGTH

_REGION = Field("own", null=True, default=REGION.hex, choices=(REGION.hex,))
_PLAN_GROUP = Field("own", null=True, default=PLAN_GROUP.hex, choices=(PLAN_GROUP.hex,))
_BRANCH = Field("text", null=True, default=BRANCH)
_COMMANDS = Field("commands", null=True, default=[])
_NOTHING = Field("nothing", null=True)
_CHANGING = {
    "name": Field("text"),
    "region": _REGION,
    "plan_group": _PLAN_GROUP,
    "release_commands": _COMMANDS,
    "branch": _BRANCH,
}
APPLICATIONS = Collection(
    path="applications",
    kind=APPLICATION,
    new=MappingProxyType(
        _CHANGING
        | {
            "name": Field("text", required=True),
            "slug": Field("slug", required=True, most=SLUG_LENGTH),
            "organisation": Field("id", required=True),
            "repository": _NOTHING,
            "app_template": _NOTHING,
        }
    ),
    changing=MappingProxyType(_CHANGING),
    create=applications.create,
    always={"repository": None, "app_template": None},
)
ENVIRONMENTS = Collection(
    path="environments",
    kind=ENVIRONMENT,
    new=MappingProxyType(
        {
            "application": Field("id", required=True),
            "slug": Field("slug", required=True, most=SLUG_LENGTH),
            "branch": _BRANCH,
        }
    ),
    changing=MappingProxyType({"branch": _BRANCH}),
    create=applications.begin_environment,
    always={deployments.NEWEST: None},
    beside=deployments.newest,
)
