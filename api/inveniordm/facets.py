"""Facets of a search: which values are asked for, and how many records have which.

Source: the InvenioRDM specification, 4, "facets". Resource types stand below the types that they
are kinds of, and are asked for so: `image::image-photo`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from falcon.asgi import Request

from api.service import Service
from domain.schemas.rdm.words import localised
from projections import resource_types
from projections.resource_types import kind

TITLES = {
    "access_status": "Access status",
    "file_type": "File type",
    "is_published": "Status",
    "languages": "Languages",
    "publication_date": "Publication date",
    "resource_type": "Resource types",
}
WITHIN = "::"  # between a type and what is a kind of it
NESTED = "resource_type"
VOCABULARIES = {NESTED: "resourcetypes", "languages": "languages"}
WORDED: Mapping[str, Callable[[str], str]] = {
    "access_status": str.capitalize,
    "file_type": str.upper,
    "is_published": {"true": "Published", "false": "Unpublished"}.__getitem__,
    "publication_date": str,
}

Counts = Sequence[tuple[str, int]]
Chosen = Mapping[str, tuple[str, ...]]  # facet → the values asked for, as they were


def chosen(req: Request, names: Collection[str]) -> Chosen:
    """Return the values that a query asks for, of each of these facets that it names."""
    found = {}
    for name in names:
        values = (each.replace("\0", "") for each in req.get_param_as_list(name) or ())
        if asked := tuple(dict.fromkeys(each for each in values if each)):
            found[name] = asked
    return found


async def selected(service: Service, chosen: Chosen) -> Chosen:
    """Return the same as records have it: a type is all that are kinds of it.

    Beside one of its kinds, a type narrows nothing. Source: InvenioRDM, "NestedTermsFacet".
    """
    asked = chosen.get(NESTED)
    if asked is None:
        return chosen
    narrowed: dict[str, set[str]] = {}
    for each in asked:
        type_, _, subtype = each.partition(WITHIN)
        narrowed.setdefault(type_, set()).update((subtype,) if subtype else ())
    known = await resource_types.every(service.db)
    ids = tuple(
        id_
        for id_, of in known.items()
        if of.type in narrowed and (not narrowed[of.type] or of.subtype in narrowed[of.type])
    )
    return {**chosen, NESTED: ids or asked}  # what is no type is none of any record


async def aggregations(
    service: Service, counts: Mapping[str, Counts], chosen: Chosen, language: str
) -> dict[str, Any]:
    """Return the facets as buckets, with what they are called in a language."""
    shown: dict[str, Any] = {}
    for name, values in counts.items():
        asked = chosen.get(name, ())
        if name == NESTED:
            buckets = await _nested(service, values, asked, language)
        else:
            titles = await _titles(service, name, [value for value, _ in values], language)
            buckets = [_bucket(each, n, titles[each], asked) for each, n in values]
        shown[name] = {"buckets": buckets, "label": TITLES[name]}
    return shown


async def _nested(
    service: Service, counts: Counts, asked: Collection[str], language: str
) -> list[dict[str, Any]]:
    terms = await service.vocabulary.find([("resourcetypes", id_) for id_, _ in counts])
    props = {id_: term.content.props for (_, id_), term in terms.items()}
    totals: dict[str, int] = {}
    inner: dict[str, list[tuple[str, int]]] = {}
    for id_, count in counts:
        of = kind(id_, props.get(id_, {}))
        totals[of.type] = totals.get(of.type, 0) + count
        if of.subtype is not None:
            inner.setdefault(of.type, []).append((of.subtype, count))
    subtypes = [subtype for each in inner.values() for subtype, _ in each]
    titles = await _titles(service, NESTED, [*totals, *subtypes], language)
    return [
        _bucket(type_, count, titles[type_], asked)
        | {
            "inner": {
                "buckets": [
                    _bucket(subtype, n, titles[subtype], asked, f"{type_}{WITHIN}")
                    for subtype, n in inner.get(type_, ())
                ]
            }
        }
        for type_, count in sorted(totals.items(), key=lambda each: -each[1])
    ]


async def _titles(
    service: Service, name: str, values: Sequence[str], language: str
) -> dict[str, str]:
    """Return what values are called: as the vocabularies say, else as they are."""
    type_ = VOCABULARIES.get(name)
    if type_ is not None:
        terms = await service.vocabulary.find([(type_, each) for each in values])
        said = {id_: localised(term.content.title, language) for (_, id_), term in terms.items()}
        return {each: said.get(each) or each for each in values}
    return {each: WORDED[name](each) for each in values}


def _bucket(
    key: str, count: int, label: str, asked: Collection[str], within: str = ""
) -> dict[str, Any]:
    return {"key": key, "doc_count": count, "label": label, "is_selected": within + key in asked}
