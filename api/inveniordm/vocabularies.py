"""Vocabularies: lists of their terms, and each term. Anybody may read them.

Source: InvenioRDM, "Vocabularies" and "Specific vocabularies".
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import ClassVar
from urllib.parse import unquote

from falcon.asgi import Request, Response

from api import lucene
from api.inveniordm import faces, listing, replies, schemas, showing
from api.inveniordm.faces import AFFILIATIONS, SUBJECTS, Face
from api.inveniordm.resource import V1, InvenioRdmResource, dumps, media_type, send_tagged, tag_of
from domain.errors import Invalid, NoRecord, NotFound
from domain.term import Ref, type_called
from projections import asking, term_lists
from projections.asking import Compiled
from projections.conditions import Field, HasPhrase
from projections.term_lists import Page, Place, Wanted

WHOLE = 100  # hits that an answer has in one piece
TURN = 50  # hits after which others have their turn
SCHEME = Field(("scheme",))  # of which a vocabulary may have few, each with very many terms
SCHEMES = re.compile(r"\s*([^\s:/,]+(?:,[^\s:/,]+)*):(?!//)(.*)", re.DOTALL)


class Terms(InvenioRdmResource):
    """A list of the terms of a vocabulary. Those that were retired are not in it."""

    answers: ClassVar = {"GET": replies.hits(replies.TERM)}
    query: ClassVar = {"GET": schemas.TERMS}

    async def send(self, req: Request, resp: Response, face: Face) -> None:
        """Answer with a page of them. Raises Invalid, NotAcceptable."""
        q, suggest = _text(req, "q"), _text(req, "suggest")
        if q and suggest:
            raise Invalid("Either q or suggest may be given, not both.")
        default = "bestmatch" if q or suggest else next(iter(face.sorts))
        asked = listing.asked(req, face.sorts, default, cursors=True, known=schemas.TERMS)
        schemes, text = _schemes(suggest) if face is SUBJECTS else ((), suggest)
        condition, cursors = None, self.service.cursors
        if q not in ("", "*"):
            condition, schemes = await self.service.slow(lambda: _read(q))
        wanted = Wanted(
            type=face.type,
            condition=condition,
            suggest=text or None,
            text=text or q,
            tags=tuple(_sound(each) for each in req.get_param_as_list("tags") or ()),
            schemes=schemes,
            sort=face.sorts[asked.sort],
            limit=asked.size,
            offset=0 if asked.after else asked.offset,
            after=None if asked.after is None else cursors.read(asked.after, Place),
        )
        page = await term_lists.page(self.service.db, self.service.searching, wanted)
        beyond = (asked.page + 1) * asked.size > listing.WINDOW
        await listing.send_list(
            req,
            resp,
            f"{self.base(req)}{face.path}",
            asked,
            page.total,
            self._hits(req, face, page),
            streamed=len(page.rows) > WHOLE,
            exact=page.exact,
            cursor=cursors.text(page.next) if page.next and (asked.after or beyond) else None,
        )

    async def _hits(self, req: Request, face: Face, page: Page) -> AsyncIterator[bytes]:
        base, languages = self.base(req), _languages(req)
        for at, term in enumerate(page.terms):
            if at % TURN == TURN - 1:
                await asyncio.sleep(0)
            yield dumps(req, faces.shown(face, term, base, languages))


class Term(InvenioRdmResource):
    """A term of a vocabulary."""

    answers: ClassVar = {"GET": replies.TERM}
    query: ClassVar = {"GET": schemas.TERM}

    async def send(self, req: Request, resp: Response, face: Face, segment: str) -> None:
        """Answer with the term whose id is a segment of the path. Raises NotFound."""
        ref = Ref(face.type, unquote(segment))
        found = await self.service.vocabulary.find([ref])
        if ref not in found:
            raise NoRecord(f"There is no {ref.id} in {ref.type}.")
        term = found[ref]
        body = dumps(req, faces.shown(face, term, self.base(req), _languages(req)))
        send_tagged(req, resp, body, tag_of(term.version, body))


class Vocabulary(Terms):
    """/api/vocabularies/{vocabulary}"""

    async def on_get(self, req: Request, resp: Response, vocabulary: str) -> None:
        """200 with terms of a vocabulary, by title. Raises NotFound, Invalid, NotAcceptable."""
        await self.send(req, resp, _face(vocabulary))


class VocabularyTerm(Term):
    """/api/vocabularies/{vocabulary}/{term}"""

    async def on_get(self, req: Request, resp: Response, vocabulary: str, term: str) -> None:
        """200 with the term, 304 when the asker has it. Raises NotFound, NotAcceptable."""
        await self.send(req, resp, _face(vocabulary), term)


class Affiliations(Terms):
    """/api/affiliations"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with affiliations, by name. Raises Invalid, NotAcceptable."""
        await self.send(req, resp, AFFILIATIONS)


class Affiliation(Term):
    """/api/affiliations/{term}"""

    async def on_get(self, req: Request, resp: Response, term: str) -> None:
        """200 with the affiliation, 304 when the asker has it. Raises NotFound, NotAcceptable."""
        await self.send(req, resp, AFFILIATIONS, term)


class Subjects(Terms):
    """/api/subjects"""

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with subjects; `suggest` may begin with schemes. Raises Invalid, NotAcceptable."""
        await self.send(req, resp, SUBJECTS)


class Subject(Term):
    """/api/subjects/{term}"""

    async def on_get(self, req: Request, resp: Response, term: str) -> None:
        """200 with the subject, 304 when the asker has it. Raises NotFound, NotAcceptable."""
        await self.send(req, resp, SUBJECTS, term)


def _face(name: str) -> Face:
    """Return the face of a vocabulary, in either spelling of its name. Raises NotFound."""
    type_ = type_called(name)
    own = {face.type: face for face in (AFFILIATIONS, SUBJECTS)}
    if type_ is None:
        raise NotFound("There is no such vocabulary.")
    if type_ in own:
        raise NotFound(f"They are at {own[type_].path}.")
    return faces.generic(type_, name)


def _languages(req: Request) -> tuple[str, ...] | None:
    """Return in which languages terms are shown; None: in all. Raises NotAcceptable."""
    return showing.languages(req) if media_type(req) == V1 else None


def _read(q: str) -> tuple[Compiled | None, tuple[str, ...]]:
    """Return what a query asks for, and a scheme that it names and nothing else. Raises Invalid."""
    found = lucene.parsed(q)
    if isinstance(found, HasPhrase) and found == HasPhrase(found.text, SCHEME):
        return None, (found.text.lower(),)
    return (None if found is None else asking.compiled(found)), ()


def _text(req: Request, name: str) -> str:
    """Return what a parameter asks for; blank is nothing."""
    return _sound(req.get_param(name) or "").strip()


def _sound(text: str) -> str:
    """Return a text without the character U+0000, which PostgreSQL has not."""
    return text.replace("\0", " ")


def _schemes(suggest: str) -> tuple[tuple[str, ...], str]:
    """Return the schemes that a text begins with, and the rest: `MeSH,Other:abdo`."""
    match = SCHEMES.fullmatch(suggest)
    if match is None:
        return (), suggest
    return tuple(match[1].lower().split(",")), match[2].strip()
