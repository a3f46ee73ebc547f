"""Metadata as the API shows it: what a record refers to, with what the vocabularies say of it.

A term that the vocabularies do not know is shown by its id alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain.schemas.rdm.vocabulary import Ref, Said, Terms

Show = Callable[[Any, Terms], Any]


class _Asked(dict[Ref, Said]):
    """No terms, and which of them were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.refs: set[Ref] = set()

    def get(self, ref: Ref, _default: Any = None) -> Any:
        self.refs.add(ref)


def references(metadata: Mapping[str, Any]) -> set[Ref]:
    """Return the terms that stored metadata refers to, to look them up for `dereference`."""
    asked = _Asked()
    dereference(metadata, asked)
    return asked.refs


def dereference(metadata: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """Return stored metadata with what the terms say. Parts of it are the stored parts."""
    return {
        name: value if (show := _SHOWN.get(name)) is None else show(value, terms)
        for name, value in metadata.items()
    }


def _term(vocabulary: str, say: Callable[[Said], dict[str, Any]]) -> Show:
    def show(value: dict[str, Any], terms: Terms) -> Any:
        key = value.get("id")
        if key is None:
            return value
        said = terms.get((vocabulary, key))
        return value if said is None else {"id": key, **say(said)}

    return show


def _titled(vocabulary: str) -> Show:
    def show(value: dict[str, Any], terms: Terms) -> Any:
        said = terms.get((vocabulary, value["id"]))
        return value if said is None else {"id": value["id"], "title": said.title}

    return show


def _each(show: Show) -> Show:
    def show_each(value: list[Any], terms: Terms) -> Any:
        return [show(each, terms) for each in value]

    return show_each


def _members(**shows: Show) -> Show:
    def show_members(value: dict[str, Any], terms: Terms) -> Any:
        shown = dict(value)
        for name, show in shows.items():
            if name in shown:
                shown[name] = show(shown[name], terms)
        return shown

    return show_members


def _organisation(said: Said) -> dict[str, Any]:
    return {"name": said.name}


def _subject(said: Said) -> dict[str, Any]:
    return {"subject": said.subject, "scheme": said.scheme}


def _licence(said: Said) -> dict[str, Any]:
    shown: dict[str, Any] = {"title": said.title}
    if said.description:
        shown["description"] = said.description
    if said.icon:
        shown["icon"] = said.icon
    if props := {name: said.props[name] for name in ("url", "scheme") if name in said.props}:
        shown["props"] = props
    return shown


_LANGUAGE = _titled("languages")
_RESOURCE_TYPE = _titled("resourcetypes")
_ORGANISATION = _term("affiliations", _organisation)


def _people(roles: str) -> Show:
    return _each(_members(role=_titled(roles), affiliations=_each(_ORGANISATION)))


_SHOWN: Mapping[str, Show] = MappingProxyType(
    {
        "resource_type": _RESOURCE_TYPE,
        "creators": _people("creatorsroles"),
        "contributors": _people("contributorsroles"),
        "additional_titles": _each(_members(type=_titled("titletypes"), lang=_LANGUAGE)),
        "additional_descriptions": _each(
            _members(type=_titled("descriptiontypes"), lang=_LANGUAGE)
        ),
        "subjects": _each(_term("subjects", _subject)),
        "dates": _each(_members(type=_titled("datetypes"))),
        "languages": _each(_LANGUAGE),
        "related_identifiers": _each(
            _members(relation_type=_titled("relationtypes"), resource_type=_RESOURCE_TYPE)
        ),
        "rights": _each(_term("licenses", _licence)),
        "funding": _each(_members(funder=_ORGANISATION)),
    }
)
