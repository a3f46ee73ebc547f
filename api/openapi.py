"""/openapi.json, made from the routes themselves.

Each method's docstring begins with what success is and ends with what it raises; both become the
operation's responses, so the document and the code are one statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version
from inspect import getdoc
from typing import Any

from falcon.asgi import Request, Response

from api.door import JSON, Resource, methods, send
from domain import errors

SUCCESS = re.compile(r"\b([23]\d\d)\b")
RAISES = re.compile(r"Raises ([^.]*)\.")
NAME = re.compile(r"\b[A-Z][A-Za-z]+\b")
PARAMETER = re.compile(r"{(\w+)}")
SHOWN = ("GET", "POST", "PUT", "PATCH", "DELETE")


def document(routes: Mapping[str, object]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these routes."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Muniment",
            "version": version("muniment"),
            "description": "A headless, event-sourced, versioned object store for research data.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {path: _path(path, resource) for path, resource in sorted(routes.items())},
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},
                "query": {"type": "apiKey", "in": "query", "name": "access_token"},
            },
        },
        "security": [{"token": []}, {"password": []}, {"query": []}],
    }


def _path(path: str, resource: object) -> dict[str, Any]:
    operations: dict[str, Any] = {
        method.lower(): _operation(path, method, resource)
        for method in SHOWN
        if method in methods(resource)
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PARAMETER.findall(path)
    ]
    return operations | ({"parameters": parameters} if parameters else {})


def _operation(path: str, method: str, resource: object) -> dict[str, Any]:
    said = getdoc(getattr(resource, f"on_{method.lower()}")) or ""
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_"),
        "summary": said.splitlines()[0],
        "responses": _responses(said, resource),
    }
    query = getattr(resource, "query", {}).get(method)
    if query:
        operation["parameters"] = [
            {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
            for name, about in query.items()
        ]
    body = getattr(resource, "request", {}).get(method)
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    if body is not None and method == "POST":
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        operation.setdefault("parameters", []).append(
            {"name": "Idempotency-Key", "in": "header", "schema": key}
        )
    if not isinstance(resource, Resource):
        operation["security"] = []
    elif not resource.needs_login:
        operation["security"] = [{}, {"token": []}, {"password": []}, {"query": []}]
    return operation


def _responses(said: str, resource: object) -> dict[str, Any]:
    statuses = {int(status) for status in SUCCESS.findall(said)}
    if isinstance(resource, Resource):
        statuses.add(401)
        for names in RAISES.findall(said):
            for name in NAME.findall(names):
                kind = getattr(errors, name, None)
                if isinstance(kind, type) and issubclass(kind, errors.Refusal):
                    statuses.add(resource.dialect.status(kind.__new__(kind)))
    elif "503" in said:
        statuses.add(503)
    return {str(status): {"description": HTTPStatus(status).phrase} for status in sorted(statuses)}


class OpenApi:
    """/openapi.json"""

    def __init__(self, routes: Mapping[str, object]) -> None:
        self.routes = routes
        self._document: dict[str, Any] | None = None

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with this document."""
        if self._document is None:
            self._document = document(self.routes)
        send(resp, self._document)

    on_head = on_get
