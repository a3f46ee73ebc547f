"""How refusals are worded on pages: as pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.door import Dialect
from api.inveniordm.errors import status as status_of
from api.pages.drawing import HEADERS, HTML, draw
from domain.errors import Anonymous, Forbidden, NotFound, Refusal

WORDS: dict[type[Refusal], str] = {
    Anonymous: "This is not open to everyone.",
    Forbidden: "Your account was not given access to this.",
}


def words(refusal: Refusal, status: int) -> dict[str, Any]:
    """Return what the page of a refusal says."""
    said = WORDS.get(type(refusal), refusal.message)
    if isinstance(refusal, NotFound):
        said = "There is no published record here. It may be a draft, or its address is mistyped."
    closed = isinstance(refusal, Anonymous | Forbidden)
    return {
        "title": "Access is restricted" if closed else HTTPStatus(status).phrase,
        "message": said,
        "sign_in": isinstance(refusal, Anonymous),
    }


DIALECT = Dialect(
    name="pages",
    status=status_of,
    error=words,
    media_type=HTML,
    written=lambda said: draw("error.html", **said),
    headers=dict(HEADERS),
)
