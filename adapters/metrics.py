"""Counters of a long-lived process, written out for Prometheus; docs/operations.md lists them."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from adapters.metrics_state import (
    counter,
    ledger_metrics,
    live_metrics,
    source_metrics,
    store_metrics,
)
from adapters.station import Station
from lib.ledger.report import Report
from lib.runtime import Runtime


class Metrics(Collector):
    """Counts in plain dictionaries, since it is told of every request; families are made when
    Prometheus asks.

    Attributes:
        report: what the ledger last told of itself; reading it takes too long for a scrape.
    """

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int, str]] = Counter()
        self._calls: Counter[tuple[str, str]] = Counter()
        self._lookups: Counter[tuple[str, str]] = Counter()
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "upstream_seconds",
            "How long sources took to answer.",
            ["source"],
            buckets=(0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2),
            registry=self._registry,
        )
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self.runtime: Runtime | None = None
        self.station: Station | None = None
        self.report: Report | None = None

    def counted(self, endpoint: str, status: int, cache: str) -> None:
        """An answer was sent."""
        self._requests[endpoint, status, cache] += 1

    def called(self, source: str, feed: str, outcome: str, seconds: float) -> None:  # noqa: ARG002 - the observer's form
        """A source was asked."""
        self._calls[source, outcome] += 1
        self._seconds.labels(source).observe(seconds)

    def looked_up(self, feed: str, age: str) -> None:
        """The highway was asked."""
        self._lookups[feed, age] += 1

    def exposition(self) -> bytes:
        """Everything in the text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        requests = {(name, str(code), kept): n for (name, code, kept), n in self._requests.items()}
        yield counter(
            "http_requests",
            "Answers by endpoint, status and cache state.",
            ["endpoint", "status", "cache"],
            requests,
        )
        yield counter(
            "upstream_requests",
            "Calls of sources by outcome.",
            ["source", "outcome"],
            self._calls,
        )
        yield counter(
            "highway_lookups",
            "Values asked for, by feed and whether they were at hand.",
            ["feed", "cache"],
            self._lookups,
        )
        if self.runtime:
            yield from source_metrics(self.runtime.highway)
            yield from store_metrics(self.runtime)
            if self.runtime.ledger:
                yield from ledger_metrics(self.runtime.ledger, self.report)
        if self.station:
            yield from live_metrics(self.station)
