"""Where the log's evidence is, one line a route.

The number of a tile is written in parts of three digits, and a partial one has its width after it.
"""

from __future__ import annotations

from api.evidence.checkpoint import Key, LastCheckpoint
from api.evidence.proofs import Consistency, Inclusion
from api.evidence.resource import EvidenceResource
from api.evidence.tiles import Entries, Tile
from api.service import Service

PARTS = (
    "{n1}",
    "{n1}/{n2}",
    "{n1}/{n2}/{n3}",
    "{n1}/{n2}/{n3}/{n4}",
)  # 256 milliard leaves


def routes(service: Service) -> dict[str, EvidenceResource]:
    """Return path template → resource."""
    tile, entries = Tile(service), Entries(service)
    return {
        "/log/checkpoint": LastCheckpoint(service),
        "/log/key": Key(service),
        "/log/proof/inclusion": Inclusion(service),
        "/log/proof/consistency": Consistency(service),
        **{f"/log/tile/{{level}}/{parts}": tile for parts in PARTS},
        **{f"/log/tile/entries/{parts}": entries for parts in PARTS},
    }
