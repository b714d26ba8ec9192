"""Coinbase's answers, read and asked for."""

import asyncio
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.market import Pair, Ticker
from lib.providers.coinbase import Coinbase, listed_pair, wire_product
from lib.queries import CandleQuery, PairQuery
from lib.wire.coinbase import parse_book, parse_candles, parse_stats, parse_ticker, parse_trades
from tests.conftest import Corpus, StillClock
from tests.lib.providers.venue import Answer, always, asked, mutations, sound

BTC_USD = Pair("BTC", "USD")
NOW_MS = 1_764_000_000_000  # Monday 2025-11-24 16:00 UTC, where the still clock stands
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
MONDAY_MS = 1_763_942_400_000  # 2025-11-24 00:00 UTC

TICKER = {
    "ask": "101.5",
    "bid": "100.5",
    "volume": "20.25",
    "trade_id": 7,
    "price": "101.00",
    "size": "0.1",
    "time": "2025-11-24T15:59:59.887123456Z",
    "rfq_volume": "0.5",
}
STATS = {"open": "80", "high": "110", "low": "75", "last": "101", "volume": "20.25"}
BOOK = {
    "bids": [["99.5", "2", 1], ["99.0", "1", 2]],
    "asks": [["100.5", "0.5", 1], ["101.0", "3", 4]],
    "sequence": 13051505638,
    "auction_mode": False,
    "auction": None,
    "time": "2025-11-24T15:59:58.5Z",
}
TRADES = [
    {
        "trade_id": 79,
        "side": "sell",
        "size": "0.2",
        "price": "101.5",
        "time": "2025-11-24T15:59:59.5Z",
    },
    {
        "trade_id": 78,
        "side": "buy",
        "size": "0.1",
        "price": "100.5",
        "time": "2025-11-24T15:59:58Z",
    },
]


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def bar(open_ms: int, close: float = 11.0, volume: float = 2.5) -> list[float]:
    """A bar as Coinbase writes it: low and high come before open and close."""
    return [open_ms // 1000, 9.0, 12.0, 10.0, close, volume]


# recorded answers


def test_a_recorded_ticker_is_read(corpus: Corpus) -> None:
    ticker = parse_ticker(corpus.body("coinbase/ticker"), BTC_USD, NOW_MS)

    said = datetime(2017, 10, 3, 4, 0, 31, 887_000, tzinfo=UTC)
    assert ticker == Ticker(
        pair=BTC_USD,
        last=4417.01,
        bid=4417.0,
        ask=4417.01,
        base_volume=7878.23402368,
        time_ms=round(said.timestamp() * 1000),
    )


def test_a_recorded_book_is_read(corpus: Corpus) -> None:
    said = corpus.recording("coinbase/book")["body"]

    book = parse_book(corpus.body("coinbase/book"), BTC_USD, NOW_MS)

    assert book.bids == tuple((float(price), float(size)) for price, size, _ in said["bids"])
    assert book.asks == tuple((float(price), float(size)) for price, size, _ in said["asks"])
    assert book.time_ms == NOW_MS


def test_every_recorded_product_is_asked_under_its_id(corpus: Corpus) -> None:
    products = corpus.recording("coinbase/products")["body"]

    spelt = [wire_product(Pair(p["base_currency"], p["quote_currency"])) for p in products]

    assert spelt == [product["id"] for product in products]


# parsers


def test_the_day_comes_from_the_statistics() -> None:
    ticker = parse_ticker(encoded(TICKER), BTC_USD, NOW_MS, parse_stats(encoded(STATS)))

    assert (ticker.high, ticker.low) == (110.0, 75.0)
    assert ticker.change_percent == pytest.approx(26.25)  # 80 to 101
    assert (ticker.bid, ticker.ask, ticker.base_volume) == (100.5, 101.5, 20.25)
    assert ticker.volume is None  # in dollars: nowhere said
    assert ticker.time_ms == NOW_MS - 113


def test_without_a_time_of_its_own_a_ticker_is_of_now() -> None:
    body = encoded({"price": "101", "bid": "", "ask": "0", "volume": None})

    assert parse_ticker(body, BTC_USD, NOW_MS) == Ticker(BTC_USD, 101.0, NOW_MS)


def test_a_day_that_opened_at_zero_has_no_change() -> None:
    day = parse_stats(encoded({"open": "0", "high": "0", "low": "0"}))

    ticker = parse_ticker(encoded(TICKER), BTC_USD, NOW_MS, day)

    assert (ticker.change_percent, ticker.high, ticker.low) == (None, None, None)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b"{}", b"<html></html>", b'{"price":'),
        *(encoded(TICKER | {"price": price}) for price in ("0", "nan", "inf", "-1", "", None)),
        encoded({"message": "NotFound"}),
    ],
)
def test_a_ticker_without_a_price_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse_ticker(body, BTC_USD, NOW_MS)


