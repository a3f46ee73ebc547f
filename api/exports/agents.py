"""People and organisations: what they are called, and where what identifies them leads.

Source: ORCID; ISNI; DNB; ROR.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct


class Register(Struct, frozen=True):
    """A register of people or organisations: its name, and what its addresses begin with."""

    name: str
    at: str


REGISTERS = {
    "orcid": Register("ORCID", "https://orcid.org/"),
    "isni": Register("ISNI", "https://isni.org/isni/"),
    "gnd": Register("GND", "https://d-nb.info/gnd/"),
    "ror": Register("ROR", "https://ror.org/"),
}
ROR = re.compile(r"0[0-9a-hj-km-np-tv-z]{6}[0-9]{2}")


def address(scheme: str, identifier: str) -> str:
    """Return where an identifier of one of the registers leads."""
    bare = identifier.removeprefix("gnd:") if scheme == "gnd" else identifier
    return REGISTERS[scheme].at + re.sub(r"\s", "", bare)


def named(person: dict[str, Any]) -> str:
    """Return the name of a creator or contributor: `Brown, Troy`."""
    name: str = person["person_or_org"]["name"]
    return name


def is_person(person: dict[str, Any]) -> bool:
    """Whether it is not an organisation."""
    return bool(person["person_or_org"].get("type") != "organizational")


def registered(person: dict[str, Any]) -> list[tuple[str, str]]:
    """Return scheme and identifier of each of a person's identifiers that lead somewhere."""
    found = person["person_or_org"].get("identifiers", [])
    pairs = [(each["scheme"], each["identifier"]) for each in found]
    return [pair for pair in pairs if pair[0] in REGISTERS]
