"""How things stand, as Prometheus reads it."""

from types import SimpleNamespace
from typing import Any

import pytest

from adapters.metrics import Metrics
from lib.ledger.ledger import Ledger
from tests.house import House

SCORE: Any = SimpleNamespace(
    model="m", timeframe="1h", horizon=24, n=321, coverage_80=0.79, coverage_95=0.94
)


def values(metrics: Metrics) -> dict[str, float]:
    """Every sample by its name and labels."""
    lines = [line for line in metrics.exposition().decode().splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture
async def metrics() -> Any:
    made = Metrics()
    async with House(observer=made) as house:
        made.runtime = house.runtime
        made.house = house  # type: ignore[attr-defined]
        yield made


async def test_coverage_comes_with_the_number_of_outcomes_behind_it(metrics: Any) -> None:
    ledger: Ledger = SimpleNamespace(waiting=3, lost=2, state="up")  # type: ignore[assignment]
    metrics.runtime.ledger = ledger
    metrics.report = SimpleNamespace(recorded=400, scored=321, forecasts=[SCORE])

    told = values(metrics)

    same = 'horizon="24",'
    assert told[f'forecast_coverage_ratio{{{same}interval="0.8",model="m",timeframe="1h"}}'] == 0.79
    assert told[f'forecast_coverage_ratio{{{same}interval="0.95",model="m",timeframe="1h"}}'] == (
        0.94
    )
    assert told['forecast_outcomes{horizon="24",model="m",timeframe="1h"}'] == 321
    assert (told["ledger_waiting_records"], told["ledger_lost_records_total"]) == (3, 2)
    assert told['ledger_rows{state="scored"}'] == 321
    assert told['store_up{store="ledger"}'] == 1
    metrics.runtime.ledger = None


async def test_a_store_that_is_not_configured_is_not_down(metrics: Any) -> None:
    assert not [name for name in values(metrics) if name.startswith("store_up")]


async def test_a_source_s_state_is_that_of_its_gate(metrics: Any) -> None:
    house: House = metrics.house
    for name in ("binance", "kraken"):
        house.sandbox.state.faults.set(name, "451" if name == "binance" else "500")
    for _ in range(3):
        await house.get("/api/price/BTC/consensus")
        house.clock.advance(5.1)

    told = values(metrics)

    assert told['source_up{source="binance"}'] == 0
    assert told['breaker_state{source="kraken"}'] == 1  # five seconds later, a probe may go
    assert told['upstream_requests_total{outcome="unavailable",source="kraken"}'] == 3
    assert told['source_last_success_timestamp_seconds{source="okx"}'] == pytest.approx(
        (house.clock.now_ms() - 5100) / 1000
    )
    assert 'source_last_success_timestamp_seconds{source="kraken"}' not in told


async def test_a_process_that_is_told_to_end_is_draining(metrics: Any) -> None:
    before = values(metrics)["service_draining"]
    metrics.runtime.draining = True

    assert (before, values(metrics)["service_draining"]) == (0, 1)
