"""Settings → a worker's application: every door over one service."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_network
from typing import Any

from falcon.asgi import App

from api.app import create_app
from api.cursors import Cursors
from api.external_issuer import ExternalIssuer
from api.service import Limits, Service
from api.watching import shared
from domain.storage.failures import Failures
from domain.storage.link_tokens import LinkTokens
from scripts import telling, wiring
from scripts.settings import Settings


def application(settings: Settings) -> App[Any, Any]:
    """Return a worker's ASGI application; its connections are opened when it starts."""
    link_key = wiring.link_key(settings)
    counted = wiring.counted(settings)
    shared.take(counted)
    external = ExternalIssuer(settings.oauth_issuer, settings.oauth_audience)
    return create_app(
        Service(
            settings.database_url,
            Limits(
                json_bytes=settings.max_json_bytes,
                body_seconds=settings.body_timeout,
                json_depth=settings.max_json_depth,
                schema_bytes=settings.max_schema_bytes,
                search_seconds=settings.search_timeout,
            ),
            wiring.counters(settings),
            wiring.recent(settings),
            Failures(settings.data / "failures"),
            wiring.space(settings),
            wiring.blobs(settings),
            wiring.uploads(settings),
            LinkTokens(link_key),
            Cursors(link_key),
            wiring.signing_keys(settings),
            wiring.encryption_keys(settings),
            external if settings.oauth_issuer else None,
            wiring.looks(settings),
            wiring.fixity(settings),
            base_url=settings.base_url,
            admin_email=settings.admin_email,
            anonymous_users=settings.anonymous_users,
        ),
        counted,
        [ip_network(each.strip()) for each in settings.metrics_from.split(",") if each],
        telling.rules(settings),
        partial(telling.key, settings),
    )
