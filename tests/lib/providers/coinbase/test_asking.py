"""Coinbase asked: products, pages of bars, two calls for a ticker."""

import asyncio
from datetime import datetime
from typing import Any

import httpx
import pytest

from lib.errors import SourceUnsupported
from lib.market import Pair
from lib.providers.coinbase import Coinbase, listed_pair, wire_product
from lib.queries import CandleQuery, PairQuery
from tests.conftest import Corpus, StillClock
from tests.lib.providers.venue import Answer, always, asked
from tests.lib.wire.coinbase.answers import (
    BOOK,
    BTC_USD,
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    MONDAY_MS,
    NOW_MS,
    STATS,
    TICKER,
    TRADES,
    bar,
)


def test_every_recorded_product_is_asked_under_its_id(corpus: Corpus) -> None:
    products = corpus.recording("coinbase/products")["body"]

    spelt = [wire_product(Pair(p["base_currency"], p["quote_currency"])) for p in products]

    assert spelt == [product["id"] for product in products]


@pytest.mark.parametrize(
    ("asked_for", "listed", "product"),
    [
        ("BTC/USDT", "BTC/USD", "BTC-USD"),
        ("BTC/USD", "BTC/USD", "BTC-USD"),
        ("BTC/EUR", "BTC/EUR", "BTC-EUR"),
        ("ETH/BTC", "ETH/BTC", "ETH-BTC"),
        ("USDT/USD", "USDT/USD", "USDT-USD"),
        ("USDT/EUR", "USDT/EUR", "USDT-EUR"),
    ],
)
def test_tether_quotes_are_dollars_there(asked_for: str, listed: str, product: str) -> None:
    pair = listed_pair(Pair(*asked_for.split("/")))

    assert (str(pair), wire_product(pair)) == (listed, product)


# the provider on the wire

ORIGIN = "https://api.exchange.coinbase.com"


def by_path(**answers: Any) -> Answer:
    """Answer each call by the last part of its path: a body, or a status."""

    def answer(request: httpx.Request) -> httpx.Response:
        told = answers[request.url.path.rpartition("/")[2]]
        return httpx.Response(told) if isinstance(told, int) else httpx.Response(200, json=told)

    return answer


@pytest.mark.anyio
async def test_ticker_and_statistics_are_asked_together() -> None:
    async with asked(Coinbase, by_path(ticker=TICKER, stats=STATS)) as (coinbase, requests):
        ticker = await coinbase.ticker(PairQuery(Pair("BTC", "USDT")))

    assert sorted(str(request.url) for request in requests) == [
        ORIGIN + "/products/BTC-USD/stats",
        ORIGIN + "/products/BTC-USD/ticker",
    ]
    assert (ticker.pair, ticker.last, ticker.high) == (BTC_USD, 101.0, 110.0)


@pytest.mark.anyio
@pytest.mark.parametrize("stats", [404, 429, 451, 500, [], {"open": []}])
async def test_the_ticker_alone_answers_when_the_statistics_do_not(stats: Any) -> None:
    async with asked(Coinbase, by_path(ticker=TICKER, stats=stats)) as (coinbase, _):
        ticker = await coinbase.ticker(PairQuery(BTC_USD))

    assert (ticker.last, ticker.bid) == (101.0, 100.5)
    assert (ticker.high, ticker.low, ticker.change_percent) == (None, None, None)


@pytest.mark.anyio
async def test_a_failed_ticker_does_not_wait_for_the_statistics(clock: StillClock) -> None:
    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/stats"):
                await asyncio.Event().wait()
            return httpx.Response(404, json={"message": "NotFound"})

    async with httpx.AsyncClient(transport=Hanging()) as client:
        with pytest.raises(SourceUnsupported):
            await Coinbase(client, clock).ticker(PairQuery(BTC_USD))


@pytest.mark.anyio
async def test_a_book_is_asked_whole() -> None:
    async with asked(Coinbase, always(BOOK)) as (coinbase, requests):
        book = await coinbase.book(PairQuery(Pair("BTC", "USDT")))

    assert [str(r.url) for r in requests] == [ORIGIN + "/products/BTC-USD/book?level=2"]
    assert (book.pair, book.bids[0]) == (BTC_USD, (99.5, 2.0))


