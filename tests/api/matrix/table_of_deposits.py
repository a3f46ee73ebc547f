"""What CAP's routes need of a deposit, by the right that one has on it; what is none is 404.

As in table.py, what would change something fails for a permitted asker at what is asked after the
permission; to edit what is published, and to clone it, there is nothing to fail at: who may is not
asked. What a deposit's status does not allow is 403 for everybody. Source: the CAP specification,
"Endpoints", "Rights".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.api.matrix.lines import DONE, REFUSED, STALE, Asked, Line, Rule, one
from tests.api.matrix.making import Made
from tests.api.matrix.states import Case, State, edit, files, manages, preview

SHARED = {"email": "x", "type": "user", "op": "add", "action": "deposit-read"}
ANY = "anything"  # a body that asks for something to be fetched, or names a webhook
OTHER_BYTES = {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}  # than are sent


def _line(may: Rule, draft: int, published: int = REFUSED, shows: str = "", **more: Any) -> Line:
    """Return a line of one request: what who may is answered of a draft, and of what is none."""

    def said(state: State) -> int:
        if state.kind != "deposit":
            return 404
        return published if state.published else draft

    def shown(state: State) -> str:
        if state.kind != "deposit" or shows != "metadata":
            return shows if state.kind == "deposit" else ""
        return "version 0" if state.published else "draft"

    return one(lambda case: case.state.kind != "deposit" or may(case), said, shown, **more)


def _by_bucket(may: Rule, draft: int, published: int = REFUSED, **more: Any) -> Line:
    """Return a line of one request at a bucket, of which strangers are told that there is none."""

    def status(case: Case) -> int:
        if case.state.kind != "deposit" or not preview(case):
            return 404
        if not may(case):
            return REFUSED
        return published if case.state.published else draft

    return Line(status, lambda _made: iter([Asked(status)]), **more)


def _bytes(made: Made) -> Iterator[Asked]:
    """Read a file: of what is published, who may see the record may."""
    is_deposit = made.state.kind == "deposit"

    def status(case: Case) -> int:
        seen = files(case) if case.state.published else preview(case)
        return 200 if is_deposit and seen else 404

    yield Asked(status, ("file",) if is_deposit else ())


def _action(name: str, line: Line) -> dict[str, Line]:
    return {f"POST /api/deposits/{{depid}}/actions/{name}": line._replace(scope="actions")}


ON_DEPOSITS = {
    "GET /api/deposits/{depid}": _line(preview, 200, 200, "metadata"),
    "PUT /api/deposits/{depid}": _line(edit, 412, body={}, headers=STALE),
    "PATCH /api/deposits/{depid}": _line(edit, 412, body=[], headers=STALE),
    "DELETE /api/deposits/{depid}": _line(manages, 412, headers=STALE),
    "GET /api/deposits/{depid}/files": _line(preview, 200, 200, "file"),
    "GET /api/files/{bucket}/{key}": Line(lambda _case: 404, _bytes),
    "PUT /api/files/{bucket}/{key}": _by_bucket(edit, 400, body="tin", headers=OTHER_BYTES),
    "DELETE /api/files/{bucket}/{key}": _by_bucket(edit, 404, names={"key": "none"}),
    **_action("publish", _line(manages, 412, headers=STALE)),
    **_action("edit", _line(edit, REFUSED, DONE)),
    **_action("discard", _line(edit, 412, headers=STALE)),
    **_action("clone", _line(preview, 422, DONE)),  # of the draft a file is incomplete
    **_action("permissions", _line(manages, 400, 400, body=[SHARED])),
    **_action("upload", _line(edit, 400, body=ANY)),
    **_action("disconnect_webhook", _line(edit, 404, body=ANY)),
}
