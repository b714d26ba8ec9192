"""Counters of a long-lived process, written out for Prometheus."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.station import Station
from lib.runtime import Runtime

STATES = {"closed": 0, "half_open": 1, "open": 2}


class Metrics(Collector):
    """Counts in plain dictionaries, since it is told of every request; families are made when
    Prometheus asks."""

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
        self.runtime: Runtime | None = None
        self.station: Station | None = None

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
        yield _counter(
            "http_requests",
            "Answers by endpoint, status and cache state.",
            ["endpoint", "status", "cache"],
            {(name, str(status), cache): n for (name, status, cache), n in self._requests.items()},
        )
        yield _counter(
            "upstream_requests",
            "Calls of sources by outcome.",
            ["source", "outcome"],
            self._calls,
        )
        yield _counter(
            "highway_lookups",
            "Values asked for, by feed and whether they were at hand.",
            ["feed", "cache"],
            self._lookups,
        )
        if self.runtime:
            yield from _sources(self.runtime)
        if self.station:
            yield from _live(self.station)


def _counter(
    name: str, text: str, labels: list[str], values: Mapping[Any, int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


def _live(station: Station) -> Iterator[Metric]:
    connections = GaugeMetricFamily("ws_connections", "Open sockets and event streams.")
    connections.add_metric([], len(station.tenants))
    sent = CounterMetricFamily("ws_messages", "Live messages handed to connections.")
    sent.add_metric([], station.hub.delivered)
    dropped = CounterMetricFamily("ws_dropped", "Live messages that slow readers lost.")
    dropped.add_metric([], station.hub.dropped)
    yield connections
    yield sent
    yield dropped


def _sources(runtime: Runtime) -> Iterator[Metric]:
    breakers = GaugeMetricFamily(
        "breaker_state", "Circuit of a source: 0 closed, 1 half open, 2 open.", labels=["source"]
    )
    quotas = GaugeMetricFamily(
        "quota_left", "Units left under a source's tightest limit.", labels=["source"]
    )
    for name, gate in runtime.highway.gates.items():
        breakers.add_metric([name], STATES[gate.breaker.state])
        if (left := gate.quota.left) is not None:
            quotas.add_metric([name], left)
    yield breakers
    yield quotas
