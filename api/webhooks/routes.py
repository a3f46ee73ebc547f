"""Where administrators say which programs are told of events, one line a route."""

from __future__ import annotations

from collections.abc import Callable

from api.service import Service
from api.webhooks.resources import Dead, Redelivery, Webhook, WebhookResource, Webhooks
from api.webhooks.targets import Rules


def routes(service: Service, rules: Rules, key: Callable[[], bytes]) -> dict[str, WebhookResource]:
    """Return path template → resource; `key` gives what the webhooks' keys are made of."""
    return {
        "/api/webhooks/": Webhooks(service, rules, key),
        "/api/webhooks/{id}": Webhook(service),
        "/api/webhooks/{id}/dead": Dead(service),
        "/api/webhooks/{id}/redeliver": Redelivery(service),
    }
