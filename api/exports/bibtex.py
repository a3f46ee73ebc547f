"""Records as BibTeX. Source: "BibTeXing", Oren Patashnik; written by pybtex."""

from __future__ import annotations

import re
import unicodedata

from api.exports.exported import Exported, is_person, named

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


def as_text(exported: Exported) -> bytes:
    """Return a record as one entry."""
    from pybtex.database import BibliographyData, Entry, Person  # it takes a tenth of a second

    authors = []
    for each in exported.people("creators"):
        about = each["person_or_org"]
        if is_person(each) and about.get("family_name"):
            authors.append(Person(first=about.get("given_name", ""), last=about["family_name"]))
        else:
            authors.append(Person(last=f"{{{named(each)}}}"))
    kind = (exported.metadata.get("resource_type") or {}).get("id", "")
    entry = Entry(ENTRIES.get(kind, "misc"), fields=_fields(exported), persons={"author": authors})
    made: str = BibliographyData({_key(exported): entry}).to_string("bibtex")
    return made.encode()


def _fields(exported: Exported) -> list[tuple[str, str]]:
    month = exported.published.split("/")[0].split("-")[1:2]
    fields = [
        ("title", exported.title),
        ("publisher", exported.publisher or ""),
        ("year", exported.year),
        ("month", MONTHS[int(month[0]) - 1] if month else ""),
        ("version", exported.metadata.get("version", "")),
        ("doi", exported.doi or ""),
        ("url", exported.url),
    ]
    return [(name, text) for name, text in fields if text]


def _key(exported: Exported) -> str:
    """Return what the entry is cited by: `brown_4d0ns-ntd89`, in ASCII."""
    for each in exported.people("creators"):
        about = each["person_or_org"]
        name = unicodedata.normalize("NFKD", about.get("family_name") or about["name"])
        plain = re.sub(r"[^a-z0-9]+", "_", name.encode("ascii", "ignore").decode().lower())
        return f"{plain.strip('_') or 'record'}_{exported.pid}"
    return exported.pid
