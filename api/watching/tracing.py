"""Traces: a span for each request and each command, where OpenTelemetry is configured.

By its own variables alone: with OTEL_EXPORTER_OTLP_ENDPOINT, or that of traces, spans are sent
there by OTLP over HTTP, with OTEL_SERVICE_NAME and the others as the SDK reads them. What a client
says of its trace in `traceparent` is gone on with. Source: OpenTelemetry, "Environment Variable
Specification", "Semantic conventions for HTTP spans"; W3C, "Trace Context".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from falcon.asgi import Request, Response

from api import request_id
from api.access_log import redacted
from domain.errors import Refusal

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

WHERE = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
OFF = "OTEL_SDK_DISABLED"
FAILED = 500  # statuses from here on are failures of the service

_tracer: Tracer | None = None


def configured(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether spans are to be sent."""
    wanted = any(environment.get(each) for each in WHERE)
    return wanted and environment.get(OFF, "").lower() != "true"


def span(name: str) -> AbstractContextManager[Any]:
    """Return a block that is a span within that of the request, or nothing where none is sent.

    A refusal in it is no failure, and what its message says is not told elsewhere.
    """
    if _tracer is None:
        return nullcontext()
    return _tracer.start_as_current_span(
        name, record_exception=False, set_status_on_exception=False
    )


class Tracing:
    """Falcon's middleware: a span from a request's head to its answer. Make it in each worker."""

    def __init__(self) -> None:
        """Raises Refusal where OpenTelemetry is not installed."""
        try:
            from opentelemetry import context, propagate, trace
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise Refusal(
                "OpenTelemetry is configured and not installed: pip install 'muniment[otel]'."
            ) from error
        global _tracer
        os.environ.setdefault("OTEL_SERVICE_NAME", "muniment")
        self._provider = TracerProvider()
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = _tracer = self._provider.get_tracer("muniment")
        self._context, self._propagate, self._trace = context, propagate, trace

    async def process_request(self, req: Request, resp: Response) -> None:
        """Begin the request's span. It names the request in the log from now on."""
        span = self._tracer.start_span(
            req.method,
            self._propagate.extract(req.headers_lower),
            self._trace.SpanKind.SERVER,
            {"http.request.method": req.method, "url.path": redacted(req.path)},
        )
        req.context.span = span
        req.context.entered = self._context.attach(self._trace.set_span_in_context(span))
        told = span.get_span_context()
        req.context.id = f"{told.trace_id:032x}-{told.span_id:016x}"
        request_id.CURRENT.set(req.context.id)

    async def process_response(
        self, req: Request, resp: Response, resource: Any, succeeded: bool
    ) -> None:
        """End it, with what was answered."""
        span = getattr(req.context, "span", None)
        if span is None:  # refused before it began
            return
        if req.uri_template:
            span.update_name(f"{req.method} {req.uri_template}")
            span.set_attribute("http.route", req.uri_template)
        span.set_attribute("http.response.status_code", resp.status_code)
        if resp.status_code >= FAILED:
            span.set_status(self._trace.StatusCode.ERROR)
        span.end()
        self._context.detach(req.context.entered)

    async def process_shutdown(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()
