"""Behaviour of the OKX provider."""

import json
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.candles import Bar, build_candles
from lib.errors import (
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.market import Pair, Trade
from lib.providers.okx import Okx
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import DAY_MS, HOUR_MS, TIMEFRAME_MS, open_of
from lib.wire.okx import parse_bars, parse_book, parse_exchange, parse_tickers, parse_trades
from tests.conftest import Corpus, StillClock
from tests.lib.providers.venue import NONSENSE, REFUSALS, always, asked, mutations, raised, sound

BTC = Pair("BTC", "USDT")
NOW_MS = StillClock().now_ms()

ROW = {
    "instType": "SPOT",
    "instId": "BTC-USDT",
    "last": "9999.99",
    "askPx": "9999.99",
    "bidPx": "8888.88",
    "open24h": "9000",
    "high24h": "10000",
    "low24h": "8888.88",
    "volCcy24h": "22220000",
    "vol24h": "2222",
    "ts": "1597026383085",
}
BAR = ["1597026360000", "3.721", "3.743", "3.677", "3.708", "8422410", "22698348.04", "12698", "0"]
BOOK = {"asks": [["41006.8", "0.6", "0", "1"]], "bids": [["41006.3", "0.3", "0", "2"]]}
BOOK |= {"ts": "1629966436396"}  # type: ignore[dict-item]
TRADE = {"instId": "BTC-USDT", "tradeId": "242720720", "px": "29963.2", "sz": "0.00001"}
TRADE |= {"side": "sell", "ts": "1654161646974"}
RULE = {
    "instId": "BTC-USDT",
    "baseCcy": "BTC",
    "quoteCcy": "USDT",
    "state": "live",
    "minSz": "0.00001",
    "maxLmtSz": "9999999999",
}


def reply(data: object) -> dict[str, object]:
    """The envelope of every good answer."""
    return {"code": "0", "msg": "", "data": data}


def as_bytes(data: object) -> bytes:
    return json.dumps(reply(data)).encode()


# recorded answers


def test_every_recorded_rule_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    exchange = parse_exchange(corpus.body("okx/instruments_spot"), 7)

    ours = {rule.symbol: rule for rule in exchange.rules}
    differing = []
    for wire, theirs in corpus.oracle("okx_markets").items():
        rule = ours.get(theirs["symbol"])
        limits = theirs["limits"]
        if not rule or (
            *(rule.base, rule.quote, rule.active, rule.min_amount, rule.max_amount),
            *(rule.min_price, rule.max_price),
        ) != (
            *(theirs["base"], theirs["quote"], theirs["active"]),
            *(limits["amount"]["min"], limits["amount"]["max"]),
            *(limits["price"]["min"], limits["price"]["max"]),
        ):
            differing.append(wire)

    # the oracle has a name of its own for it; OKX says AE
    assert differing == ["AE-USDT"]
    assert (len(ours), ours["AE/USDT"].active, exchange.time_ms) == (513, True, 7)


def test_documented_bars_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    bars = parse_bars(corpus.body("okx/doc_GetKlines"))

    assert [list(bar[:6]) for bar in bars] == corpus.oracle("okx_doc_GetKlines")
    assert [bar.quote_volume for bar in bars] == [22698348.04828491, 67632347.24399722]


def test_the_documented_book_reads(corpus: Corpus) -> None:
    book = parse_book(corpus.body("okx/doc_GetOrderBook"), BTC, 7)

    assert book.asks == ((41006.8, 0.60038921),)
    assert book.bids == ((41006.3, 0.30178218),)
    assert book.time_ms == 1629966436396


def test_the_documented_ticker_of_a_swap_is_no_pair(corpus: Corpus) -> None:
    assert raised(lambda: parse_tickers(corpus.body("okx/doc_GetTicker"), 1)) is SourceMalformed


def test_the_documented_ticker_reads_as_a_spot_pair(corpus: Corpus) -> None:
    row = corpus.recording("okx/doc_GetTicker")["body"]["data"][0]

    board = parse_tickers(as_bytes([{**row, "instType": "SPOT", "instId": "BTC-USDT"}]), 1)

    ticker = board["BTC/USDT"]
    assert (ticker.last, ticker.bid, ticker.ask) == (9999.99, 8888.88, 9999.99)
    assert (ticker.high, ticker.low, ticker.time_ms) == (10000.0, 8888.88, 1597026383085)
    assert (ticker.volume, ticker.base_volume) == (2222.0, 2222.0)
    assert ticker.change_percent == pytest.approx(11.111)  # 999.99 of 9000


def test_the_recorded_book_of_v3_reads_in_the_envelope_of_v5(corpus: Corpus) -> None:
    wire = corpus.recording("okx/book_v3")["body"]  # rows of three columns, not four

    book = parse_book(as_bytes([{"asks": wire["asks"], "bids": wire["bids"]}]), BTC, 7)

    assert [list(level) for level in book.bids] == [[float(x) for x in r[:2]] for r in wire["bids"]]
    assert [list(level) for level in book.asks] == [[float(x) for x in r[:2]] for r in wire["asks"]]
    assert book.time_ms == 7


def test_the_recorded_trades_of_v3_read_under_the_names_of_v5(corpus: Corpus) -> None:
    def at_ms(row: dict[str, str]) -> int:
        return round(datetime.fromisoformat(row["timestamp"]).timestamp() * 1000)

    wire = corpus.recording("okx/trades_v3")["body"]
    rows = [
        {"tradeId": r["trade_id"], "px": r["price"], "sz": r["size"], "side": r["side"]}
        | {"ts": str(at_ms(r))}
        for r in wire
    ]

    trades = parse_trades(as_bytes(rows), Pair("ETH", "USDT"), 7)

    assert [(r.id, r.timestamp, r.price, r.amount, r.side) for r in trades.rows] == [
        (r["trade_id"], at_ms(r), float(r["price"]), float(r["size"]), r["side"])
        for r in sorted(wire, key=lambda r: int(r["trade_id"]))
    ]


def test_the_documented_trade_and_bar_read() -> None:
    trades = parse_trades(as_bytes([TRADE]), BTC, 7)

    assert trades.rows == (Trade("242720720", 1654161646974, 29963.2, 0.00001, "sell"),)
    assert parse_bars(as_bytes([BAR])) == [
        Bar(1597026360000, 3.721, 3.743, 3.677, 3.708, 8422410.0, 22698348.04)
    ]


# what is refused


@pytest.mark.parametrize(("field", "odd"), [("last", "x"), ("instId", 7), ("ts", "-1")])
def test_an_absurd_row_costs_only_itself(field: str, odd: object) -> None:
    other = {**ROW, "instId": "ETH-BTC"}

    assert list(parse_tickers(as_bytes([{**ROW, field: odd}, other]), 1)) == ["ETH/BTC"]


@pytest.mark.parametrize("last", ["0", "nan", "inf", "-1", "", None])
def test_a_board_without_a_price_is_malformed(last: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_tickers(as_bytes([{**ROW, "last": last}]), 1)


def test_empty_fields_are_unknown_and_not_fatal() -> None:
    row = {**ROW, "askPx": "", "bidPx": "0", "open24h": "", "vol24h": ""}
    row.pop("ts")

    ticker = parse_tickers(as_bytes([row]), 77)["BTC/USDT"]

    assert (ticker.bid, ticker.ask, ticker.change_percent, ticker.base_volume) == (None,) * 4
    assert (ticker.volume, ticker.time_ms) == (22220000.0, 77)


@pytest.mark.parametrize(
    "data",
    [
        [],
        [BOOK, BOOK],
        [{**BOOK, "asks": [], "bids": []}],
        [{**BOOK, "bids": [["41006.8", "1", "0", "1"]]}],
        [{**BOOK, "bids": [["inf", "1", "0", "1"]]}],
        [{"bids": BOOK["bids"]}],
        BOOK,
        None,
    ],
)
def test_an_unsound_book_is_malformed(data: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_book(as_bytes(data), BTC, 7)


def test_no_trades_are_malformed() -> None:
    assert raised(lambda: parse_trades(as_bytes([]), BTC, 7)) is SourceMalformed
    assert raised(lambda: parse_trades(as_bytes([{**TRADE, "sz": "0"}]), BTC, 7)) is SourceMalformed


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (True, 0.0008, 0.001)),
        ({"state": "suspend"}, (False, 0.0008, 0.001)),
        ({"quoteCcy": "EUR"}, (True, None, None)),
        ({"quoteCcy": "USDC"}, (True, None, None)),
    ],
)
def test_a_fee_is_told_only_for_the_quotes_of_the_published_table(
    change: dict[str, str], expected: tuple[object, ...]
) -> None:
    rule = parse_exchange(as_bytes([{**RULE, **change}]), 7).rules[0]

    assert (rule.active, rule.maker_fee, rule.taker_fee) == expected


