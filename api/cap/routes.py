"""CAP's whole surface, one line a route; /api/records is InvenioRDM's too (api/cap/home.py)."""

from __future__ import annotations

from api.cap import actions, deposits, files, jsonschemas
from api.cap.me import Me
from api.cap.resource import CapResource
from api.cap.types import Types
from api.service import Service

PATHS: dict[str, type[CapResource]] = {
    "/api/me/": Me,
    "/api/jsonschemas/": jsonschemas.JsonSchemas,
    "/api/jsonschemas/{name}/": jsonschemas.JsonSchema,
    "/api/jsonschemas/{name}/{version}/": jsonschemas.JsonSchemaVersion,
    "/api/deposits/": deposits.Deposits,
    "/api/deposits/{depid}/": deposits.OneDeposit,
    "/api/deposits/{depid}/files/": files.DepositFiles,
    "/api/files/{bucket}/{key}": files.BucketFile,
    "/api/deposits/{depid}/actions/publish/": actions.Publish,
    "/api/deposits/{depid}/actions/edit/": actions.Edit,
    "/api/deposits/{depid}/actions/discard/": actions.Discard,
    "/api/deposits/{depid}/actions/clone/": actions.Clone,
    "/api/deposits/{depid}/actions/permissions/": actions.Permissions,
    "/api/deposits/{depid}/actions/upload/": actions.UploadAction,
    "/api/deposits/{depid}/actions/disconnect_webhook/": actions.DisconnectWebhook,
}


def routes(service: Service, types: Types) -> dict[str, CapResource]:
    """Return path template → resource."""
    return {path: kind(service, types) for path, kind in PATHS.items()}
