"""KuCoin asked: routes, symbols, windows of bars."""

import httpx
import pytest

from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import Pair
from lib.providers.kucoin import KuCoin
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import DAY_MS, HOUR_MS, WEEK_MS, open_of
from tests.lib.providers.venue import always, asked
from tests.lib.wire.kucoin.answers import BAR, BOOK, BTC, NOW_MS, ROW, SYMBOL, TRADE, reply


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("symbol", "wire"),
    [
        ("BSV/USDT", "BCHSV-USDT"),
        ("GALA/USDT", "GALAX-USDT"),
        ("BTC/USD", "BTC-USDT"),
        ("ETH/BTC", "ETH-BTC"),
    ],
)
async def test_a_pair_is_asked_under_kucoins_symbol(symbol: str, wire: str) -> None:
    async with asked(KuCoin, always(reply(BOOK))) as (kucoin, requests):
        book = await kucoin.book(PairQuery(Pair(*symbol.split("/"))))

    assert requests[0].url.params["symbol"] == wire
    assert str(book.pair) == symbol.replace("/USD", "/USDT").replace("USDTT", "USDT")


@pytest.mark.anyio
async def test_a_dollar_coin_has_no_price_in_dollars() -> None:
    async with asked(KuCoin, always(reply(BOOK))) as (kucoin, _):
        with pytest.raises(SourceUnsupported):
            await kucoin.trades(PairQuery(Pair("USDC", "USD")))


@pytest.mark.parametrize("end_counts", [True, False])
@pytest.mark.anyio
@pytest.mark.parametrize(
    ("timeframe", "limit", "calls"),
    [
        ("1h", 1, 1),
        ("1h", 1500, 1),
        ("1h", 1501, 2),
        ("1m", 6000, 4),
        ("1d", 30, 1),
        ("1w", 214, 1),
        ("1w", 215, 2),
    ],
)
async def test_the_newest_bars_come_in_as_few_calls_as_it_takes(
    timeframe: str, limit: int, calls: int, end_counts: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        step_s = {"1min": 60, "1hour": 3600, "1day": 86400}[params["type"]]
        first, end = int(params["startAt"]), int(params["endAt"]) + end_counts
        opens = range(-(-first // step_s) * step_s, min(end, NOW_MS // 1000 + 1), step_s)
        assert len(opens) <= 1500
        rows = [[str(t), "2", "2.5", "3", "1", "5", "9"] for t in reversed(opens)]
        return httpx.Response(200, json=reply(rows))

    async with asked(KuCoin, answer) as (kucoin, requests):
        candles = await kucoin.candles(CandleQuery(BTC, timeframe, limit))

    newest = open_of(NOW_MS, timeframe)
    step = {"1m": 60_000, "1h": HOUR_MS, "1d": DAY_MS, "1w": WEEK_MS}[timeframe]
    opens = [bar.open_ms for bar in candles.bars]
    assert opens == [newest - n * step for n in reversed(range(limit))]
    assert not candles.bars[-1].closed
    assert len(requests) == calls


@pytest.mark.anyio
async def test_the_newest_bars_of_a_quiet_pair_are_found_further_back() -> None:
    minute = NOW_MS // 60_000 * 60 - 50 * 60
    rows = [[str(t), "2", "2", "2", "2", "5", "9"] for t in (minute, minute - 180)]

    async with asked(KuCoin, always(reply(rows))) as (kucoin, _):
        candles = await kucoin.candles(CandleQuery(BTC, "1m", 3))

    assert [bar.open_ms for bar in candles.bars] == [
        (minute - 120) * 1000,
        (minute - 60) * 1000,
        minute * 1000,
    ]
    assert [bar.filled for bar in candles.bars] == [True, True, False]


@pytest.mark.anyio
async def test_weeks_are_added_up_from_days_and_open_on_mondays() -> None:
    monday = 1_763_337_600_000  # 2025-11-17
    days = [
        *[[monday // 1000 + n * 86400, 10 + n, 11 + n, 12 + n, 9 + n, 1, 0] for n in range(7)],
        [monday // 1000 + 7 * 86400, 17, 18, 19, 16, 1, 0],
    ]
    rows = [[str(cell) for cell in day] for day in reversed(days)]

    async with asked(KuCoin, always(reply(rows))) as (kucoin, requests):
        candles = await kucoin.candles(CandleQuery(BTC, "1w", 2))

    week, running = candles.bars
    assert (week.open_ms, week.open, week.high, week.low, week.close, week.volume) == (
        *(monday, 10.0, 18.0, 9.0, 17.0, 7.0),
    )
    assert (running.open_ms, running.closed, week.closed) == (monday + WEEK_MS, False, True)
    assert requests[0].url.params["type"] == "1day"
    assert requests[0].url.params["startAt"] == str(monday // 1000)


@pytest.mark.anyio
async def test_an_absurd_day_is_not_hidden_in_its_week() -> None:
    day = [str(NOW_MS // DAY_MS * 86400), "2", "2.5", "nan", "1", "5", "9"]

    async with asked(KuCoin, always(reply([day]))) as (kucoin, _):
        with pytest.raises(SourceMalformed):
            await kucoin.candles(CandleQuery(BTC, "1w", 2))


@pytest.mark.anyio
async def test_more_bars_than_four_calls_give_are_not_asked_for() -> None:
    async with asked(KuCoin, always(reply([]))) as (kucoin, requests):
        for query in (CandleQuery(BTC, "1m", 6001), CandleQuery(BTC, "1w", 858)):
            with pytest.raises(SourceUnsupported):
                await kucoin.candles(query)

    assert requests == []


@pytest.mark.anyio
async def test_each_feed_asks_its_documented_route() -> None:
    newest = NOW_MS // HOUR_MS * 3600
    by_path = {
        "/api/v1/market/allTickers": {"ticker": [ROW]},
        "/api/v1/market/candles": [[str(newest), *BAR[1:]]],
        "/api/v1/market/orderbook/level2_100": BOOK,
        "/api/v1/market/histories": [TRADE],
        "/api/v2/symbols": [SYMBOL],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=reply(by_path[request.url.path]))

    async with asked(KuCoin, answer) as (kucoin, requests):
        await kucoin.tickers()
        await kucoin.candles(CandleQuery(BTC, "1h", 1))
        await kucoin.book(PairQuery(BTC))
        await kucoin.trades(PairQuery(BTC))
        await kucoin.exchange(Everything())

    root = "https://api.kucoin.com/api"
    ends = f"startAt={newest - 199 * 3600}&endAt={newest + 1}"
    assert [str(request.url) for request in requests] == [
        f"{root}/v1/market/allTickers",
        f"{root}/v1/market/candles?symbol=BTC-USDT&type=1hour&{ends}",
        f"{root}/v1/market/orderbook/level2_100?symbol=BTC-USDT",
        f"{root}/v1/market/histories?symbol=BTC-USDT",
        f"{root}/v2/symbols",
    ]


def test_it_serves_five_feeds() -> None:
    assert set(KuCoin.served()) == {"tickers", "candles", "books", "trades", "exchanges"}