def test_a_trades_side_is_the_takers() -> None:
    trades = parse_trades(encoded(TRADES), BTC_USD, NOW_MS)

    older, newer = trades.rows
    assert (older.id, older.side, older.timestamp) == ("78", "sell", NOW_MS - 2000)
    assert (newer.id, newer.side, newer.timestamp) == ("79", "buy", NOW_MS - 500)
    assert (newer.price, newer.amount, newer.type) == (101.5, 0.2, None)
    assert trades.time_ms == NOW_MS


@pytest.mark.parametrize(
    "rows", [[], {}, [1], [TRADES[0] | {"price": "0"}], [TRADES[0] | {"time": "soon"}]]
)
def test_no_sound_trade_is_malformed(rows: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_trades(encoded(rows), BTC_USD, NOW_MS)


def test_a_book_says_its_time_and_is_a_hundred_levels_deep() -> None:
    deep = BOOK | {
        "bids": [[str(99 - i / 10), "1", 1] for i in range(500)],
        "asks": [[str(100 + i / 10), "1", 1] for i in range(500)],
    }

    book = parse_book(encoded(deep), BTC_USD, NOW_MS)

    assert (len(book.bids), len(book.asks)) == (100, 100)
    assert (book.bids[0], book.asks[0]) == ((99.0, 1.0), (100.0, 1.0))
    assert book.time_ms == NOW_MS - 1500


@pytest.mark.parametrize(
    "book",
    [
        {"bids": [], "asks": []},
        {"bids": [["101", "1", 1]], "asks": [["101", "1", 1]]},
        {"bids": [["nan", "1", 1]], "asks": [["101", "1", 1]]},
        {"bids": [["100"]], "asks": [["101", "1", 1]]},
        {"asks": [["101", "1", 1]]},
        [],
    ],
)
def test_a_book_that_is_empty_crossed_or_absurd_is_malformed(book: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_book(encoded(book), BTC_USD, NOW_MS)


def test_bars_come_oldest_first_and_their_holes_are_filled() -> None:
    page = encoded([bar(NOW_MS, 12.0), bar(NOW_MS - 2 * HOUR_MS)])

    candles = parse_candles([page], CandleQuery(BTC_USD, "1h", 10), NOW_MS + 1)

    first, hole, running = candles.bars
    assert (first.open, first.high, first.low, first.close) == (10.0, 12.0, 9.0, 11.0)
    assert (hole.open, hole.close, hole.volume, hole.filled) == (11.0, 11.0, 0.0, True)
    assert (running.open_ms, running.close, running.closed) == (NOW_MS, 12.0, False)


@pytest.mark.parametrize(
    ("timeframe", "parts", "part_ms"), [("30m", 2, 900_000), ("4h", 4, HOUR_MS)]
)
def test_a_time_frame_that_coinbase_lacks_is_added_up(
    timeframe: str, parts: int, part_ms: int
) -> None:
    page = encoded(
        [bar(MONDAY_MS + part * part_ms, 10.0 + part / 4) for part in range(parts)][::-1]
    )

    candles = parse_candles([page], CandleQuery(BTC_USD, timeframe, 1), NOW_MS)

    (made,) = candles.bars
    assert (made.open_ms, made.open, made.close) == (MONDAY_MS, 10.0, 10.0 + (parts - 1) / 4)
    assert made.volume == parts * 2.5


def test_weeks_open_on_monday() -> None:
    page = encoded([bar(MONDAY_MS + day * DAY_MS) for day in (0, -1, -7)])

    candles = parse_candles([page], CandleQuery(BTC_USD, "1w", 5), NOW_MS)

    assert [(c.open_ms, c.volume, c.closed) for c in candles.bars] == [
        (MONDAY_MS - 7 * DAY_MS, 5.0, True),
        (MONDAY_MS, 2.5, False),
    ]


@pytest.mark.parametrize(
    "page",
    [
        {"message": "no"},
        [[1]],
        [bar(NOW_MS + MINUTE_MS)],
        [[NOW_MS // 1000, 9.0, 12.0, 13.0, 11.0, 1.0]],
        [[NOW_MS // 1000, 0.0, 12.0, 10.0, 11.0, 1.0]],
        [[NOW_MS // 1000, None, None, None, None, None]],
    ],
)
def test_bars_that_are_none_are_malformed(page: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_candles([encoded(page)], CandleQuery(BTC_USD, "1h", 5), NOW_MS)


def test_no_bar_in_the_range_is_unsupported() -> None:
    with pytest.raises(SourceUnsupported):
        parse_candles([b"[]", b"[]"], CandleQuery(BTC_USD, "1h", 5, since_ms=NOW_MS), NOW_MS)


# names


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


FEEDS: list[Callable[[Coinbase], Any]] = [
    lambda c: c.ticker(PairQuery(BTC_USD)),
    lambda c: c.book(PairQuery(BTC_USD)),
    lambda c: c.trades(PairQuery(BTC_USD)),
    lambda c: c.candles(CandleQuery(BTC_USD, "1m", 1000)),
]


@pytest.mark.anyio
@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    ("reply", "error", "wait_s"),
    [
        (always({"message": "NotFound"}, 404), SourceUnsupported, None),
        (always({"message": "Unsupported granularity"}, 400), SourceUnsupported, None),
        (always(b"", 429, {"Retry-After": "7"}), SourceThrottled, 7.0),
        (always({"message": "Public rate limit exceeded"}, 429), SourceThrottled, 10.0),
        (always(b"", 418), SourceThrottled, 120.0),
        (always(b"", 451), SourceGeoBlocked, None),
        (always(b"<h1>Forbidden</h1>", 403), SourceGeoBlocked, None),
        (always(b"", 500), SourceUnavailable, None),
        (always(b"[[1,"), SourceMalformed, None),
        (always(b"<html>maintenance</html>"), SourceMalformed, None),
        (always(b""), SourceMalformed, None),
        (always("BTC"), SourceMalformed, None),
    ],
)
async def test_every_failure_has_its_error(
    feed: Callable[[Coinbase], Any], reply: Answer, error: type[SourceError], wait_s: float | None
) -> None:
    async with asked(Coinbase, reply) as (coinbase, _):
        with pytest.raises(SourceError) as caught:
            await feed(coinbase)

    assert caught.type is error
    assert getattr(caught.value, "retry_after_s", None) == wait_s


@pytest.mark.anyio
@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), SourceUnavailable),
        (httpx.ReadTimeout("slow"), SourceTimeout),
    ],
)
async def test_a_network_failure_is_the_sources_failure(
    feed: Callable[[Coinbase], Any], failure: Exception, error: type[SourceError]
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    async with asked(Coinbase, fail) as (coinbase, _):
        with pytest.raises(SourceError) as caught:
            await feed(coinbase)

    assert caught.type is error


# whatever comes

BARS = [bar(NOW_MS), bar(NOW_MS - HOUR_MS)]
READERS: list[tuple[Callable[[bytes], Any], Any]] = [
    (lambda body: parse_ticker(body, BTC_USD, NOW_MS, parse_stats(encoded(STATS))), TICKER),
    (lambda body: parse_ticker(encoded(TICKER), BTC_USD, NOW_MS, parse_stats(body)), STATS),
    (lambda body: parse_book(body, BTC_USD, NOW_MS), BOOK),
    (lambda body: parse_trades(body, BTC_USD, NOW_MS), TRADES),
    (lambda body: parse_candles([body], CandleQuery(BTC_USD, "1h", 9), NOW_MS), BARS),
    (lambda body: parse_candles([body], CandleQuery(BTC_USD, "4h", 9), NOW_MS), BARS),
]


@pytest.mark.parametrize(("read", "good"), READERS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_damaged_answer_is_refused_or_read_soundly(
    data: st.DataObject, read: Callable[[bytes], Any], good: Any
) -> None:
    damaged = data.draw(mutations([good]))
    try:
        found = read(damaged)
    except SourceError:
        return
    assert sound(found)
    for candle in getattr(found, "bars", ()):
        assert 0 < candle.low <= min(candle.open, candle.close)
        assert max(candle.open, candle.close) <= candle.high < math.inf
        assert 0 <= candle.volume < math.inf
