"""CoinGecko's histories, read: market caps and bars."""

from itertools import pairwise
from typing import Any

import pytest

from lib.errors import SourceMalformed
from lib.queries import RangeQuery
from lib.wire.coingecko_charts import parse_caps, parse_ohlc
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NOW_MS
from tests.lib.wire.coingecko.answers import ALL_TIME, DAY_MS, HOUR_MS, body


@pytest.mark.parametrize(
    "name", ["market_chart_daily", "market_chart_hourly", "doc_market_chart_range"]
)
def test_recorded_market_caps_are_read_at_their_own_moments(corpus: Corpus, name: str) -> None:
    raw = corpus.recording(f"coingecko/{name}")["body"]["market_caps"]

    history = parse_caps(corpus.body(f"coingecko/{name}"), ALL_TIME, NOW_MS)

    assert [[p.time_ms, p.market_cap] for p in history.points] == raw
    assert (history.symbol, history.time_ms) == ("BTC", NOW_MS)


def test_trap_2_uneven_steps_and_a_last_point_of_now_are_kept_as_they_are(corpus: Corpus) -> None:
    points = parse_caps(corpus.body("coingecko/market_chart_hourly"), ALL_TIME, NOW_MS).points
    daily = parse_caps(corpus.body("coingecko/market_chart_daily"), ALL_TIME, NOW_MS).points

    assert points[1].time_ms - points[0].time_ms > 1.5 * HOUR_MS
    assert all(point.time_ms % DAY_MS == 0 for point in daily[:-1])
    assert daily[-1].time_ms % DAY_MS != 0


def test_trap_2_bars_are_timed_at_close_upstream_and_at_open_here(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/ohlc_7d")["body"]

    bars = parse_ohlc(corpus.body("coingecko/ohlc_7d"), "4h")

    assert [list(bar) for bar in bars] == [[row[0] - 4 * HOUR_MS, *row[1:]] for row in raw]
    assert {later.open_ms - bar.open_ms for bar, later in pairwise(bars)} == {4 * HOUR_MS}


def test_documented_half_hours_are_read(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/doc_ohlc")["body"]

    bars = parse_ohlc(corpus.body("coingecko/doc_ohlc"), "30m")

    assert [bar.open_ms for bar in bars] == [row[0] - HOUR_MS // 2 for row in raw]


@pytest.mark.parametrize("timeframe", ["30m", "1h", "1d"])
def test_bars_of_another_length_are_not_taken_for_the_wanted_ones(
    corpus: Corpus, timeframe: str
) -> None:
    with pytest.raises(SourceMalformed):
        parse_ohlc(corpus.body("coingecko/ohlc_7d"), timeframe)


def test_a_market_cap_of_null_or_zero_is_no_point() -> None:
    document = {"market_caps": [[1000, None], [2000, 0], [3000, 5.0], [2500, "nan"]]}

    points = parse_caps(body(document), RangeQuery("BTC", 0, 4000), NOW_MS).points

    assert [(p.time_ms, p.market_cap) for p in points] == [(3000, 5.0)]


def test_points_are_ascending_single_and_inside_the_range() -> None:
    document = {"market_caps": [[3000, 3.0], [1000, 1.0], [2000, 2.0], [2000, 2.5], [9000, 9.0]]}

    points = parse_caps(body(document), RangeQuery("BTC", 1500, 4000), NOW_MS).points

    assert [(p.time_ms, p.market_cap) for p in points] == [(2000, 2.5), (3000, 3.0)]


@pytest.mark.parametrize(
    "row",
    [
        [7_200_000, 10, 9, 8, 9],  # high below open
        [7_200_000, 10, 12, 0, 9],
        [7_200_000, "nan", 12, 8, 9],
        [7_200_000, 10, 12, 8, "nan"],
        [7_200_001, 10, 12, 8, 9],
    ],
)
def test_a_bar_that_is_no_bar_is_refused(row: list[Any]) -> None:
    with pytest.raises(SourceMalformed):
        parse_ohlc(body([row]), "30m")
