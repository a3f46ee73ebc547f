"""What a record says of itself → lines of a page, in the words of who reads.

`shown` is a record as the API shows it in `application/vnd.inveniordm.v1+json`, with `ui`. Of a
draft anything may be missing that was wrong or not said yet: then that is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from markupsafe import Markup
from msgspec import Struct

Shown = Mapping[str, Any]

# Where identifiers lead; what has none of these schemes and is no web address leads nowhere.
RESOLVERS = {
    "ark": "https://n2t.net/",
    "arxiv": "https://arxiv.org/abs/",
    "doi": "https://doi.org/",
    "gnd": "https://d-nb.info/gnd/",
    "handle": "https://hdl.handle.net/",
    "isni": "https://isni.org/isni/",
    "orcid": "https://orcid.org/",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
    "ror": "https://ror.org/",
}
WEB = ("http://", "https://")


class Item(Struct, frozen=True):
    """Something said: where it leads, in which language it is, and what more there is of it."""

    text: str
    href: str | None = None
    more: str | None = None
    lang: str | None = None


class Line(Struct, frozen=True):
    """Everything that is said under one title."""

    title: str
    items: list[Item]


class Text(Struct, frozen=True):
    """A long text as HTML, which was sanitised before it was stored."""

    title: str
    html: Markup


def lines(shown: Shown, language: str) -> list[Line]:
    """Return what there is to say, other than title and descriptions."""
    told = ((title, [item for item in said if item.text]) for title, said in _said(shown, language))
    return [Line(title, items) for title, items in told if items]


def texts(shown: Shown) -> list[Text]:
    """Return the descriptions."""
    metadata, ui = shown["metadata"], shown["ui"]
    found = []
    if "description" in metadata:
        found.append(("Description", metadata["description"]))
    found += (
        (_titled(each.get("type", {})) or "Description", each["description"])
        for each in ui.get("additional_descriptions", ())
        if "description" in each
    )
    return [Text(title, Markup(html)) for title, html in found]  # noqa: S704 - as Text says


def identified(said: Shown) -> Item:
    """Return an identifier, with where it leads."""
    identifier, scheme = said.get("identifier", ""), said.get("scheme", "")
    web = identifier.lower().startswith(WEB)
    known = RESOLVERS.get(scheme)
    href = identifier if web else known + identifier if known and identifier else None
    return Item(identifier, href, scheme or None)


def _said(shown: Shown, language: str) -> Iterator[tuple[str, Iterable[Item]]]:
    metadata, ui = shown["metadata"], shown["ui"]
    lang = language.replace("_", "-")
    status = ui["access_status"]
    yield "Access", [Item(status["title_l10n"], more=status["description_l10n"])]
    yield "Creators", _people(ui.get("creators", {}).get("creators", ()))
    if date := ui.get("publication_date_l10n_long"):
        yield "Publication date", [Item(date, lang=lang)]
    yield "Version", [Item(ui["version"])]
    if "resource_type" in ui:
        yield "Resource type", [Item(_titled(ui["resource_type"]))]
    yield "Publisher", _plain(metadata, "publisher")
    yield (
        "Other titles",
        (
            Item(each.get("title", ""), more=_titled(each.get("type", {})) or None)
            for each in ui.get("additional_titles", ())
        ),
    )
    yield "Contributors", _people(ui.get("contributors", {}).get("contributors", ()))
    yield (
        "Subjects",
        (
            Item(each.get("subject") or each.get("id") or "", more=each.get("scheme"))
            for each in metadata.get("subjects", ())
        ),
    )
    yield "Languages", (Item(_titled(each)) for each in ui.get("languages", ()))
    yield (
        "Dates",
        (
            Item(
                each.get("date", ""),
                more=_joined(_titled(each.get("type", {})), each.get("description")),
            )
            for each in ui.get("dates", ())
        ),
    )
    yield "Rights", map(_right, ui.get("rights", ()))
    yield "Copyright", _plain(metadata, "copyright")
    yield (
        "Identifiers",
        (identified(each) for each in metadata.get("identifiers", ())),
    )
    yield "Related works", map(_related, ui.get("related_identifiers", ()))
    yield "Funding", map(_funding, ui.get("funding", ()))
    yield "Sizes", _plain(metadata, "sizes")
    yield "Formats", _plain(metadata, "formats")
    yield (
        "Places",
        (
            Item(text)
            for each in metadata.get("locations", {}).get("features", ())
            if (text := _joined(each.get("place"), each.get("description")))
        ),
    )
    yield "References", (Item(each.get("reference", "")) for each in metadata.get("references", ()))


def _plain(metadata: Shown, name: str) -> list[Item]:
    value = metadata.get(name, ())
    return [Item(each) for each in ([value] if isinstance(value, str) else value)]


def _people(people: Iterable[Shown]) -> Iterator[Item]:
    for each in people:
        person = each.get("person_or_org", {})
        found = [identified(i) for i in person.get("identifiers", ())]
        href = next((one.href for one in found if one.href), None)
        role = each.get("role", {}).get("title") or each.get("role", {}).get("id")
        names = [name for _, name in each.get("affiliations", ()) if name]
        yield Item(person.get("name", ""), href, _joined(role, *names))


def _right(right: Shown) -> Item:
    link = right.get("link") or right.get("props", {}).get("url") or ""
    return Item(_titled(right), link if link.startswith(WEB) else None)


def _related(work: Shown) -> Item:
    found = identified(work)
    kinds = (_titled(work.get(name, {})) for name in ("relation_type", "resource_type"))
    return Item(found.text, found.href, _joined(*kinds))


def _funding(funding: Shown) -> Item:
    funder, award = funding.get("funder", {}), funding.get("award", {})
    name = funder.get("name") or funder.get("id") or ""
    number = _joined(award.get("title_l10n"), award.get("number") or award.get("id"))
    return Item(name or number or "", more=number if name else None)


def _titled(term: Shown) -> str:
    """Return what a term is called; one that no vocabulary knows is called by its id."""
    return str(term.get("title_l10n") or term.get("id") or "")


def _joined(*parts: str | None) -> str | None:
    return ", ".join(part for part in parts if part) or None
