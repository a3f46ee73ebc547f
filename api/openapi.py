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

from api import shown_links
from api.door import JSON, Dialect, Resource, methods, send
from domain import errors

SUCCESS = re.compile(r"\b([23]\d\d)\b")
RAISES = re.compile(r"Raises ([^.]*)\.")
NAME = re.compile(r"\b[A-Z][A-Za-z]+\b")
PARAMETER = re.compile(r"{(\w+)}")
TYPES = {str: "string", int: "integer"}
LINK = {
    "name": shown_links.PARAMETER,
    "in": "query",
    "description": "The token of an access link, which opens what the link opens.",
    "schema": {"type": "string"},
}
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
    if isinstance(resource, Resource) and resource.takes_links:
        parameters.append(LINK)
    return operations | ({"parameters": parameters} if parameters else {})


def _operation(path: str, method: str, resource: object) -> dict[str, Any]:
    said = getdoc(getattr(resource, f"on_{method.lower()}")) or ""
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_"),
        "summary": said.splitlines()[0],
        "responses": _responses(method, said, resource),
    }
    query = getattr(resource, "query", {}).get(method)
    if query:
        operation["parameters"] = [
            {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
            for name, about in query.items()
        ]
    body = getattr(resource, "request", {}).get(method)
    if body is not None:
        form = getattr(resource, "request_type", JSON)
        operation["requestBody"] = {"required": True, "content": {form: {"schema": body}}}
    if body is not None and method == "POST" and getattr(resource, "asks_who", True):
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        operation.setdefault("parameters", []).append(
            {"name": "Idempotency-Key", "in": "header", "schema": key}
        )
    if not isinstance(resource, Resource) or not resource.asks_who:
        operation["security"] = []
    elif not resource.needs_login:
        operation["security"] = [{}, {"token": []}, {"password": []}, {"query": []}]
    return operation


def _responses(method: str, said: str, resource: object) -> dict[str, Any]:
    answers: dict[HTTPStatus, dict[str, Any]] = {
        status: {"description": status.phrase}
        for status in map(HTTPStatus, map(int, SUCCESS.findall(said)))
    }
    forms = getattr(resource, "media_types", {}).get(method)
    if forms:
        answers[HTTPStatus.OK]["content"] = {each: {} for each in forms}
    if isinstance(resource, Resource):
        dialect = resource.dialect
        for status in map(HTTPStatus, _refused(method, said, resource)):
            answers[status] = {
                "description": status.phrase,
                "content": _wording(dialect, int(status)),
            }
    elif "503" in said:
        answers[HTTPStatus.SERVICE_UNAVAILABLE] = {"description": "Service Unavailable"}
    return {str(int(status)): answers[status] for status in sorted(answers)}


def _refused(method: str, said: str, resource: Resource) -> set[int]:
    """Return the statuses of an operation's refusals: its own, and those that the gate adds."""
    statuses = {401, 429, 503}
    for names in RAISES.findall(said):
        for name in NAME.findall(names):
            kind = getattr(errors, name, None)
            if isinstance(kind, type) and issubclass(kind, errors.Refusal):
                statuses.add(resource.dialect.status(kind.__new__(kind)))
    if method != "GET":
        statuses |= {403, 507}
    if method in getattr(resource, "request", {}):
        statuses |= {400, 408, 413, 415}
        if method == "POST":  # with an Idempotency-Key
            statuses |= {409, 422}
    return statuses


def _wording(dialect: Dialect, status: int) -> dict[str, Any]:
    """Return the content of a refusal, in the shape that its dialect gives every one."""
    if not dialect.media_type.endswith("json"):
        return {dialect.media_type: {"schema": {"type": "string"}}}
    shown = dialect.error(errors.Invalid(""), status)
    members = {name: {"type": TYPES[type(value)]} for name, value in shown.items()}
    schema = {"type": "object", "required": list(members), "properties": members}
    return {dialect.media_type: {"schema": schema}}


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
