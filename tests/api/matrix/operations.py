"""What tokens do, by the words of DESIGN.md, and by which routes at each door.

The routes are expressions for methods and paths of the application.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from falcon.inspect import inspect_routes

from scripts.application import application
from scripts.settings import Settings
from tests.api.matrix import design

ALL = "every scope"  # a password has them
NONE = "none"  # nobody is asked for a token: a form or a program says itself who sends it
READING = frozenset({"GET", "HEAD"})
CHANGES = "every change through a publish-at-once door"
OBJECT = r"(?:/api/v1)?/objects/\{object_id\}"
RECORD = r"/api/records/\{pid\}"
DEPOSIT = r"/api/deposits/\{depid\}"
V1 = "/api/v1"


class Operation(NamedTuple):
    """What is done, at which door, by which routes.

    `beside` is the scope of what the design's table does not name.
    """

    what: str
    door: str
    routes: str
    beside: str | None = None

    @property
    def scope(self) -> str:
        """The scope that it takes."""
        return self.beside or design.scopes()[self.what]


def _routes(*found: str) -> str:
    return "|".join(f"(?:{each})" for each in found)


NAMED = (
    Operation("create", "InvenioRDM", "POST /api/(?:records|communities)"),
    Operation("create", "CAP", "POST /api/(?:deposits|jsonschemas)"),
    Operation("create", "IceProd", "POST /datasets"),
    Operation(
        "create",
        "SampleDB",
        _routes(
            r"POST (?:/api/v1)?/objects",
            rf"POST {V1}/(?:actions|groups|projects|instruments|locations|location_types)",
        ),
    ),
    Operation("save", "InvenioRDM", f"PUT {RECORD}/draft"),
    Operation("save", "CAP", f"(?:PUT|PATCH) {DEPOSIT}"),
    Operation(
        "upload",
        "InvenioRDM",
        _routes(
            rf"\w+ {RECORD}/draft/files(?:/\{{key\}}(?:/content|/commit)?)?",
            rf"(?:PATCH|POST|DELETE) {RECORD}/draft/uploads/\{{upload\}}",
        ),
    ),
    Operation("upload", "CAP", r"(?:PUT|DELETE) /api/files/\{bucket\}/\{key[^}]*\}"),
    Operation("delete or discard a draft", "InvenioRDM", f"DELETE {RECORD}/draft"),
    Operation("delete or discard a draft", "CAP", f"DELETE {DEPOSIT}"),
    Operation("edit", "InvenioRDM", f"POST {RECORD}/draft"),
    Operation(
        "links",
        "InvenioRDM",
        rf"(?:POST|PATCH|DELETE) {RECORD}/access/links(?:/\{{link\}})?",
    ),
    Operation(
        "permissions outside `…/actions/`",
        "SampleDB",
        rf"PUT {OBJECT}/permissions/\w+(?:/\{{\w+\}})?",
    ),
    Operation("new version", "InvenioRDM", f"POST {RECORD}/versions"),
    Operation("files-import", "InvenioRDM", f"POST {RECORD}/draft/actions/files-import"),
    Operation("restore", "SampleDB", f"POST {OBJECT}/restore"),
    Operation(
        CHANGES,
        "SampleDB",
        _routes(
            f"POST {OBJECT}/(?:versions|comments|files|locations)",
            rf"POST {V1}/actions/\{{action_id\}}",
            rf"(?:POST|PUT|DELETE) {V1}/(?:groups|projects)/\{{number\}}(?:/member_\w+(?:/.*)?)?",
            rf"PUT {V1}/(?:locations|location_types)/\{{\w+\}}",
            rf"(?:POST|PUT) {V1}/instruments/\{{instrument_id\}}(?:/.*)?",
        ),
    ),
    Operation(
        CHANGES,
        "IceProd",
        _routes(
            r"(?:POST|PUT|PATCH|DELETE) /(?:datasets|config)/\{dataset_id\}(?:/.*)?",
            r"(?:POST|PUT|PATCH|DELETE) /actions/.*",
        ),
    ),
    Operation(CHANGES, "Divio", r"(?:POST|PUT|PATCH|DELETE) /(?:apps|iam|billing)/v3/.*"),
    Operation("InvenioRDM: publish", "InvenioRDM", f"POST {RECORD}/draft/actions/publish"),
    Operation("CAP: every `…/actions/*`", "CAP", rf"POST {DEPOSIT}/actions/\w+"),
)
BESIDE = (
    Operation("erase", "all", f"POST {OBJECT}/erasures", "actions"),
    Operation(
        "make and revoke tokens, and end logins",
        "all",
        _routes(
            f"POST {V1}/access_tokens",
            "POST /api/me/tokens",
            "DELETE /api/me/(?:tokens|logins)/.*",
        ),
        ALL,
    ),
    Operation("read by a form", "OAI-PMH", "POST /oai2d", "read"),
    Operation(
        "sign in by a form",
        "all",
        _routes(r"POST (?:/app)?/account/.*", r"POST /oauth/\w+"),
        NONE,
    ),
    Operation(
        "say who is told of events", "all", r"(?:POST|DELETE) /api/webhooks(?:/.*)?", "write"
    ),
    Operation(
        "lead communities, and put records into them",
        "InvenioRDM",
        _routes(
            rf"(?:POST|DELETE) {RECORD}/communities",
            r"(?:POST|PUT|DELETE) /api/communities/\{community\}(?:/\w+)?",
        ),
        "write",
    ),
)


@cache
def served() -> tuple[tuple[str, str], ...]:
    """Every method and path of the application."""
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data), database_url="postgresql://nowhere")
        routes = inspect_routes(application(settings))
    found = {
        (each.method, route.path.rstrip("/"))
        for route in routes
        for each in route.methods
        if not each.internal and each.method != "OPTIONS"
    }
    return tuple(sorted(found, key=lambda each: each[::-1]))


def operations(method: str, path: str) -> list[Operation]:
    """The operations that a route belongs to; to read is one, and needs no line."""
    if method in READING:
        return [Operation(design.READ, "all", "")]
    return [each for each in (*NAMED, *BESIDE) if done_by(each, method, path)]


def done_by(operation: Operation, method: str, path: str) -> bool:
    """Whether a route carries an operation out."""
    return re.fullmatch(operation.routes, f"{method} {path}") is not None
