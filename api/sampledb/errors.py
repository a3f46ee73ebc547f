"""How SampleDB words a refusal. Source: the SampleDB specification, 2.6 "Errors"."""

from __future__ import annotations

from typing import Any

from api.errors import status_of
from domain.errors import Invalid, Needed, Refusal, Stale


def status(refusal: Refusal) -> int:
    """Return the status: SampleDB answers 400 to what does not fit what there is."""
    return 400 if isinstance(refusal, Stale | Needed) else status_of(refusal)


def body(refusal: Refusal, _status: int) -> dict[str, Any]:
    """Return `message`, and `error_paths` where a document has faults."""
    if not (isinstance(refusal, Invalid) and refusal.faults):
        return {"message": refusal.message}
    lines = [f" - {each.message}{_at(each.path)}" for each in refusal.faults]
    return {
        "message": "\n".join(["validation failed:", *lines]),
        "error_paths": [[str(step) for step in each.path] for each in refusal.faults],
    }


def _at(path: tuple[str | int, ...]) -> str:
    return f" (at {' -> '.join(map(str, path))})" if path else ""