# asking


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


# failures


async def every_failure(answer: Any) -> list[SourceError]:
    calls = [
        lambda o: o.tickers(),
        lambda o: o.candles(CandleQuery(BTC, "1h", 5)),
        lambda o: o.book(PairQuery(BTC)),
        lambda o: o.trades(PairQuery(BTC)),
        lambda o: o.exchange(Everything()),
    ]
    failures = []
    async with asked(Okx, answer) as (okx, _):
        for call in calls:
            with pytest.raises(SourceError) as failure:
                await call(okx)
            failures.append(failure.value)
    return failures


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_a_status_becomes_its_error(status: int, error: type[SourceError]) -> None:
    failures = await every_failure(always(b"<html>", status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize("body", [*NONSENSE, b"[]", b"{}", b'{"code":"0","msg":""}'])
async def test_what_is_no_answer_is_malformed(body: bytes) -> None:
    failures = await every_failure(always(body))

    assert {type(failure) for failure in failures} == {SourceMalformed}


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("51001", SourceUnsupported),
        ("51000", SourceUnsupported),
        ("50011", SourceThrottled),
        ("50013", SourceUnavailable),
        ("1", SourceUnavailable),
    ],
)
async def test_its_own_code_counts_whatever_the_status(
    status: int, code: str, error: type[SourceError]
) -> None:
    failures = await every_failure(always({"code": code, "msg": "no", "data": []}, status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize(("headers", "wait_s"), [({"retry-after": "7"}, 7.0), ({}, 10.0)])
async def test_a_throttled_answer_says_how_long_to_wait(
    headers: dict[str, str], wait_s: float
) -> None:
    body = {"code": "50011", "msg": "Too Many Requests", "data": []}

    failures = await every_failure(always(body, 429, headers))

    assert {getattr(failure, "retry_after_s", None) for failure in failures} == {wait_s}


@pytest.mark.anyio
async def test_a_pair_that_had_no_bar_in_the_range_is_unsupported() -> None:
    async with asked(Okx, always(reply([]))) as (okx, _):
        with pytest.raises(SourceUnsupported):
            await okx.candles(CandleQuery(BTC, "1h", 5, since_ms=NOW_MS - DAY_MS))


PARSERS: list[tuple[Any, list[object]]] = [
    (partial(parse_tickers, time_ms=7), [reply([ROW, {**ROW, "instId": "ETH-BTC"}])]),
    (
        lambda body: build_candles(CandleQuery(BTC, "1m", 9), parse_bars(body), NOW_MS),
        [reply([BAR])],
    ),
    (partial(parse_book, pair=BTC, time_ms=7), [reply([BOOK])]),
    (partial(parse_trades, pair=BTC, time_ms=7), [reply([TRADE, {**TRADE, "tradeId": "3"}])]),
    (partial(parse_exchange, time_ms=7), [reply([RULE])]),
]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize(("parse", "bodies"), PARSERS)
def test_a_mutated_answer_is_sound_or_refused(
    parse: Any, bodies: list[object], data: st.DataObject
) -> None:
    body = data.draw(mutations(bodies))

    try:
        value = parse(body)
    except SourceError:
        return
    assert sound(value)
