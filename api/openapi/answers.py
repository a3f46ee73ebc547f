"""What an operation answers: what its docstring says, and what every request may be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from api import tombs
from api.door import JSON, Dialect, Resource
from api.openapi import headers
from api.openapi.shapes import FAULT, Shapes
from domain import errors

SUCCESS = re.compile(r"\b([23]\d\d)\b")
RAISES = re.compile(r"Raises\s+([^.]*)\.")
NAME = re.compile(r"\b(?:[A-Z][A-Za-z]+|[45]\d\d)\b")
EMPTY = (204, 304)  # and what leads elsewhere
READING = ("GET", "OPTIONS")
WRITING = {"Unauthenticated", "Forbidden", "OutOfSpace"}


def of(path: str, method: str, said: str, resource: object, shapes: Shapes) -> dict[str, Any]:
    """Return the responses of an operation, of which the docstring is `said`."""
    known = {*map(int, SUCCESS.findall(said))}
    found: dict[int, Any] = {}
    for status in known:
        found[status] = _success(method, status, resource, shapes)
        given = headers.of_success(method, status, said, known, resource)
        if given:
            found[status]["headers"] = given
    if isinstance(resource, Resource):
        dialects = resource.dialects.get(method, (resource.dialect,))
        for status in set().union(*(refused(path, method, said, resource, d) for d in dialects)):
            found[status] = shapes.refusal(dialects, status)
    elif "503" in said:
        found[503] = _success(method, 503, resource, shapes)
    return {str(status): found[status] for status in sorted(found)}


def _success(method: str, status: int, resource: object, shapes: Shapes) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if status in EMPTY or 300 <= status < 400:
        return answer
    forms = content(method, status, resource, shapes)
    if forms:
        answer["content"] = forms
    return answer


def content(method: str, status: int, resource: object, shapes: Shapes) -> dict[str, Any]:
    """Return the forms of what success gives; of JSON, with the schema that stands beside it."""
    made = getattr(resource, "creates", {}) if status == 201 else {}
    schema = getattr(resource, "answers", {}).get(method, made)
    if method == "OPTIONS" and isinstance(resource, Resource):
        schema = resource.options
    shown = {"schema": shapes.named(schema)} if schema != {} else {}
    known = getattr(resource, "answer_types", (JSON,))
    forms = getattr(resource, "media_types", {}).get(method, known)
    if isinstance(forms, Mapping):
        own = {each: shapes.named(of) for each, of in forms.items() if isinstance(of, Mapping)}
    else:
        own = {}
    return {
        each: {"schema": own[each]} if each in own else shown if each in known else {}
        for each in forms
    }


def refused(path: str, method: str, said: str, resource: Resource, dialect: Dialect) -> set[int]:
    """Return the statuses of an operation's refusals: its own, and those that come before it."""
    raised = {name for names in RAISES.findall(said) for name in NAME.findall(names)}
    if "NotFound" in raised and any(f"{{{name}}}" in path for name in tombs.NAMES):
        raised.add("Gone")
    if "206" in SUCCESS.findall(said):
        raised |= {"412", "416"}
    raised |= {"TooManyRequests", "503"}
    if resource.asks_who:
        raised |= {"Unauthenticated"} if method in READING else WRITING
    if method in getattr(resource, "request", {}):
        raised |= {"Invalid", "413", "415", str(resource.too_late)}
    if method == "POST" and resource.takes_keys:
        raised |= {"Invalid", "Conflict", "Unprocessable"}
    return {status for name in raised for status in _statuses(dialect, name)}


def _statuses(dialect: Dialect, name: str) -> set[int]:
    """Return how a refusal is answered, with faults and without; a status as it is."""
    if name.isdecimal():
        return {int(name)}
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, errors.Refusal)):
        return set()
    if kind is errors.Invalid:
        return {dialect.status(each) for each in (errors.Invalid(""), errors.Invalid("", (FAULT,)))}
    return {dialect.status(kind.__new__(kind))}
