"""What an operation answers: what its docstring says, and what every request may be answered."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from api.door import JSON, Resource
from api.openapi.shapes import FAULT, Shapes
from domain import errors

SUCCESS = re.compile(r"\b([23]\d\d)\b")
RAISES = re.compile(r"Raises ([^.]*)\.")
NAME = re.compile(r"\b(?:[A-Z][A-Za-z]+|[45]\d\d)\b")
EMPTY = (204, 304)  # and what leads elsewhere
TEXT = {"type": "string"}


def of(method: str, said: str, resource: object, shapes: Shapes) -> dict[str, Any]:
    """Return the responses of an operation, of which the docstring is `said`."""
    found: dict[int, Any] = {
        status: _success(method, status, resource, shapes)
        for status in map(int, SUCCESS.findall(said))
    }
    if isinstance(resource, Resource):
        for status in refused(method, said, resource):
            found[status] = shapes.refusal(resource.dialect, status)
    elif "503" in said:
        found[503] = _success(method, 503, resource, shapes)
    return {str(status): found[status] for status in sorted(found)}


def _success(method: str, status: int, resource: object, shapes: Shapes) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if status in EMPTY or 300 <= status < 400:
        if status != 304 and status != 204:
            answer["headers"] = {"Location": {"required": True, "schema": TEXT}}
        return answer
    answer["content"] = content(method, status, resource, shapes)
    if status == 201:
        answer["headers"] = {"Location": {"schema": TEXT}}
    return answer


def content(method: str, status: int, resource: object, shapes: Shapes) -> dict[str, Any]:
    """Return the forms of what success gives; of JSON, with the schema that stands beside it."""
    made = getattr(resource, "creates", {}) if status == 201 else {}
    schema = getattr(resource, "answers", {}).get(method, made)
    shown = {"schema": shapes.named(schema)} if schema != {} else {}
    known = getattr(resource, "answer_types", (JSON,))
    forms = getattr(resource, "media_types", {}).get(method, known)
    return {each: shown if each in known else {} for each in forms}


def refused(method: str, said: str, resource: Resource) -> set[int]:
    """Return the statuses of an operation's refusals: its own, and those that come before it."""
    status = resource.dialect.status
    found = {status(errors.TooManyRequests("", 1)), 503}
    for names in RAISES.findall(said):
        for name in NAME.findall(names):
            found |= {int(name)} if name.isdecimal() else _statuses(resource, name)
    if resource.asks_who:
        found.add(status(errors.Unauthenticated("")))
        if method != "GET":
            found |= {status(errors.Forbidden("")), status(errors.OutOfSpace(""))}
    if method in getattr(resource, "request", {}):
        found |= {*_statuses(resource, "Invalid"), resource.too_late, 413, 415}
    if method == "POST" and resource.takes_keys:
        kinds = (errors.Invalid(""), errors.Conflict(""), errors.Unprocessable(""))
        found |= {status(each) for each in kinds}
    return found


def _statuses(resource: Resource, name: str) -> set[int]:
    """Return how a refusal is answered, with faults and without."""
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, errors.Refusal)):
        return set()
    if kind is errors.Invalid:
        each = (errors.Invalid(""), errors.Invalid("", (FAULT,)))
        return {resource.dialect.status(one) for one in each}
    return {resource.dialect.status(kind.__new__(kind))}
