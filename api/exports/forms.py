"""The forms that a record is exported in, by media type. Source: InvenioRDM, "Export formats"."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from api.exports import bibtex, csl, datacite, dublin_core, schema_org, signposting
from api.exports.exported import Exported

DATACITE_XML = "application/vnd.datacite.datacite+xml"
DUBLIN_CORE = "application/x-dc+xml"
LINKSET = "application/linkset+json"

FORMS: MappingProxyType[str, Callable[[Exported], bytes]] = MappingProxyType(
    {
        "application/vnd.datacite.datacite+json": datacite.as_json,
        DATACITE_XML: datacite.as_xml,
        "application/ld+json": schema_org.as_json,
        "application/vnd.citationstyles.csl+json": csl.as_json,
        "application/x-bibtex": bibtex.as_text,
        DUBLIN_CORE: dublin_core.as_xml,
        LINKSET: signposting.as_linkset,
    }
)
DESCRIBING = tuple(each for each in FORMS if each != LINKSET)


def written(media_type: str, exported: Exported) -> bytes:
    """Return a record in one of the forms."""
    return FORMS[media_type](exported)


def signs(exported: Exported, api: str) -> str:
    """Return the Link header of a record's page; `api` is where its forms are."""
    return signposting.as_header(exported, [(api, each) for each in DESCRIBING], (api, LINKSET))
