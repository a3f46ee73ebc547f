"""/metrics: what is counted and timed, in the text format that Prometheus reads.

For administrators, and for those addresses that the settings name: what a service is asked, and how
much, is nobody else's concern. Source: Prometheus, "Exposition formats".
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import ClassVar

from falcon.asgi import Request, Response
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from api import problem
from api.door import Resource
from api.service import Service
from api.watching import state
from api.watching.patience import AWAY, Question
from api.watching.shared import forget_ended
from api.watching.state import State
from domain import access

DIALECT = replace(problem.DIALECT, any_origin=False)  # a page in a near browser is not near
Network = IPv4Network | IPv6Network


class Metrics(Resource):
    """/metrics; `folder` is where the workers count together."""

    dialect = DIALECT
    needs_login = False
    media_types: ClassVar = {"GET": ["text/plain"]}

    def __init__(self, service: Service, folder: Path, networks: Collection[Network]) -> None:
        self.service = service
        self.folder = folder
        self.networks = networks
        self._question = Question(service.db, state.log)

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with every metric. Raises Anonymous, Forbidden."""
        if not self._near(req.remote_addr or ""):
            access.require_admin(req.context.actor)
        try:
            log = await self._question.answer()
        except AWAY:
            log = None
        space = self.service.space
        resp.data = await self.service.on_file(
            lambda: (
                self._counted()
                + _read(
                    State(
                        log,
                        self.service.looks.last(),
                        self.service.fixity.last(),
                        space.free() if space is not None else None,
                    )
                )
            )
        )
        resp.content_type = CONTENT_TYPE_PLAIN_0_0_4
        resp.set_header("Cache-Control", "no-store")

    def _near(self, address: str) -> bool:
        """Whether an address may read without signing in."""
        try:
            found = ip_address(address)
        except ValueError:  # a proxy may forward anything as one
            return False
        return any(found in each for each in self.networks)

    def _counted(self) -> bytes:
        """Return what the workers counted."""
        forget_ended(self.folder)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self.folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def _read(state: State) -> bytes:
    registry = CollectorRegistry()
    registry.register(state)
    return generate_latest(registry)
