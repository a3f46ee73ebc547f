"""Things of organisations as Divio's JSON: ids in base 32."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.hosted import Kind
from domain.identifiers import base32_of
from projections.hosted import Member, Organisation

ROLES = {"owner": "ADMIN", "manager": "ADMIN", "member": "MEMBER", "reader": "MEMBER"}


def thing(kind: Kind, id_: UUID, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a thing under its id, with the members of its document."""
    shown = {
        name: base32_of(UUID(said[name])) if name in kind.ids else said[name]
        for name in (*kind.of, *kind.properties)
    }
    return {"uuid": base32_of(id_)} | shown


def organisation(found: Organisation) -> dict[str, Any]:
    """Return an organisation."""
    return {
        "uuid": base32_of(found.id),
        "name": found.name,
        "created_at": found.created_at.isoformat(),
        "role": ROLES[found.role],
    }


def member(found: Member, email: str | None) -> dict[str, Any]:
    """Return a member of an organisation, with an address where it is told."""
    return {
        "uuid": base32_of(found.id),
        "name": found.name,
        "email": email,
        "role": ROLES[found.role],
    }
