"""Divio's whole surface, one line a route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.divio.collections import APPLICATIONS, ENVIRONMENTS
from api.divio.deployments import DeployedVariables, Deployments, Log, OneDeployment
from api.divio.environments import Copy, Logs
from api.divio.fixed import EMPTY, PLAN_GROUPS, REGIONS, Fixed, OneFixed
from api.divio.iam import Me, Members, OneMember, OneOrganisation, Organisations
from api.divio.root import Root
from api.divio.schema import Schema
from api.divio.things import APPS, OneThing, Things
from api.divio.variables import OneVariable, Variables
from api.service import Service

COLLECTIONS = (APPLICATIONS, ENVIRONMENTS)
PLANS = "/billing/v3/application-plan-groups"


def routes(service: Service) -> dict[str, object]:
    """Return each path and what answers it."""
    fixed: dict[str, Sequence[dict[str, Any]]] = {
        **{f"{APPS}/{name}": () for name in EMPTY},
        f"{APPS}/regions": REGIONS,
        PLANS: PLAN_GROUPS,
    }
    names = [*(each.path for each in COLLECTIONS), "deployments", "environment-variables"]
    names += [*EMPTY, "regions"]
    organisation = "/iam/v3/organisations/{uuid}"
    found: dict[str, object] = {
        f"{APPS}/": Root(service, names),
        **{f"{APPS}/{each.path}/": Things(service, each) for each in COLLECTIONS},
        **{f"{APPS}/{each.path}/{{uuid}}/": OneThing(service, each) for each in COLLECTIONS},
        f"{APPS}/environments/{{uuid}}/copy/": Copy(service),
        f"{APPS}/environments/{{uuid}}/logs/": Logs(service),
        f"{APPS}/environment-variables/": Variables(service),
        f"{APPS}/environment-variables/{{uuid}}/": OneVariable(service),
        f"{APPS}/deployments/": Deployments(service),
        f"{APPS}/deployments/{{uuid}}/": OneDeployment(service),
        f"{APPS}/deployments/{{uuid}}/logs/": Log(service),
        f"{APPS}/deployments/{{uuid}}/environment-variables/": DeployedVariables(service),
        **{f"{path}/": Fixed(service, path, lines) for path, lines in fixed.items()},
        **{f"{path}/{{uuid}}/": OneFixed(service, path, lines) for path, lines in fixed.items()},
        "/iam/v3/me/": Me(service),
        "/iam/v3/organisations/": Organisations(service),
        f"{organisation}/": OneOrganisation(service),
        f"{organisation}/members/": Members(service),
        f"{organisation}/members/{{member}}/": OneMember(service),
    }
    found[f"{APPS}/schema.json"] = Schema(service, found)
    return found
