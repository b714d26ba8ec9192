"""OKX asked: routes and windows of bars."""

import httpx
import pytest

from lib.errors import SourceUnsupported
from lib.market import Pair
from lib.providers.okx import Okx
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import DAY_MS, HOUR_MS, TIMEFRAME_MS, open_of
from tests.lib.providers.venue import always, asked
from tests.lib.wire.okx.answers import BAR, BOOK, BTC, NOW_MS, ROW, RULE, TRADE, reply


def bars_of(request: httpx.Request) -> httpx.Response:
    """Serve bars as OKX does: newest first, both ends excluded, recent ones only or all."""
    params = request.url.params
    step = {"1m": 60_000, "1H": HOUR_MS, "1Dutc": DAY_MS, "1Wutc": 7 * DAY_MS}[params["bar"]]
    timeframe = {value: key for key, value in TIMEFRAME_MS.items()}[step]
    history = request.url.path.endswith("history-candles")
    limit = int(params["limit"])
    assert limit <= (100 if history else 300)
    newest = min(open_of(NOW_MS, timeframe), open_of(int(params["after"]) - 1, timeframe))
    opens = list(range(newest, int(params["before"]), -step))[:limit]
    if not history:
        opens = [t for t in opens if t > NOW_MS - 1440 * step]
    return httpx.Response(
        200, json=reply([[str(t), "2", "3", "1", "2.5", "5", "9", "9", "0"] for t in opens])
    )


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("timeframe", "limit", "calls"),
    [("1h", 1, 1), ("1m", 300, 1), ("1h", 301, 2), ("1h", 1200, 4), ("1d", 30, 1), ("1w", 200, 1)],
)
async def test_the_newest_bars_come_in_as_few_calls_as_it_takes(
    timeframe: str, limit: int, calls: int
) -> None:
    async with asked(Okx, bars_of) as (okx, requests):
        candles = await okx.candles(CandleQuery(BTC, timeframe, limit))

    newest, step = open_of(NOW_MS, timeframe), TIMEFRAME_MS[timeframe]
    opens = [bar.open_ms for bar in candles.bars]
    assert opens == [newest - n * step for n in reversed(range(limit))]
    assert len(requests) == calls
    assert {request.url.path for request in requests} == {"/api/v5/market/candles"}


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [1, 100, 400])
async def test_older_bars_come_from_the_history_route(limit: int) -> None:
    since = NOW_MS - 5000 * HOUR_MS + 1
    query = CandleQuery(BTC, "1h", limit, since_ms=since)

    async with asked(Okx, bars_of) as (okx, requests):
        candles = await okx.candles(query)

    first = (since // HOUR_MS + 1) * HOUR_MS
    assert [bar.open_ms for bar in candles.bars] == [first + n * HOUR_MS for n in range(limit)]
    assert len(requests) == -(-limit // 100)
    assert {request.url.path for request in requests} == {"/api/v5/market/history-candles"}


@pytest.mark.anyio
async def test_more_bars_than_four_calls_give_are_not_asked_for() -> None:
    long_ago = NOW_MS - 5000 * HOUR_MS

    async with asked(Okx, bars_of) as (okx, requests):
        for query in (CandleQuery(BTC, "1h", 1201), CandleQuery(BTC, "1h", 401, long_ago)):
            with pytest.raises(SourceUnsupported):
                await okx.candles(query)

    assert requests == []


@pytest.mark.anyio
async def test_each_feed_asks_its_documented_route() -> None:
    newest = NOW_MS // DAY_MS * DAY_MS
    by_path = {
        "/api/v5/market/tickers": [ROW],
        "/api/v5/market/candles": [[str(newest), *BAR[1:]]],
        "/api/v5/market/books": [BOOK],
        "/api/v5/market/trades": [TRADE],
        "/api/v5/public/instruments": [RULE],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=reply(by_path[request.url.path]))

    async with asked(Okx, answer) as (okx, requests):
        await okx.tickers()
        await okx.candles(CandleQuery(BTC, "1d", 1))
        await okx.book(PairQuery(BTC))
        trades = await okx.trades(PairQuery(Pair("BTC", "USD")))
        await okx.exchange(Everything())

    root, ends = "https://www.okx.com/api/v5", f"before={newest - 1}&after={newest + 1}"
    assert [str(request.url) for request in requests] == [
        f"{root}/market/tickers?instType=SPOT",
        f"{root}/market/candles?instId=BTC-USDT&bar=1Dutc&{ends}&limit=300",
        f"{root}/market/books?instId=BTC-USDT&sz=100",
        f"{root}/market/trades?instId=BTC-USDT&limit=500",
        f"{root}/public/instruments?instType=SPOT",
    ]
    assert trades.pair == BTC


@pytest.mark.anyio
async def test_a_dollar_coin_has_no_price_in_dollars() -> None:
    async with asked(Okx, always(reply([]))) as (okx, _):
        with pytest.raises(SourceUnsupported):
            await okx.candles(CandleQuery(Pair("USDT", "USD"), "1h", 5))


def test_it_serves_five_feeds() -> None:
    assert set(Okx.served()) == {"tickers", "candles", "books", "trades", "exchanges"}
