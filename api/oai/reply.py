"""Replies in XML; made in the helper process, for what writes XML is slow to load.

Source: OAI-PMH 2.0, 3.2 and 4; http://schema.datacite.org/oai/oai-1.1.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from api.exports import datacite, dublin_core
from api.exports.exported import Exported, Source
from api.oai.protocol import Code, datestamp
from domain.schemas.rdm.text import tidy

if TYPE_CHECKING:
    from lxml.etree import _Element

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"
DATACITE = "http://datacite.org/schema/kernel-4"


class Format(Struct, frozen=True):
    """A form of metadata: its prefix, schema and namespace."""

    prefix: str
    schema: str
    namespace: str


FORMATS = {
    each.prefix: each
    for each in (
        Format(
            "oai_dc",
            "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            "http://www.openarchives.org/OAI/2.0/oai_dc/",
        ),
        Format("datacite", "http://schema.datacite.org/meta/kernel-4.5/metadata.xsd", DATACITE),
        Format("oai_datacite", "http://schema.datacite.org/oai/oai-1.1/oai.xsd", OAI_DATACITE),
    )
}


class Listed(Struct, frozen=True):
    """A record: its identifier and datestamp, and what its metadata are made from, if shown."""

    identifier: str
    changed_at: datetime
    source: Source | None = None
    sets: Sequence[str] = ()  # their specs
    deleted: bool = False


class Resumption(Struct, frozen=True):
    """Where a list goes on: its token, empty at the end; how many come before, and there are."""

    token: str
    cursor: int
    total: int


class Reply(Struct, frozen=True, kw_only=True):
    """A reply: to which address and arguments, when, and what it says. One of the last is there."""

    url: str
    arguments: dict[str, str]
    at: datetime
    prefix: str = ""
    identify: dict[str, str] | None = None
    formats: Sequence[Format] | None = None
    sets: Sequence[tuple[str, str]] | None = None  # spec and name
    listed: Sequence[Listed] | None = None
    resumption: Resumption | None = None
    error: tuple[Code, str] | None = None


class Drawn(Struct, frozen=True):
    """A reply as XML; how many records are in it, and why others of a list are not."""

    body: bytes
    records: int
    failures: Sequence[str]


def drawn(reply: Reply) -> Drawn:
    """Return a reply as XML. Of a list a record that fails is left out."""
    from lxml import etree

    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd")
    _add(root, "responseDate", datestamp(reply.at))
    # Arguments that were refused are not said again.
    said = {} if reply.error and reply.error[0] in ("badVerb", "badArgument") else reply.arguments
    _add(root, "request", reply.url, **said)
    records, failures = 0, []
    if reply.error is not None:
        code, message = reply.error
        _add(root, "error", message, code=code)
    else:
        body = _add(root, reply.arguments["verb"])
        _fill(body, reply)
        for record in reply.listed or ():
            try:
                body.append(_record(reply.prefix, record))
                records += 1
            except Exception:
                if reply.arguments["verb"] == "GetRecord":
                    raise
                failures.append(f"{record.identifier}: {traceback.format_exc()}")
        if reply.resumption is not None:
            _resume(body, reply.resumption)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Drawn(made, records, failures)


def _fill(body: _Element, reply: Reply) -> None:
    for name, text in (reply.identify or {}).items():
        _add(body, name, text)
    for each in reply.formats or ():
        about = _add(body, "metadataFormat")
        _add(about, "metadataPrefix", each.prefix)
        _add(about, "schema", each.schema)
        _add(about, "metadataNamespace", each.namespace)
    for spec, called in reply.sets or ():
        about = _add(body, "set")
        _add(about, "setSpec", spec)
        _add(about, "setName", called)


def _resume(body: _Element, resumption: Resumption) -> None:
    total, cursor = str(resumption.total), str(resumption.cursor)
    _add(body, "resumptionToken", resumption.token, completeListSize=total, cursor=cursor)


def _record(prefix: str, record: Listed) -> _Element:
    header = _made("header")
    if record.deleted:
        header.set("status", "deleted")
    _add(header, "identifier", record.identifier)
    _add(header, "datestamp", datestamp(record.changed_at))
    for spec in record.sets:
        _add(header, "setSpec", spec)
    if record.source is None and not record.deleted:
        return header
    around = _made("record")
    around.append(header)
    if record.source is not None:
        _add(around, "metadata").append(_metadata(prefix, record.source.exported()))
    return around


def _metadata(prefix: str, exported: Exported) -> _Element:
    from dcxml import simpledc
    from lxml import etree

    if prefix == "oai_dc":
        return _element(simpledc.dump_etree(dublin_core.members(exported)))
    resource = datacite.as_element(exported)
    if prefix == "datacite":
        return resource
    around = etree.Element(f"{{{OAI_DATACITE}}}oai_datacite", nsmap={None: OAI_DATACITE})
    for name, text in (("schemaVersion", "4.5"), ("datacentreSymbol", "MUNIMENT")):
        etree.SubElement(around, f"{{{OAI_DATACITE}}}{name}").text = text
    etree.SubElement(around, f"{{{OAI_DATACITE}}}payload").append(resource)
    return around


def _element(tree: Any) -> _Element:
    found: _Element = tree.getroot() if hasattr(tree, "getroot") else tree
    return found


def _add(parent: _Element, name: str, text: str | None = None, **attributes: str) -> _Element:
    made = _made(name)
    for attribute, said in attributes.items():
        made.set(attribute, tidy(said))
    made.text = None if text is None else tidy(text)
    parent.append(made)
    return made


def _made(name: str) -> _Element:
    from lxml import etree

    return etree.Element(f"{{{OAI}}}{name}", nsmap={None: OAI})
