"""How things stand, as gauges for Prometheus: sources, stores, the ledger, live connections."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from adapters.station import Station
from lib.feeds import TICKERS
from lib.highway.road import Highway
from lib.ledger.ledger import Ledger
from lib.ledger.report import Report
from lib.runtime import Runtime
from lib.views.vitals import store_states

STATES: Final = {"closed": 0, "half_open": 1, "open": 2}


def counter(name: str, text: str, labels: Sequence[str], values: Mapping[Any, int]) -> Metric:
    """A counter by its labels' values; Prometheus knows it under `name` and `_total`."""
    family = CounterMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


def gauge(
    name: str, text: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> Metric:
    """A gauge by its labels' values."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values:
        family.add_metric(list(key), value)
    return family


def source_metrics(highway: Highway) -> Iterator[Metric]:
    """Each source as its gate and the watch over prices know it."""
    gates, watch = highway.gates, highway.watch
    doubts = [doubt.source for doubt in watch.outliers.doubts]
    watched = [name for name in TICKERS.sources if name in gates]
    yield gauge(
        "breaker_state",
        "Circuit of a source: 0 closed, 1 half open, 2 open.",
        ["source"],
        (([name], STATES[gate.breaker.state]) for name, gate in gates.items()),
    )
    yield gauge(
        "quota_left",
        "Units left under a source's tightest limit.",
        ["source"],
        (([name], gate.quota.left) for name, gate in gates.items() if gate.quota.left is not None),
    )
    yield gauge(
        "source_up",
        "Whether a source may be asked: 1 online or degraded, 0 offline.",
        ["source"],
        (([name], gate.status != "offline") for name, gate in gates.items()),
    )
    yield gauge(
        "source_last_success_timestamp_seconds",
        "When a source last answered well.",
        ["source"],
        (([name], gate.last_ok_ms / 1000) for name, gate in gates.items() if gate.last_ok_ms),
    )
    yield gauge(
        "source_doubted_prices",
        "Prices of a source that are left out because the others agree on another.",
        ["source"],
        (([name], doubts.count(name)) for name in watched),
    )
    yield counter(
        "source_doubts",
        "How often a price of a source began to be doubted.",
        ["source"],
        {(name,): watch.outliers.begun[name] for name in watched},
    )
    yield gauge(
        "source_stuck",
        "Whether a source says the same as ever while others move.",
        ["source"],
        (([name], name in watch.stuck) for name in watched),
    )


def store_metrics(runtime: Runtime) -> Iterator[Metric]:
    """Stores that are configured, and whether the process is on its way out."""
    states = store_states(runtime)
    yield gauge(
        "store_up",
        "Whether a configured store answers.",
        ["store"],
        (([name], state == "up") for name, state in states.items() if state != "not_configured"),
    )
    yield gauge(
        "service_draining",
        "Whether this process is ending and wants no new callers.",
        [],
        [([], runtime.draining)],
    )
    yield gauge(
        "service_start_time_seconds",
        "When this process began to serve.",
        [],
        [([], runtime.started_ms / 1000)],
    )


def ledger_metrics(ledger: Ledger, report: Report | None) -> Iterator[Metric]:
    """The record of forecasts; its own figures are those of the last report."""
    yield gauge(
        "ledger_waiting_records",
        "Records that are not written yet.",
        [],
        [([], ledger.waiting)],
    )
    yield counter(
        "ledger_lost_records",
        "Records that did not fit in while the ledger was down.",
        [],
        {(): ledger.lost},
    )
    if report is None:
        return
    yield gauge(
        "ledger_rows",
        "Forecasts and signals of the last 30 days: all, and those whose outcome is known.",
        ["state"],
        [(["recorded"], report.recorded), (["scored"], report.scored)],
    )
    yield gauge(
        "forecast_coverage_ratio",
        "Share of outcomes of the last 30 days inside a forecast's interval.",
        ["model", "timeframe", "horizon", "interval"],
        (
            ([row.model, row.timeframe, str(row.horizon), interval], share)
            for row in report.forecasts
            for interval, share in (("0.8", row.coverage_80), ("0.95", row.coverage_95))
        ),
    )
    yield gauge(
        "forecast_outcomes",
        "How many outcomes a forecast's coverage is made of.",
        ["model", "timeframe", "horizon"],
        (([row.model, row.timeframe, str(row.horizon)], row.n) for row in report.forecasts),
    )


def live_metrics(station: Station) -> Iterator[Metric]:
    """Sockets and event streams."""
    yield gauge(
        "ws_connections", "Open sockets and event streams.", [], [([], len(station.tenants))]
    )
    yield counter(
        "ws_messages", "Live messages handed to connections.", [], {(): station.hub.delivered}
    )
    yield counter(
        "ws_dropped", "Live messages that slow readers lost.", [], {(): station.hub.dropped}
    )
