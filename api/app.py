"""The application: every dialect's routes over one Service."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from falcon.asgi import App, Request, Response

from api import access_log, bodies
from api.account import routes as account
from api.account.resource import DIALECT as ACCOUNT
from api.auth import Authenticator
from api.cap import routes as cap
from api.cap.home import Home
from api.cap.resource import DIALECT as CAP
from api.cap.types import Types
from api.divio import routes as divio
from api.divio.resource import DIALECT as DIVIO
from api.evidence import routes as evidence
from api.feed.events import Events
from api.feed.feed import Feed
from api.gate import Gate, Wording
from api.health import Health, Ready
from api.history import routes as history
from api.iceprod import routes as iceprod
from api.iceprod.resource import DIALECT as ICEPROD
from api.inveniordm import routes as inveniordm
from api.inveniordm.exporting import KINDS as RECORD_KINDS
from api.inveniordm.resource import DIALECT as INVENIORDM
from api.keys import Keys
from api.oai.door import OaiPmh
from api.oauth import routes as oauth
from api.oauth.resource import DIALECT as OAUTH
from api.openapi.resource import OpenApi
from api.pages import routes as pages
from api.pages.dialect import DIALECT as PAGES
from api.problem import DIALECT as MUNIMENT
from api.sampledb import routes as sampledb
from api.sampledb.resource import DIALECT as SAMPLEDB
from api.service import Service
from api.stopping import on_stop
from api.watching import tracing
from api.watching.metrics import Metrics, Network
from api.watching.pools import Pools
from api.watching.telling import Telling
from api.webhooks import routes as webhooks
from api.webhooks.targets import Rules


class Http(App[Request, Response]):
    """An application that speaks HTTP alone, and counts the bodies it holds."""

    def __init__(self, held: bodies.Bodies, middleware: list[Any]) -> None:
        super().__init__(middleware=middleware, request_type=bodies.Request)
        self._held = held

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # type: ignore[override]
        """Close a WebSocket before it is one: there are none here."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._held.release(scope)


class Lifespan:
    """Opens the service in each worker, after its fork, and closes it at the end."""

    def __init__(self, service: Service, feed: Feed, telling: Telling) -> None:
        self.service = service
        self.feed = feed
        self.telling = telling

    async def process_startup(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """Open the readers' connections."""
        on_stop(self.feed.stop)
        await self.service.open()
        self.telling.start()

    async def process_shutdown(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """Finish what is being written and close every connection."""
        self.feed.stop()
        await self.telling.stop()
        await self.service.close()


def create_app(
    service: Service,
    counted: Path,
    near: Collection[Network],
    rules: Rules,
    webhook_key: Callable[[], bytes],
) -> App[Request, Response]:
    """Return the ASGI application.

    In the folder `counted` the machine's workers count; who is `near` reads it without signing in.
    Webhooks lead where `rules` say, and their keys are made of `webhook_key`.
    """
    feed, authenticator = Feed(service.db), Authenticator(service)
    deposit_types = Types(service)
    gate = Gate(authenticator)
    pools = Pools(
        {"readers": service.db, "searchers": service.searching, "writers": service.writers}
    )
    telling = Telling(gate.requests.tell, pools.tell, access_log.flush)
    traced = [tracing.Tracing()] if tracing.configured() else []
    middleware: list[Any] = [Lifespan(service, feed, telling), gate, *traced, Keys()]
    app: App[Request, Response] = Http(service.bodies, middleware)
    doors = {
        "/api/v1": SAMPLEDB,
        "/objects": SAMPLEDB,
        "/api/records": INVENIORDM,
        "/api/user": INVENIORDM,
        "/api/communities": INVENIORDM,
        "/api/vocabularies": INVENIORDM,
        "/api/affiliations": INVENIORDM,
        "/api/subjects": INVENIORDM,
        "/api/me/tokens": ACCOUNT,
        "/api/me": CAP,
        "/api/deposits": CAP,
        "/api/jsonschemas": CAP,
        "/api/files": CAP,
        "/api/events": MUNIMENT,
        "/api/webhooks": MUNIMENT,
        "/log/": MUNIMENT,
        "/oauth": OAUTH,
        **dict.fromkeys(("/datasets", "/dataset_summaries", "/config/", "/actions/"), ICEPROD),
        **dict.fromkeys(("/apps/v3", "/iam/v3", "/billing/v3"), DIVIO),
        "/records": PAGES,
        "/uploads": PAGES,
        "/communities": PAGES,
        "/account": PAGES,
        "/app/account": PAGES,
    }
    Wording(doors, default=SAMPLEDB).install(app)
    routes: dict[str, object] = {
        **sampledb.routes(service),
        **history.routes(service),
        **inveniordm.routes(service, Home(service, deposit_types, RECORD_KINDS)),
        **cap.routes(service, deposit_types),
        **account.routes(service),
        **pages.routes(service, authenticator),
        **evidence.routes(service),
        **oauth.routes(service, authenticator),
        **iceprod.routes(service),
        **divio.routes(service),
        **webhooks.routes(service, rules, webhook_key),
        "/oai2d": OaiPmh(service),
        "/api/events/": Events(feed, authenticator),
        "/health": Health(service),
        "/ready": Ready(service),
        "/metrics": Metrics(service, counted, near),
    }
    routes["/openapi.json"] = OpenApi(routes, service.base_url)
    for path, resource in routes.items():
        app.add_route(path, resource)
        if path.endswith("/"):
            app.add_route(path.rstrip("/"), resource)
    return app
