"""Kraken asked: routes, intervals, times."""

from collections.abc import Callable
from typing import Any

import pytest

from lib.errors import SourceUnsupported
from lib.providers.kraken import Kraken
from lib.queries import CandleQuery, Everything, PairQuery
from tests.lib.providers.venue import always, asked
from tests.lib.wire.kraken.answers import (
    BARS,
    BOARD,
    BOOK,
    BTC_USD,
    DAY_MS,
    HOUR_MS,
    MONDAY_MS,
    NOW_MS,
    PAIRS,
    TRADES,
    answer,
    ohlc,
    row,
)

CALLS: list[tuple[Callable[[Kraken], Any], str, bytes]] = [
    (lambda k: k.tickers(), "/0/public/Ticker", BOARD),
    (lambda k: k.rates(Everything()), "/0/public/Ticker", BOARD),
    (lambda k: k.exchange(Everything()), "/0/public/AssetPairs", PAIRS),
    (lambda k: k.book(PairQuery(BTC_USD)), "/0/public/Depth?pair=XBTUSD&count=100", BOOK),
    (lambda k: k.trades(PairQuery(BTC_USD)), "/0/public/Trades?pair=XBTUSD&count=500", TRADES),
    (
        lambda k: k.candles(CandleQuery(BTC_USD, "1h", 2)),
        "/0/public/OHLC?pair=XBTUSD&interval=60",
        BARS,
    ),
]


DATE = {"Date": "Mon, 24 Nov 2025 15:59:58 GMT"}  # two seconds before the still clock


@pytest.mark.anyio
@pytest.mark.parametrize(("call", "target", "body"), CALLS)
async def test_each_feed_is_one_call(
    call: Callable[[Kraken], Any], target: str, body: bytes
) -> None:
    async with asked(Kraken, always(body, headers=DATE)) as (kraken, requests):
        found = await call(kraken)

    assert [str(request.url) for request in requests] == ["https://api.kraken.com" + target]
    values = found.values() if isinstance(found, dict) else [found]
    assert {value.time_ms for value in values} == {NOW_MS - 2000}


@pytest.mark.anyio
async def test_without_a_date_the_clock_tells_the_time() -> None:
    async with asked(Kraken, always(BOOK)) as (kraken, _):
        assert (await kraken.book(PairQuery(BTC_USD))).time_ms == NOW_MS


@pytest.mark.anyio
async def test_an_asset_under_its_former_name_is_found_under_the_present_one() -> None:
    async with asked(Kraken, always(answer({"MATICUSD": row()}))) as (kraken, _):
        assert list(await kraken.tickers()) == ["POL/USD"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "query",
    [
        CandleQuery(BTC_USD, "1h", 721),
        CandleQuery(BTC_USD, "1h", 10, since_ms=NOW_MS - 720 * HOUR_MS),
        CandleQuery(BTC_USD, "1h", 100, until_ms=NOW_MS - 700 * HOUR_MS),
        CandleQuery(BTC_USD, "1w", 104),
        CandleQuery(BTC_USD, "1h", 10, since_ms=NOW_MS + DAY_MS),
        CandleQuery(BTC_USD, "2h", 10),
    ],
)
async def test_bars_outside_krakens_window_are_not_asked_for(query: CandleQuery) -> None:
    async with asked(Kraken, always(BARS)) as (kraken, requests):
        with pytest.raises(SourceUnsupported):
            await kraken.candles(query)

    assert requests == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("timeframe", "interval"),
    [
        *(("1m", "1"), ("5m", "5"), ("15m", "15"), ("30m", "30")),
        *(("1h", "60"), ("4h", "240"), ("1d", "1440"), ("1w", "1440")),
    ],
)
async def test_each_time_frame_has_its_interval(timeframe: str, interval: str) -> None:
    body = answer({"XXBTZUSD": [ohlc(MONDAY_MS)], "last": 1})

    async with asked(Kraken, always(body)) as (kraken, requests):
        await kraken.candles(CandleQuery(BTC_USD, timeframe, 100))

    assert [request.url.params["interval"] for request in requests] == [interval]
