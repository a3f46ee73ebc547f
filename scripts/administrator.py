"""The first administrator, as a first start shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Administrator:
    """The first account, with what is shown once."""

    name: str
    password: str
    token: str
