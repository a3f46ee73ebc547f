"""The forms that a record is exported in, by media type. Source: InvenioRDM, "Export formats"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import orjson
from msgspec import Struct

from api.exports import bibtex, csl, datacite, dublin_core, schema_org, signposting
from api.exports.exported import Exported, File, Source

DATACITE_XML = "application/vnd.datacite.datacite+xml"
DUBLIN_CORE = "application/x-dc+xml"
LINKSET = "application/linkset+json"
_HERE = b"\x00"  # which no JSON has


class Listing(Struct, frozen=True):
    """A form in JSON that names all files, in one or several places.

    `entries`: for each place how a file is shown there, given the address of the record's page.
    """

    members: Callable[[Exported, Sequence[object]], dict[str, Any]]
    entries: tuple[Callable[[str, File], dict[str, Any]], ...]


def _linkset(exported: Exported, files: Sequence[object]) -> dict[str, Any]:
    return signposting.members(exported, DESCRIBING, files)


PLAIN: MappingProxyType[str, Callable[[Exported], bytes]] = MappingProxyType(
    {
        "application/vnd.datacite.datacite+json": datacite.as_json,
        DATACITE_XML: datacite.as_xml,
        "application/vnd.citationstyles.csl+json": csl.as_json,
        "application/x-bibtex": bibtex.as_text,
        DUBLIN_CORE: dublin_core.as_xml,
    }
)
LISTINGS = MappingProxyType(
    {
        "application/ld+json": Listing(schema_org.members, (schema_org.download,)),
        LINKSET: Listing(_linkset, (signposting.item, signposting.anchor)),
    }
)
FORMS = (*PLAIN, *LISTINGS)
DESCRIBING = tuple(each for each in FORMS if each != LINKSET)


def written(media_type: str, source: Source) -> bytes:
    """Return a record in one of the forms, without its files."""
    exported = source.exported()
    if media_type in PLAIN:
        return PLAIN[media_type](exported)
    return orjson.dumps(LISTINGS[media_type].members(exported, []))


def around(media_type: str, source: Source) -> list[bytes]:
    """Return what stands before, between and after the places where files are listed."""
    shown = LISTINGS[media_type].members(source.exported(), [orjson.Fragment(_HERE)])
    return orjson.dumps(shown).split(_HERE)


def entries(media_type: str, place: int, page: str, files: Sequence[File]) -> bytes:
    """Return some files as they are listed in a place, one after another."""
    entry = LISTINGS[media_type].entries[place]
    return b",".join(orjson.dumps(entry(page, each)) for each in files)


def signs(source: Source, files: Sequence[File]) -> str:
    """Return the Link header of a record's page, with the first files of it."""
    first = files[: signposting.ITEMS]
    return signposting.as_header(source.exported(), DESCRIBING, LINKSET, first)
