"""Identifiers of persons, works and places: their schemes, forms and check digits.

The idutils library knows the forms; it is loaded with the first identifier. It recognises an
identifier without its scheme, and gives the bare form of one that came as a URL. Beyond it a ROR's
check digits are verified, what a pattern leaves over at the end is refused, and a `url` is one that
a browser may follow without harm. Source: the InvenioRDM specification, 5.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cache
from types import MappingProxyType
from typing import Any

import base32_lib

from domain.schemas.rdm.reading import REQUIRED, Check, Reader, Reading, record
from domain.schemas.rdm.text import MOST_SHORT, text

LABELS = MappingProxyType(  # as messages name them
    {
        "ark": "ARK",
        "arxiv": "arXiv",
        "ads": "Bibcode",
        "crossreffunderid": "Crossref Funder ID",
        "doi": "DOI",
        "ean13": "EAN13",
        "eissn": "EISSN",
        "geonames": "GeoNames",
        "gnd": "GND",
        "grid": "GRID",
        "handle": "Handle",
        "igsn": "IGSN",
        "isbn": "ISBN",
        "isni": "ISNI",
        "issn": "ISSN",
        "istc": "ISTC",
        "lissn": "LISSN",
        "lsid": "LSID",
        "orcid": "ORCID",
        "other": "Other",
        "pmid": "PMID",
        "purl": "PURL",
        "ror": "ROR",
        "upc": "UPC",
        "url": "URL",
        "urn": "URN",
        "w3id": "W3ID",
        "wikidata": "Wikidata",
    }
)
OF_PERSONS = frozenset({"orcid", "isni", "gnd", "ror"})
OF_PLACES = frozenset({"wikidata", "geonames"})
OF_AWARDS = frozenset({"url", "doi"})
OF_WORKS = frozenset(LABELS) - {"orcid", "gnd", "ror"} - OF_PLACES
ANYTHING = frozenset({"crossreffunderid", "grid", "igsn", "other", "upc", "w3id"}) | OF_PLACES

_SAME_FORM = MappingProxyType({"eissn": "issn", "lissn": "issn"})
_HARMFUL = ("javascript:", "data:", "vbscript:")


@cache
def _library() -> Any:
    """Load idutils when it is first needed: it takes a third of a second."""
    import idutils

    return idutils


@cache
def _form(scheme: str) -> Callable[[str], Any]:
    """Return the library's test for a scheme's form."""
    return dict(_library().IDUTILS_PID_SCHEMES)[scheme]  # type: ignore[no-any-return]


@cache
def _recognised(allowed: frozenset[str]) -> tuple[str, ...]:
    """Return the schemes that are known by their form alone, the most particular first."""
    known = [scheme for scheme, _ in _library().IDUTILS_PID_SCHEMES]
    return tuple(scheme for scheme in known if scheme in allowed)


def recognise(identifier: str, allowed: frozenset[str]) -> str | None:
    """Return the scheme of an identifier, None when it is of none of those allowed."""
    found = [scheme for scheme in _recognised(allowed) if _is(identifier, scheme)]
    if "handle" in found and found[0] == "handle" and len(found) > 1:
        # Almost anything with a slash is a handle, also URLs, ARKs and arXiv's.
        lower = identifier.lower()
        if not lower.startswith(("hdl:", "http://hdl.handle.net/", "https://hdl.handle.net/")):
            found.remove("handle")
    return found[0] if found else None


def normalise(identifier: str, scheme: str) -> str | None:
    """Return an identifier in its scheme's bare form; None when it is not one of that scheme."""
    if scheme in ANYTHING:
        return identifier
    if not _is(identifier, scheme):
        return None
    bare = _bare(identifier, scheme)
    if bare != identifier and not (_is(bare, scheme) and _bare(bare, scheme) == bare):
        return None
    return bare


def _is(identifier: str, scheme: str) -> bool:
    scheme = _SAME_FORM.get(scheme, scheme)
    try:
        match = _form(scheme)(identifier)
        if not match:
            return False
        if scheme == "gnd":
            return bool(match.end() == len(identifier))
        if scheme == "ror":
            base32_lib.decode(match.group(1).lower(), checksum=True)
        return scheme != "url" or not identifier.lower().startswith(_HARMFUL)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return False


def _bare(identifier: str, scheme: str) -> str:
    library = _library()
    scheme = _SAME_FORM.get(scheme, scheme)
    if scheme == "isni":
        for prefix in library.isni_urls:
            identifier = identifier.removeprefix(prefix)
        return identifier
    if scheme == "ror":
        return str(library.normalize_ror(identifier)).lower()
    try:
        return str(library.normalize_pid(identifier, scheme))
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return ""


def identifier(
    allowed: frozenset[str],
    *,
    needed: bool = True,
    also: dict[str, Reader] | None = None,
    required: Collection[str] = (),
    check: Check | None = None,
) -> Reader:
    """Read an object with an identifier and its scheme, and `also` other members.

    What is wrong about the pair takes both away. A scheme that was left out is recognised.
    """

    def pair(kept: dict[str, Any], given: dict[str, Any], reading: Reading) -> Any:
        named = any(name in given and name not in kept for name in ("identifier", "scheme"))
        value, scheme = kept.pop("identifier", ""), kept.pop("scheme", "").lower()
        if not named and (needed or value or scheme):
            scheme = scheme or (recognise(value, allowed) if value else None)
            if not value:
                reading.fault(REQUIRED, "identifier")
            elif not scheme:
                reading.fault("No valid scheme recognized for identifier.", "scheme")
            elif scheme not in allowed:
                reading.fault("Invalid scheme.", "scheme")
            elif (bare := normalise(value, scheme)) is None:
                reading.fault(f"Invalid {LABELS[scheme]} identifier.", "identifier")
            else:
                kept["identifier"], kept["scheme"] = bare, scheme
        return kept if check is None else check(kept, given, reading)

    return record(
        {"identifier": _SHORT, "scheme": _SHORT, **(also or {})}, required=required, check=pair
    )


def one_a_scheme(kept: list[Any], reading: Reading) -> list[Any]:
    """Keep the first identifier of each scheme."""
    return _first(kept, reading, ("scheme",), "Only one identifier per scheme is allowed.")


def none_twice(kept: list[Any], reading: Reading) -> list[Any]:
    """Keep each identifier once."""
    pair = ("scheme", "identifier")
    return _first(kept, reading, pair, "Duplicated identifier entry is not allowed.")


def _first(kept: list[Any], reading: Reading, by: Iterable[str], message: str) -> list[Any]:
    names = tuple(by)
    first = {tuple(each.get(name) for name in names): each for each in reversed(kept)}
    if len(first) == len(kept):
        return kept
    reading.fault(message)
    return list(reversed(first.values()))


_SHORT = text(most=MOST_SHORT)
