"""Records for the bench of searches: the real ones beside the project, again and again, varied.

Their titles, abstracts, experiments, creators, keywords, dates and files are those of the CERN Open
Data portal; each goes through InvenioRDM's record model as a request's would. Words that are asked
for are in none of the real texts. However many records there are, one is in 30 % of them, another
in 10 %, and together they are in HITS; so are both words of each of the PAIRS. Source:
../shared/data/README.md.
"""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
from msgspec import Struct

from domain import metadata, vocabularies
from domain.schemas.rdm.vocabulary import Terms
from domain.values import Body

HISTORY = Path(__file__).parents[3] / "shared" / "data" / "cern-open-data-history.jsonl.gz"

COMMON = "recalibrated"
SHARE = 0.3  # of the records have it
MIXED = 7919  # a prime that divides no number of unmarked records
LESS_COMMON = "remeasured"
LESS = 0.1  # of the records have it, HITS of them with the other
PAIRS = 20
HITS = 50  # records that have the words of one pair
MARKED = PAIRS * HITS

WORDS = 90  # of a description, beside its abstract
EXTENSION = re.compile(r"[a-z0-9]{1,6}")
TYPES = {
    "Dataset": "dataset",
    "Documentation": "publication-other",
    "Environment": "software",
    "Software": "software",
    "Supplementaries": "publication-technicalnote",
}
OTHER_TYPES = (  # of one record in four
    "image-photo",
    "image-plot",
    "publication-article",
    "publication-thesis",
    "presentation",
    "poster",
    "video",
    "software",
)
LANGUAGES = (*("eng",) * 7, "fra", "deu", None)
FIRST_DAY = date(1989, 7, 14)
DAYS = 13_500

_TAG = re.compile(r"<[^>]*>|&[a-z]+;")
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


class Base(Struct, frozen=True):
    """What of a real record all that are made of it have."""

    title: str
    abstract: str
    words: list[str]  # of its longer texts
    creators: list[dict[str, Any]]
    subjects: list[dict[str, str]]
    dates: list[dict[str, Any]]
    rights: list[dict[str, str]]
    publisher: str
    type: str
    files: list[str]  # names, each of another type


class Corpus:
    """So many records, by number from 0; the same for the same number of so many."""

    def __init__(self, records: int) -> None:
        self.records = records
        self.bases = _bases()
        self.people = [
            each for base in self.bases for each in base.creators if "affiliations" in each
        ]
        self._stride = records // MARKED
        self._common = round(SHARE * records)
        built_in = vocabularies.built_in()
        self._terms: Terms = {(key.type, key.id): each for key, each in built_in.items()}

    def base(self, number: int) -> Base:
        """Return the real record that one is made of."""
        return self.bases[number % len(self.bases)]

    def document(self, number: int, version: int = 1) -> Body:
        """Return a record's document, as the record model stores it."""
        loaded = metadata.load(self.metadata(number, version), metadata.Found(self._terms))
        assert not loaded.faults, loaded.faults
        return loaded.document

    def metadata(self, number: int, version: int) -> dict[str, Any]:
        """Return a record's metadata, as a client sends it."""
        base, source = self.base(number), Random(number)  # noqa: S311 - any choice will do
        start = source.randrange(max(1, len(base.words) - WORDS))
        texts = [base.abstract, *base.words[start : start + WORDS], f"Sample {number:x}."]
        if self.is_marked(number):
            of = number // self._stride % PAIRS
            texts += [COMMON, *pair(of), *[LESS_COMMON] * (of == 0)]
        elif self._is_common(number):
            texts.append(COMMON)
        elif source.random() < LESS / (1 - SHARE):
            texts.append(LESS_COMMON)
        day = FIRST_DAY + timedelta(days=source.randrange(DAYS))
        language = source.choice(LANGUAGES)
        type_ = base.type if source.random() < 0.75 else source.choice(OTHER_TYPES)
        return {
            "title": f"{base.title}, part {number}",
            "description": " ".join(texts),
            "creators": [*base.creators, source.choice(self.people)],
            "publication_date": day.isoformat() if number % 4 else f"{day:%Y-%m}",
            "resource_type": {"id": type_},
            "publisher": base.publisher,
            "subjects": base.subjects,
            "dates": base.dates,
            "languages": [{"id": language}] if language else [],
            "rights": base.rights,
            "version": f"v{version}",
        }

    def _is_common(self, number: int) -> bool:
        """Whether an unmarked record has the common word, so that in all as many have as shall."""
        shared, of = self._common - MARKED, self.records - MARKED
        nth = (number - number // self._stride - 1) * MIXED % of  # of the unmarked, mixed
        return nth * shared // of < (nth + 1) * shared // of

    def is_marked(self, number: int) -> bool:
        """Whether a record has the words of a pair; it is public."""
        return number % self._stride == 0 and number < self._stride * MARKED


def pair(of: int) -> tuple[str, str]:
    """Return two words that are together in HITS records, of one of the PAIRS."""
    first, second = (_SYLLABLES[(of * step + 3) % len(_SYLLABLES)] for step in (1, 3))
    return f"{first}{second}ruvo{first}", f"{second}zimo{first}ka"


def _bases() -> list[Base]:
    """Return the real records as they stand last."""
    assert HISTORY.is_file(), f"needs {HISTORY.name} in ../shared/data"
    last: dict[str, dict[str, Any]] = {}
    with gzip.open(HISTORY) as lines:
        for line in lines:
            read = orjson.loads(line)
            last[read["recid"]] = read["record"]
    return [_base(each) for each in last.values()]


def _base(real: dict[str, Any]) -> Base:
    texts = [real.get(each, {}).get("description", "") for each in ("methodology", "usage")]
    words = [*real.get("keywords", []), *real.get("categories", {}).get("secondary", [])]
    subjects = [*real["experiment"], real.get("accelerator"), *words]
    license_ = real.get("license", {}).get("attribution", "").lower()
    return Base(
        title=real["title"],
        abstract=_plain(real.get("abstract", {}).get("description", "")) or real["title"],
        words=_plain(" ".join(texts)).split(),
        creators=_creators(real),
        subjects=[{"subject": each} for each in dict.fromkeys(subjects) if each],
        dates=[
            {"date": each, "type": {"id": "created"}}
            for each in real.get("date_created", [])
            if re.fullmatch(r"\d{4}", each)
        ],
        rights=[{"id": license_}] if license_ == "cc0-1.0" else [],
        publisher=real["publisher"],
        type=TYPES[real["type"]["primary"]],
        files=_files(real),
    )


def _creators(real: dict[str, Any]) -> list[dict[str, Any]]:
    called = real.get("collaboration", {}).get("name") or real["experiment"][0]
    creators: list[dict[str, Any]] = [{"person_or_org": {"type": "organizational", "name": called}}]
    for each in real.get("authors", [])[:3]:
        family, _, given = each["name"].partition(", ")
        person = {"type": "personal", "family_name": family, "given_name": given}
        affiliation = {"name": each.get("affiliation") or called}
        creators.append({"person_or_org": person, "affiliations": [affiliation]})
    return creators


def _files(real: dict[str, Any]) -> list[str]:
    """Return the first names of each type of file, at most two."""
    found: dict[str, str] = {}
    for each in real.get("files", []):
        name = each["uri"].rpartition("/")[2]
        extension = name.rpartition(".")[2]
        if EXTENSION.fullmatch(extension):
            found.setdefault(extension, name)
    return [*found.values()][:2]


def _plain(text: str) -> str:
    return " ".join(_TAG.sub(" ", text).split())
