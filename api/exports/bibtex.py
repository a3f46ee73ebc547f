"""Records as BibTeX. Source: "BibTeXing", Oren Patashnik; written by pybtex."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from api.exports.agents import is_person, named
from api.exports.exported import Exported

# Of the resource types; all others are `misc`.
ENTRIES = {
    "publication-article": "article",
    "publication-book": "book",
    "publication-conferencepaper": "inproceedings",
    "publication-preprint": "unpublished",
    "publication-report": "techreport",
    "publication-section": "incollection",
    "publication-softwaredocumentation": "manual",
    "publication-technicalnote": "techreport",
    "publication-thesis": "phdthesis",
    "publication-workingpaper": "techreport",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BRACES = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
PARTING = re.compile(r"[,~]|\band\b", re.IGNORECASE)  # what BibTeX would part a name at


def as_text(exported: Exported) -> bytes:
    """Return a record as one entry."""
    from pybtex.database import BibliographyData, Entry  # it takes a tenth of a second

    authors = [_author(each) for each in exported.people("creators")]
    kind = (exported.metadata.get("resource_type") or {}).get("id", "")
    fields = [(name, _balanced(text)) for name, text in _fields(exported)]
    entry = Entry(ENTRIES.get(kind, "misc"), fields=fields, persons={"author": authors})
    made: str = BibliographyData({_key(exported): entry}).to_string("bibtex")
    return made.encode()


def _author(creator: dict[str, Any]) -> Any:
    from pybtex.database import Person

    about = creator["person_or_org"]
    if not is_person(creator) or not about.get("family_name"):
        return Person(last=f"{{{_balanced(named(creator))}}}")
    return Person(first=_whole(about.get("given_name", "")), last=_whole(about["family_name"]))


def _whole(name: str) -> str:
    """Return a part of a name, in braces where BibTeX would make several of it."""
    balanced = _balanced(name)
    return f"{{{balanced}}}" if PARTING.search(balanced) else balanced


def _balanced(text: str) -> str:
    """Return a text whose braces close one another and whose end takes none with it."""
    depth, least = 0, 0
    for each in text:
        depth += (each == "{") - (each == "}")
        least = min(least, depth)
    if depth or least:
        text = re.sub(r"\\?([{}])", lambda found: BRACES[found[1]], text)
    return re.sub(r"\\+$", lambda found: r"\textbackslash{}" * len(found[0]), text)


def _fields(exported: Exported) -> list[tuple[str, str]]:
    month = exported.published.split("/")[0].split("-")[1:2]
    fields = [
        ("title", exported.title),
        ("publisher", exported.publisher or ""),
        ("year", exported.year),
        ("month", MONTHS[int(month[0]) - 1] if month else ""),
        ("version", exported.metadata.get("version", "")),
        ("doi", exported.doi or ""),
        ("url", exported.source.url),
    ]
    return [(name, text) for name, text in fields if text]


def _key(exported: Exported) -> str:
    """Return what the entry is cited by: `brown_4d0ns-ntd89`, in ASCII."""
    for each in exported.people("creators"):
        about = each["person_or_org"]
        name = unicodedata.normalize("NFKD", about.get("family_name") or about["name"])
        plain = re.sub(r"[^a-z0-9]+", "_", name.encode("ascii", "ignore").decode().lower())
        return f"{plain.strip('_') or 'record'}_{exported.source.pid}"
    return exported.source.pid
