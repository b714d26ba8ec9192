"""The market: a function of seed, asset and time that looks like one."""

import itertools
import math
from statistics import pstdev

import pytest

from lib.sandbox.assets import ASSETS, BY_ID, Asset
from lib.sandbox.market import Bar, Listed, Market

HOUR_S, DAY_S, WEEK_S = 3600, 86_400, 604_800
MONDAY_S = 1_735_516_800  # 2024-12-30
BITCOIN = BY_ID["bitcoin"]


def added(bars: list[Bar]) -> tuple[int, ...]:
    """Open, high, low, close, volume, quote volume and trades of a row of bars."""
    return (
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        sum(bar.volume for bar in bars),
        sum(bar.quote for bar in bars),
        sum(bar.trades for bar in bars),
    )


@pytest.mark.parametrize("asset", ASSETS[::7], ids=lambda a: a.id)
@pytest.mark.parametrize(
    ("short", "long"),
    [(60, 300), (300, 900), (60, HOUR_S), (HOUR_S, 4 * HOUR_S), (HOUR_S, DAY_S), (DAY_S, WEEK_S)],
)
def test_short_bars_add_up_to_long_ones(asset: Asset, short: int, long: int) -> None:
    market = Market(3)

    for start in range(MONDAY_S, MONDAY_S + 3 * long, long):
        pieces = market.bars(asset, short, start, long // short, start + 10 * long)
        assert added(pieces) == market.bar(asset, start, start + long)[1:]


def test_bars_in_another_currency_add_up_too() -> None:
    market, euros = Market(1), Listed(BITCOIN, "EUR", 8600)

    minutes = [euros.bar(bar) for bar in market.bars(BITCOIN, 60, MONDAY_S, 60, MONDAY_S + DAY_S)]

    assert added(minutes) == euros.bar(market.bar(BITCOIN, MONDAY_S, MONDAY_S + HOUR_S))[1:]


def test_the_order_of_questions_does_not_matter() -> None:
    asked_backwards, asked_forwards = Market(1), Market(1)
    hours = range(MONDAY_S, MONDAY_S + 50 * HOUR_S, HOUR_S)

    backwards = [asked_backwards.bar(BITCOIN, at, at + HOUR_S) for at in reversed(hours)]
    forwards = [asked_forwards.bar(BITCOIN, at, at + HOUR_S) for at in hours]

    assert backwards[::-1] == forwards


def test_another_seed_is_another_market() -> None:
    assert Market(1).price(BITCOIN, MONDAY_S) != Market(2).price(BITCOIN, MONDAY_S)


@pytest.mark.parametrize("asset", ASSETS, ids=lambda a: a.id)
def test_no_price_leaves_the_span_between_the_all_time_low_and_high(asset: Asset) -> None:
    market = Market(5)
    unit = 10**asset.price_decimals

    weeks = market.bars(asset, WEEK_S, MONDAY_S - 300 * WEEK_S, 400, MONDAY_S + 200 * WEEK_S)

    assert min(bar.low for bar in weeks) >= max(1, asset.atl * unit)
    assert max(bar.high for bar in weeks) <= asset.ath * unit


@pytest.mark.parametrize(
    ("coin", "quietest", "wildest"),
    [("bitcoin", 0.2, 1.0), ("ethereum", 0.3, 1.2), ("dogecoin", 0.4, 1.6), ("tether", 0, 0.02)],
)
def test_a_year_of_days_is_about_as_wild_as_it_should_be(
    coin: str, quietest: float, wildest: float
) -> None:
    for seed in range(4):
        days = Market(seed).bars(BY_ID[coin], DAY_S, MONDAY_S, 365, MONDAY_S + 400 * DAY_S)
        closes = [bar.close for bar in days]
        steps = [math.log(b / a) for a, b in itertools.pairwise(closes)]
        assert quietest <= pstdev(steps) * math.sqrt(365) <= wildest


def test_returns_have_fat_tails() -> None:
    hours = Market(1).bars(BITCOIN, HOUR_S, MONDAY_S, 3000, MONDAY_S + 200 * DAY_S)
    closes = [bar.close for bar in hours]
    steps = [math.log(b / a) for a, b in itertools.pairwise(closes)]

    kurtosis = sum(s**4 for s in steps) / len(steps) / (sum(s * s for s in steps) / len(steps)) ** 2

    assert kurtosis > 4  # a normal law has 3


def test_the_mean_price_of_nearly_every_bar_lies_within_it() -> None:
    market = Market(1)
    bars = [
        bar
        for asset in ASSETS[::5]
        if not asset.twin
        for bar in market.bars(asset, 60, MONDAY_S, 1000, MONDAY_S + DAY_S)
    ]

    outside = [b for b in bars if not b.low * b.volume - 60 <= b.quote <= b.high * b.volume + 60]

    assert len(outside) <= len(bars) / 200
    assert all(0.99 * b.low * b.volume < b.quote < 1.01 * b.high * b.volume for b in outside)


def test_the_price_is_the_close_of_every_running_bar() -> None:
    market = Market(1)
    now = MONDAY_S + 12_345

    price = market.last(BITCOIN, now).price

    for step in (60, 300, HOUR_S, DAY_S, WEEK_S):
        assert market.bar(BITCOIN, now - (now - MONDAY_S) % step, now + 1).close == price
    assert market.day(BITCOIN, now).close == price


def test_caches_stay_within_their_bounds_and_change_nothing() -> None:
    market = Market(1)
    before = market.bar(BITCOIN, MONDAY_S, MONDAY_S + HOUR_S)

    for asset in ASSETS[:30]:
        market.bars(asset, 300, MONDAY_S - 20 * WEEK_S, 5000, MONDAY_S)
        market.trades(asset, MONDAY_S, 6000)

    assert len(market._split) <= 20_000
    assert len(market._trades) <= 2_000
    assert market.bar(BITCOIN, MONDAY_S, MONDAY_S + HOUR_S) == before
