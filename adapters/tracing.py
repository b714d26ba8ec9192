"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT is set: requests and calls of sources.

Nothing of OpenTelemetry is imported otherwise. A request's span is the parent of the calls that it
caused, of those too that go on after its answer. What a caller says of a trace of its own is not
read, and nothing of ours is told to upstreams.
"""

import threading
import time
from importlib import import_module
from typing import Any, Final

from adapters.front_door import App, Message, Receive, Scope, Send
from adapters.visit import READY
from lib.errors import shown
from lib.settings import SettingsError

PACKAGES: Final = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")
NS: Final = 1_000_000_000
CLOSING_S: Final = 2.0


class Tracing:
    """Makes spans and sends them in batches, from a thread of its own.

    Raises:
        SettingsError: OpenTelemetry is not installed.
    """

    def __init__(self, endpoint: str, version: str, closing_s: float = CLOSING_S) -> None:
        try:
            self._trace: Any = import_module("opentelemetry.trace")
            sdk: Any = import_module("opentelemetry.sdk.trace")
            export: Any = import_module("opentelemetry.sdk.trace.export")
            otlp: Any = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
            resource: Any = import_module("opentelemetry.sdk.resources").Resource
        except ImportError:
            raise SettingsError(
                "OTEL_EXPORTER_OTLP_ENDPOINT: tracing is not installed here; it needs "
                f"pip install {' '.join(PACKAGES)}"
            ) from None
        self._closing_s = closing_s
        about = {"service.name": "dreammaker", "service.version": version}
        self._provider = sdk.TracerProvider(resource=resource.create(about), shutdown_on_exit=False)
        exporter = otlp.OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
        self._provider.add_span_processor(export.BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("dreammaker", version)

    def wrap(self, app: App) -> App:
        """The same app, with a span for each request."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            (scope.get("extensions") or {}).pop(READY, None)  # so that the answer passes by here
            with self._tracer.start_as_current_span(
                scope["method"],
                kind=self._trace.SpanKind.SERVER,
                attributes={
                    "http.request.method": scope["method"],
                    "url.path": shown(scope["path"], 200),
                },
            ) as span:
                await app(scope, receive, _watched(send, span, scope))

        return traced

    # as an observer

    def called(self, source: str, feed: str, outcome: str, seconds: float) -> None:
        """A source was asked: a span that has just ended."""
        now = time.time_ns()
        span = self._tracer.start_span(
            f"{source} {feed}",
            kind=self._trace.SpanKind.CLIENT,
            start_time=now - round(seconds * NS),
            attributes={"source": source, "feed": feed, "outcome": outcome},
        )
        if outcome not in ("ok", "unsupported"):
            span.set_status(self._trace.StatusCode.ERROR, outcome)
        span.end(now)

    def looked_up(self, feed: str, age: str) -> None:
        """Whether the value was at hand, as an event of the request's span."""
        span = self._trace.get_current_span()
        span.add_event("looked_up", {"feed": feed, "cache": age})

    def close(self) -> None:
        """Send what is left, for two seconds at most: whoever collects may be gone."""
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(self._closing_s)


def _watched(send: Send, span: Any, scope: Scope) -> Send:
    async def watch(message: Message) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            span.set_attribute("http.response.status_code", status)
            identity = next((v for k, v in message["headers"] if k == b"x-request-id"), b"")
            span.set_attribute("request_id", identity.decode("latin-1"))
            visit = scope.get("visit")
            if visit is not None:
                span.update_name(f"{scope['method']} {visit.endpoint}")
                span.set_attribute("http.route", visit.endpoint)
        await send(message)

    return watch
