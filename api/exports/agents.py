"""Where what identifies people and organisations leads. Source: ORCID, ISNI, DNB, ROR."""

from __future__ import annotations

import re

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