@pytest.mark.anyio
async def test_the_newest_trades_are_asked() -> None:
    async with asked(Coinbase, always(TRADES)) as (coinbase, requests):
        trades = await coinbase.trades(PairQuery(Pair("BTC", "USDT")))

    assert [str(r.url) for r in requests] == [ORIGIN + "/products/BTC-USD/trades?limit=500"]
    assert (trades.pair, len(trades.rows)) == (BTC_USD, 2)


def bars_asked_for(request: httpx.Request) -> httpx.Response:
    """Every bar from `start` to `end`, newest first, as Coinbase serves them."""
    told = request.url.params
    start, end = (
        round(datetime.fromisoformat(told[name]).timestamp()) for name in ("start", "end")
    )
    step = int(told["granularity"])
    assert (end - start) // step + 1 <= 300, "Coinbase refuses more"
    times = range(start - start % -step, end + 1, step)
    return httpx.Response(200, json=[bar(time * 1000) for time in reversed(times)])


@pytest.mark.anyio
async def test_a_short_query_is_one_page() -> None:
    async with asked(Coinbase, bars_asked_for) as (coinbase, requests):
        candles = await coinbase.candles(CandleQuery(Pair("BTC", "USDT"), "1h", 3))

    (request,) = requests
    assert request.url.path == "/products/BTC-USD/candles"
    assert dict(request.url.params) == {
        "granularity": "3600",
        "start": "2025-11-24T14:00:00Z",
        "end": "2025-11-24T16:00:00Z",
    }
    assert candles.pair == BTC_USD
    assert [c.open_ms for c in candles.bars] == [NOW_MS - 2 * HOUR_MS, NOW_MS - HOUR_MS, NOW_MS]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "pages", "first_ms", "count"),
    [
        (CandleQuery(BTC_USD, "1m", 1000), 4, NOW_MS - 999 * MINUTE_MS, 1000),
        (CandleQuery(BTC_USD, "5m", 301), 2, NOW_MS - 1500 * MINUTE_MS, 301),
        (CandleQuery(BTC_USD, "30m", 300), 2, NOW_MS - 299 * 30 * MINUTE_MS, 300),
        (CandleQuery(BTC_USD, "4h", 100), 2, NOW_MS - 396 * HOUR_MS, 100),
        (CandleQuery(BTC_USD, "1d", 300), 1, MONDAY_MS - 299 * DAY_MS, 300),
        (CandleQuery(BTC_USD, "1w", 52), 2, MONDAY_MS - 51 * 7 * DAY_MS, 52),
        (CandleQuery(BTC_USD, "1h", 9, since_ms=MONDAY_MS - 1), 1, MONDAY_MS, 9),
        (CandleQuery(BTC_USD, "1h", 9, until_ms=MONDAY_MS + 1), 1, MONDAY_MS - 8 * HOUR_MS, 9),
        (CandleQuery(BTC_USD, "4h", 9, MONDAY_MS, MONDAY_MS + 5 * HOUR_MS), 1, MONDAY_MS, 2),
    ],
)
async def test_pages_together_make_what_was_asked(
    query: CandleQuery, pages: int, first_ms: int, count: int
) -> None:
    async with asked(Coinbase, bars_asked_for) as (coinbase, requests):
        candles = await coinbase.candles(query)

    assert len(requests) == pages
    assert (candles.bars[0].open_ms, len(candles.bars)) == (first_ms, count)
    assert not any(candle.filled for candle in candles.bars)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "query",
    [
        CandleQuery(BTC_USD, "1h", 1201),
        CandleQuery(BTC_USD, "4h", 301),
        CandleQuery(BTC_USD, "1w", 500),
        CandleQuery(BTC_USD, "2h", 5),
        CandleQuery(BTC_USD, "1h", 5, since_ms=NOW_MS + DAY_MS),
    ],
)
async def test_more_than_four_pages_are_not_asked_for(query: CandleQuery) -> None:
    async with asked(Coinbase, bars_asked_for) as (coinbase, requests):
        with pytest.raises(SourceUnsupported):
            await coinbase.candles(query)

    assert requests == []
