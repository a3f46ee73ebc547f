"""What a request asks and a reply says, and what a request may not. Source: OAI-PMH 2.0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct

from projections.cursor import Cursor

Code = Literal[
    "badArgument",
    "badResumptionToken",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noMetadataFormats",
    "noRecordsMatch",
    "noSetHierarchy",
]
# Each verb's arguments, and which of them it needs. A resumption token stands alone.
VERBS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset({"identifier"}), frozenset()),
    "ListSets": (frozenset({"resumptionToken"}), frozenset()),
    "GetRecord": (
        frozenset({"identifier", "metadataPrefix"}),
        frozenset({"identifier", "metadataPrefix"}),
    ),
    **dict.fromkeys(
        ("ListIdentifiers", "ListRecords"),
        (
            frozenset({"metadataPrefix", "from", "until", "set", "resumptionToken"}),
            frozenset({"metadataPrefix"}),
        ),
    ),
}
TOKEN = "resumptionToken"  # noqa: S105 - the name of an argument
SET = "community-"  # before a community's slug, as in today's InvenioRDM
INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)
LOCAL = "localhost"
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


class Refused(Exception):
    """A request that is answered with an error of the protocol."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Harvest(Struct, frozen=True, array_like=True):
    """What of the records a harvester lists, and how far it has come: what a token holds.

    `since` and `before` bound the datestamps, the second not among them.
    """

    prefix: str
    since: datetime | None = None
    before: datetime | None = None
    after: Cursor | None = None  # the place in the search
    done: int = 0  # records that were listed before
    within: UUID | None = None  # the set that they are of; None: all


class Sets(Struct, frozen=True, array_like=True):
    """How far a harvester has come in the list of sets: what a token of it holds."""

    after: int  # the number of the last
    done: int


def checked(arguments: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the arguments, each once, with a verb that takes them. Raises Refused."""
    verbs = arguments.get("verb", [])
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise Refused("badVerb", f"verb must be one of {', '.join(VERBS)}, given once.")
    known, needed = VERBS[verbs[0]]
    for name, values in arguments.items():
        if name != "verb" and name not in known:
            raise Refused("badArgument", f"{verbs[0]} takes no {name[:50]}.")
        if len(values) != 1:
            raise Refused("badArgument", f"{name} is given {len(values)} times.")
    given = {name: values[0] for name, values in arguments.items()}
    if TOKEN in given and len(given) > 2:
        raise Refused("badArgument", f"{TOKEN} stands alone.")
    if TOKEN not in given:
        for name in sorted(needed - given.keys()):
            raise Refused("badArgument", f"{name} is missing.")
    return given


def harvest(given: Mapping[str, str]) -> Harvest:
    """Return what a request for a list asks for that has no token. Raises Refused."""
    since, until = given.get("from"), given.get("until")
    if since is not None and until is not None and len(since) != len(until):
        raise Refused("badArgument", "from and until must be equally exact.")
    first = None if since is None else _instant("from", since)
    last = None if until is None else _instant("until", until)
    if first is not None and last is not None and first > last:
        raise Refused("badArgument", "from is after until.")
    within = DAY if until is not None and len(until) == len("2026-01-01") else SECOND
    try:
        before = None if last is None else last + within
    except OverflowError:
        before = None
    return Harvest(given["metadataPrefix"], first, before)


def _instant(name: str, text: str) -> datetime:
    try:
        if INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise Refused("badArgument", f"{name} must be as in 2026-01-31 or 2026-01-31T12:30:00Z.")


def datestamp(at: datetime) -> str:
    """Return an instant as the protocol has it: to the second, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def namespace(base: str) -> str:
    """Return what identifiers name the repository by: its host, whichever of its own it is."""
    host = urlsplit(base).hostname or LOCAL
    try:
        return LOCAL if ip_address(host).is_loopback else host.replace(":", "-")
    except ValueError:
        return host
