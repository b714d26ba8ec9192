"""A stranger's spread, set right by its own record."""

import random
from math import exp, log
from statistics import NormalDist

import pytest

from lib.ledger.recalibration import LEAST, Factors, learn_factors, recalibrated
from lib.ledger.records import LEVELS, ForecastRecord
from lib.outlook import Forecast, ForecastStep
from tests.conftest import StillClock
from tests.lib.ledger.conftest import Place, ledger_at
from tests.lib.ledger.said import HOUR_MS, ORIGIN_MS, forecast

pytestmark = pytest.mark.anyio

SCORES = tuple(NormalDist().inv_cdf(level) for level in LEVELS)


def fan(sigma: float) -> tuple[float, ...]:
    """Quantiles of a Gaussian walk from 100."""
    return tuple(100 * exp(sigma * z) for z in SCORES)


def record(
    seed: int, n: int, *, said: float, true: float, horizon: int = 1
) -> list[ForecastRecord]:
    """One forecast an hour that states `said`, of a world that moves by `true`."""
    rng = random.Random(seed)
    return [
        forecast(
            id=f"{seed}-{horizon}-{at}",
            model="huggingface:endpoint:raw",
            horizon=horizon,
            origin_ms=ORIGIN_MS + at * HOUR_MS,
            due_ms=ORIGIN_MS + (at + horizon) * HOUR_MS,
            quantiles=fan(said),
            outcome=100 * exp(rng.gauss(0, true)),
        )
        for at in range(n)
    ]


def ahead(sigmas: list[float], interval: float = 0.8) -> Forecast:
    """A forecast whose spread at each bar is given."""
    z = NormalDist().inv_cdf((1 + interval) / 2)
    steps = tuple(
        ForecastStep(ORIGIN_MS + i * HOUR_MS, 100, 100 * exp(-s * z), 100 * exp(s * z), fan(s))
        for i, s in enumerate(sigmas, 1)
    )
    return Forecast(
        timeframe="1h",
        horizon=len(steps),
        interval=interval,
        current_price=100,
        time_ms=ORIGIN_MS,
        steps=steps,
        levels=LEVELS,
        model="huggingface:endpoint",
        members=("endpoint",),
        direction="neutral",
        direction_bars=len(steps),
    )


@pytest.mark.parametrize("said", [0.003, 0.02])
def test_a_spread_that_lies_holds_what_it_states_once_recalibrated(said: float) -> None:
    factors = learn_factors(record(1, 2000, said=said, true=0.01))
    assert factors
    rng = random.Random(2)
    [step] = recalibrated(ahead([said]), factors).steps

    outcomes = [100 * exp(rng.gauss(0, 0.01)) for _ in range(4000)]
    inside = sum(step.lower <= price <= step.upper for price in outcomes) / 4000
    wide = sum(step.quantiles[0] <= price <= step.quantiles[-1] for price in outcomes) / 4000

    assert inside == pytest.approx(0.8, abs=0.03)
    assert wide == pytest.approx(0.95, abs=0.02)


def test_too_few_outcomes_teach_nothing() -> None:
    assert learn_factors(record(1, LEAST - 1, said=0.01, true=0.01)) is None
    assert learn_factors([forecast(outcome=None)] * 1000) is None


def test_many_outcomes_of_few_days_teach_nothing_of_days() -> None:
    assert learn_factors(record(1, 300, said=0.01, true=0.01, horizon=24)) is None


def test_each_horizon_has_its_own_factor_and_those_between_are_between() -> None:
    near = record(1, 1000, said=0.01, true=0.01)
    far = record(2, 1000, said=0.01, true=0.02, horizon=24)
    factors = learn_factors([*near, *far])
    assert factors

    told = [factors.at(bars, 0.8) for bars in (1, 5, 24, 168)]

    assert told[0] == pytest.approx(1, abs=0.1)
    assert told[2] == pytest.approx(2, abs=0.2)
    assert told[0] < told[1] < told[2] == told[3]


def test_medians_stay_levels_are_in_order_and_bars_never_narrower() -> None:
    factors = Factors({1: (3.0, 2.0, 1.5, 0.5), 6: (0.5, 0.5, 0.5, 0.5)}, 400)

    found = recalibrated(ahead([0.01, 0.02, 0.01, 0.05, 0.05, 0.03], 0.9), factors)

    rows = [step.quantiles for step in found.steps]
    assert [step.price for step in found.steps] == pytest.approx([100] * 6)
    assert all(list(row) == sorted(row) for row in rows)
    assert all(step.lower <= step.quantiles[2] for step in found.steps)
    for level in range(len(LEVELS)):
        away = [abs(log(row[level] / 100)) for row in rows]
        assert away == sorted(away)


async def test_the_record_of_one_model_teaches_about_that_model(place: Place) -> None:
    clock = StillClock(ORIGIN_MS + 300 * HOUR_MS)
    ledger = ledger_at(place, clock=clock)
    rows = record(1, 250, said=0.005, true=0.01)
    await ledger.record([*rows, *(forecast(id=f"o{i}", model="ensemble_v3") for i in range(9))])
    await ledger.flush()
    await ledger.score(rows)
    mine = await ledger.experience.factors("huggingface:endpoint:raw", "1h")
    other = await ledger.experience.factors("ensemble_v3", "1h")
    await ledger.aclose()

    assert mine == learn_factors(rows)
    assert other is None


async def test_what_cannot_be_read_teaches_nothing() -> None:
    ledger = ledger_at({"REDIS_URL": "redis://127.0.0.1:1/0"})
    found = await ledger.experience.factors("huggingface:endpoint:raw", "1h")
    await ledger.aclose()

    assert found is None
