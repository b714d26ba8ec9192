"""Traces: a request and the calls that it caused, at a receiver on loopback."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.tracing import Tracing
from lib.observe import Several
from lib.settings import SettingsError
from tests.house import House
from tests.lib.fakes import Notebook
from tests.live import live_service

ROOT = Path(__file__).resolve().parents[2]


class Receiver:
    """An OTLP receiver over HTTP that keeps the spans it gets."""

    def __init__(self) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )

        spans: list[Any] = []
        self.spans = spans
        self.paths: list[str] = []
        paths = self.paths

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                paths.append(self.path)
                body = self.rfile.read(int(self.headers["content-length"]))
                told = ExportTraceServiceRequest.FromString(_plain(body))
                for resource in told.resource_spans:
                    for scope in resource.scope_spans:
                        spans.extend(scope.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.server.server_port}"

    def named(self, name: str) -> Any:
        """The one span of this name."""
        found = [span for span in self.spans if span.name == name]
        assert len(found) == 1, [span.name for span in self.spans]
        return found[0]


def _plain(body: bytes) -> bytes:
    import gzip

    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


async def traced(receiver: Receiver, *targets: str, **wiring: Any) -> None:
    """Ask a traced service, and have its spans sent."""
    tracing = Tracing(receiver.root, "1.2.3")
    async with House(observer=Several(Notebook(), tracing), **wiring) as house:
        house.app = tracing.wrap(house.app)  # type: ignore[assignment]
        for target in targets:
            await house.get(target, x_request_id="trace-me-123")
    await asyncio.to_thread(tracing.close)


async def test_a_request_is_the_parent_of_the_calls_it_caused(receiver: Receiver) -> None:
    await traced(receiver, "/api/price/BTC", faults={"binance": "500"})

    request = receiver.named("GET price")
    failed, answered = receiver.named("binance tickers"), receiver.named("coinbase tickers")
    assert failed.parent_span_id == answered.parent_span_id == request.span_id
    assert failed.trace_id == answered.trace_id == request.trace_id
    assert receiver.paths == ["/v1/traces"]


async def test_spans_say_what_came_of_it_and_whose_request_it_was(receiver: Receiver) -> None:
    await traced(receiver, "/api/price/BTC", faults={"binance": "500"})

    request, failed = receiver.named("GET price"), receiver.named("binance tickers")
    assert attributes(request) == {
        "http.request.method": "GET",
        "url.path": "/api/price/BTC",
        "http.response.status_code": 200,
        "http.route": "price",
        "request_id": "trace-me-123",
    }
    assert attributes(failed) == {
        "source": "binance", "feed": "tickers", "outcome": "unavailable",
    }  # fmt: skip
    assert failed.status.message == "unavailable"


def test_the_real_server_sends_its_spans_before_it_ends(receiver: Receiver) -> None:
    with live_service(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.root) as service:
        for _ in range(2):
            httpx.get(f"{service.root}/api/price/BTC", timeout=20, trust_env=False)

    asked = [one for one in receiver.spans if attributes(one).get("url.path") == "/api/price/BTC"]
    called = [one for one in receiver.spans if one.name == "binance tickers"]
    assert [attributes(one)["http.response.status_code"] for one in asked] == [200, 200]
    assert {one.parent_span_id for one in called} <= {one.span_id for one in asked}
    assert called


async def test_nothing_of_a_trace_is_told_to_upstreams(receiver: Receiver) -> None:
    seen: list[dict[str, str]] = []
    async with House() as plain:
        inner = httpx.ASGITransport(plain.sandbox)

        async def answer(request: httpx.Request) -> httpx.Response:
            seen.append(dict(request.headers))
            return await inner.handle_async_request(request)

        await traced(receiver, "/api/price/BTC", upstream=httpx.MockTransport(answer))

    assert seen
    assert not any("traceparent" in headers or "baggage" in headers for headers in seen)


def test_a_service_without_the_setting_loads_nothing_of_it() -> None:
    program = (
        "import sys, local_server\n"
        "from lib.settings import Settings\n"
        "local_server.build_app(Settings())\n"
        "print([m for m in sys.modules if m.startswith('opentelemetry')])"
    )

    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "[]"


def test_where_it_is_not_installed_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(SettingsError, match="pip install opentelemetry-sdk opentelemetry-exp"):
        Tracing("http://127.0.0.1:9", "1")
