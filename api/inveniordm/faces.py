"""Terms of vocabularies → InvenioRDM's JSON, each vocabulary in its own way.

Source: InvenioRDM, "Vocabularies" and "Specific vocabularies".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from api.inveniordm import links
from domain.schemas.rdm.words import localised
from domain.term import Content, Term, Type
from projections.term_lists import Sort

Members = dict[str, Any]
Languages = tuple[str, ...]  # the dearest first


class Face(Struct, frozen=True):
    """How a vocabulary is shown: where, under which names it is sorted, and what of its terms.

    The first of `sorts` is what a list has where nothing is asked.
    """

    type: Type
    path: str
    sorts: dict[str, Sort]
    head: Members  # what stands beside the id of each of its terms
    members: Callable[[Content], Members]
    localised: Callable[[Content, Languages], Members]  # the same in one language


AGES: dict[str, Sort] = {"bestmatch": "bestmatch", "newest": "newest", "oldest": "oldest"}


def generic(type_: Type, name: str) -> Face:
    """Return the face of a vocabulary without an address of its own, under one of its names."""
    path = f"/api/vocabularies/{name}"
    sorts: dict[str, Sort] = {"title": "title", **AGES}
    return Face(type_, path, sorts, {"type": name}, _generic, _generic_in)


def shown(face: Face, term: Term, base: str, languages: Languages | None) -> Members:
    """Return a term; in languages, what of it a page shows.

    One that is in use no more says so, and what else it said: records go on showing that.
    """
    retired = {"retired": True} if term.retired else {}
    if languages is not None:
        return {"id": term.key, **face.localised(term.content, languages), **retired}
    return {
        "id": term.key,
        **face.head,
        "created": term.created_at.isoformat(),
        "updated": term.recorded_at.isoformat(),
        "revision_id": term.version,
        **face.members(term.content),
        **retired,
        "links": {"self": f"{base}{face.path}/{links.segment(term.key)}"},
    }


def _generic(content: Content) -> Members:
    return {
        "title": content.title,
        **_there(description=content.description, icon=content.icon),
        "props": content.props,
        "tags": content.tags,
    }


def _generic_in(content: Content, languages: Languages) -> Members:
    return {**_texts(content, languages), **_there(icon=content.icon), "props": content.props}


def _affiliation(content: Content) -> Members:
    return {**_of_affiliation(content), "title": _title(content), **_more(content)}


def _affiliation_in(content: Content, languages: Languages) -> Members:
    return {**_of_affiliation(content), **_texts(content, languages)}


def _of_affiliation(content: Content) -> Members:
    identifiers = msgspec.to_builtins(content.identifiers)
    return {"name": content.name, **_there(acronym=content.acronym), "identifiers": identifiers}


def _subject(content: Content) -> Members:
    return {**_of_subject(content), "title": _title(content), **_more(content)}


def _subject_in(content: Content, languages: Languages) -> Members:
    return {**_of_subject(content), **_texts(content, languages)}


def _of_subject(content: Content) -> Members:
    return {"subject": content.subject, **_there(scheme=content.scheme)}


def _title(content: Content) -> dict[str, str]:
    """Return titles by language; where there are none, the name is one."""
    return content.title or {"en": content.name or content.subject or ""}


def _texts(content: Content, languages: Languages) -> Members:
    description = localised(content.description, *languages)
    title = localised(_title(content), *languages)
    return {"title_l10n": title, **_there(description_l10n=description)}


def _more(content: Content) -> Members:
    """Return what few of the terms with members of their own have."""
    return _there(
        description=content.description, icon=content.icon, props=content.props, tags=content.tags
    )


def _there(**members: object) -> Members:
    """Return those that say something."""
    return {name: value for name, value in members.items() if value}


AFFILIATIONS = Face(
    "affiliations",
    "/api/affiliations",
    {"name": "title", "title": "title", **AGES},
    {},
    _affiliation,
    _affiliation_in,
)
SUBJECTS = Face(
    "subjects",
    "/api/subjects",
    {"subject": "title", "title": "title", **AGES},
    {},
    _subject,
    _subject_in,
)
