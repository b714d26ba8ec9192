"""Behaviour of the KuCoin provider."""

import json
from functools import partial
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.candles import Bar, build_candles
from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.market import Pair, Trade
from lib.providers.kucoin import KuCoin
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import DAY_MS, HOUR_MS, WEEK_MS, open_of
from lib.wire.kucoin import parse_bars, parse_book, parse_exchange, parse_tickers, parse_trades
from tests.conftest import Corpus, StillClock
from tests.lib.providers.venue import NONSENSE, REFUSALS, always, asked, mutations, raised, sound

BTC = Pair("BTC", "USDT")
NOW_MS = StillClock().now_ms()

ROW = {
    "symbol": "BTC-USDT",
    "symbolName": "BTC-USDT",
    "buy": "67192.5",
    "sell": "67192.6",
    "changeRate": "-0.0014",
    "high": "68321.4",
    "low": "66683.3",
    "vol": "1836.03",
    "volValue": "124068431.06",
    "last": "67193",
}
BAR = ["1545904980", "0.058", "0.049", "0.059", "0.048", "0.018", "0.000945"]
BOOK = {"time": 1550653727731, "bids": [["6500.12", "0.45"]], "asks": [["6500.16", "0.57"]]}
TRADE = {"sequence": "154", "price": "0.07", "size": "0.004", "side": "buy"}
TRADE |= {"time": 1545904567062140823}  # type: ignore[dict-item] # nanoseconds
SYMBOL = {
    "symbol": "BTC-USDT",
    "name": "BTC-USDT",
    "baseCurrency": "BTC",
    "quoteCurrency": "USDT",
    "baseMinSize": "0.00001",
    "baseMaxSize": "10000000000",
    "enableTrading": True,
    "feeCategory": 1,
    "makerFeeCoefficient": "0.80",
    "takerFeeCoefficient": "1.00",
}


def reply(data: object) -> dict[str, object]:
    """The envelope of every good answer."""
    return {"code": "200000", "data": data}


def as_bytes(data: object) -> bytes:
    return json.dumps(reply(data)).encode()


def board_of(*rows: object) -> bytes:
    return as_bytes({"time": 1729173207043, "ticker": list(rows)})


# recorded answers


def test_recorded_tickers_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    board = parse_tickers(corpus.body("kucoin/allTickers"), 1)

    differing = {}
    oracle = corpus.oracle("kucoin_allTickers")
    for wire, theirs in oracle.items():
        ours = board.get(theirs["symbol"])
        read = ours and [
            *(ours.last, ours.bid, ours.ask, ours.high, ours.low, ours.change_percent),
            *(ours.volume, ours.base_volume),
        ]
        fields = "last bid ask high low percentage quoteVolume baseVolume".split()
        if read != [theirs[name] for name in fields]:
            differing[wire] = ours and (ours.change_percent, theirs["percentage"])

    assert len(oracle) == len(board) == 394
    # nobody traded these ten: KuCoin says that nothing changed, the oracle says nothing
    quiet = "OMX-ETH DCR-ETH APH-ETH SNC-ETH DCC-USDT MKR-DAI BU-ETH TFL-ETH MVP-ETH BTC-DAI"
    # and here KuCoin's four decimals round to 0 what the oracle computes from the open
    rounded = {"NEO-ETH": (0.0, -0.0029274576006557)}
    assert differing == dict.fromkeys(quiet.split(), (0.0, None)) | rounded


def test_recorded_tickers_that_lack_high_and_low_are_kept(corpus: Corpus) -> None:
    wire = corpus.recording("kucoin/allTickers")["body"]["data"]["ticker"]
    quiet = [row["symbol"].replace("-", "/") for row in wire if "high" not in row]

    board = parse_tickers(corpus.body("kucoin/allTickers"), 1)

    assert len(quiet) == 10
    assert all(board[symbol].high is None for symbol in quiet)


def test_every_recorded_rule_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    exchange = parse_exchange(corpus.body("kucoin/symbols_full"), 7)

    ours = {rule.symbol: rule for rule in exchange.rules}
    differing = {}
    for wire, theirs in corpus.oracle("kucoin_markets").items():
        rule = ours.get(theirs["symbol"])
        limits = theirs["limits"]
        if not rule or (
            *(rule.base, rule.quote, rule.active, rule.min_amount, rule.max_amount),
            *(rule.min_price, rule.max_price, rule.maker_fee, rule.taker_fee),
        ) != (
            *(theirs["base"], theirs["quote"], theirs["active"]),
            *(limits["amount"]["min"], limits["amount"]["max"]),
            *(limits["price"]["min"], limits["price"]["max"], theirs["maker"], theirs["taker"]),
        ):
            differing[wire] = theirs["symbol"]

    # KuCoin names these three itself: REV and OXEN, whose symbols are older than their names, and
    # VAI, for which the oracle has a name of its own
    assert differing == {
        "R-BTC": "R/BTC",
        "R-USDT": "R/USDT",
        "VAI-USDT": "VAIOT/USDT",
        **{f"LOKI-{quote}": f"LOKI/{quote}" for quote in ("BTC", "ETH", "USDT")},
    }
    assert {"REV/BTC", "REV/USDT", "OXEN/BTC", "OXEN/ETH", "OXEN/USDT", "VAI/USDT"} < set(ours)
    assert (len(ours), exchange.time_ms) == (634, 7)


@pytest.mark.parametrize("name", ["ANKR-BTC", "SNX-BTC"])
def test_a_recorded_book_reads_as_the_oracle_reads_it(corpus: Corpus, name: str) -> None:
    theirs = corpus.oracle(f"kucoin_orderbook_level2_{name}")

    book = parse_book(corpus.body(f"kucoin/orderbook_level2_{name}"), BTC, 7)

    assert [list(level) for level in book.bids] == theirs["bids"]
    assert [list(level) for level in book.asks] == theirs["asks"]
    assert book.time_ms == theirs["timestamp"]


@pytest.mark.parametrize("name", ["BCHSV-USDT", "CAPP-BTC"])
def test_a_recorded_book_that_is_in_order_reads_whole(corpus: Corpus, name: str) -> None:
    wire = corpus.recording(f"kucoin/orderbook_level2_{name}")["body"]["data"]

    book = parse_book(corpus.body(f"kucoin/orderbook_level2_{name}"), BTC, 7)

    assert [list(level) for level in book.bids] == [[float(x) for x in r] for r in wire["bids"]]
    assert [list(level) for level in book.asks] == [[float(x) for x in r] for r in wire["asks"]]
    assert book.time_ms == wire["time"]


def test_the_recorded_book_with_its_worst_ask_first_is_put_in_order(corpus: Corpus) -> None:
    wire = corpus.recording("kucoin/orderbook_vcr")["body"]["data"]

    book = parse_book(corpus.body("kucoin/orderbook_vcr"), Pair("KCS", "BTC"), 7)

    best_first = [[float(x) for x in level] for level in reversed(wire["asks"])]
    assert [list(level) for level in book.asks] == best_first
    assert (len(book.bids), book.time_ms) == (len(wire["bids"]), 7)


def test_documented_and_recorded_bars_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    documented = parse_bars(corpus.body("kucoin/doc_GetKlines"))
    recorded = parse_bars(corpus.body("kucoin/sdk2024_klines"))

    assert [list(bar[:6]) for bar in documented] == corpus.oracle("kucoin_doc_GetKlines")
    assert recorded[0] == Bar(
        *(1566789720000, 10411.5, 10411.5, 10396.3, 10401.9, 29.11357276, 302889.301529914)
    )
    candles = build_candles(CandleQuery(BTC, "1m", 3), recorded, NOW_MS)
    assert [bar.close for bar in candles.bars] == [10416.0, 10411.5, 10401.9]


def test_documented_trades_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    trades = parse_trades(corpus.body("kucoin/doc_GetTradeHistory"), BTC, 7)

    assert [(r.timestamp, r.side, r.price, r.amount, r.type) for r in trades.rows] == [
        (r["timestamp"], r["side"], r["price"], r["amount"], r["type"])
        for r in corpus.oracle("kucoin_doc_GetTradeHistory")
    ]
    assert [row.id for row in trades.rows] == ["1545896668571", "1545896668578"]


def test_the_answers_of_2024_read(corpus: Corpus) -> None:
    ticker = parse_tickers(corpus.body("kucoin/sdk2024_allTickers"), 1)["BTC/USDT"]
    trades = parse_trades(corpus.body("kucoin/sdk2024_trade_histories"), BTC, 7)
    rule = parse_exchange(corpus.body("kucoin/sdk2024_symbols"), 7).rules[0]

    assert (ticker.last, ticker.bid, ticker.ask) == (67193.0, 67192.5, 67192.6)
    assert (ticker.change_percent, ticker.time_ms) == (-0.14, 1729173207043)
    assert (ticker.volume, ticker.base_volume) == (124068431.06726933, 1836.03034612)
    assert trades.rows[0] == Trade("10976028003549185", 1729177117877, 67122.0, 0.000025, "buy")
    assert len(trades.rows) == 3
    assert (rule.maker_fee, rule.taker_fee, rule.min_amount) == (0.001, 0.001, 0.00001)


def test_the_documented_book_reads(corpus: Corpus) -> None:
    book = parse_book(corpus.body("kucoin/doc_GetAggregatedPartialOrderBook"), BTC, 7)

    assert book.asks == ((6500.15, 0.57753524), (6500.16, 0.57753524))
    assert book.bids == ((6500.12, 0.4505414), (6500.11, 0.4505414))


# names


def test_a_pair_goes_by_the_name_that_kucoin_shows() -> None:
    rows = [{**ROW, "symbol": "BCHSV-USDT", "symbolName": "BSV-USDT"}, {**ROW, "symbol": "X-Y-Z"}]

    board = parse_tickers(board_of(*rows), 1)

    assert set(board) == {"BSV/USDT", "BTC/USDT"}


@pytest.mark.parametrize("symbol", ["BTC", "BTC-", "-USDT", "A-B-C", "ß-USDT", "狗-USDT", ""])
def test_what_is_no_symbol_is_left_out(symbol: str) -> None:
    odd = {**ROW, "symbol": symbol, "symbolName": None}

    assert list(parse_tickers(board_of(odd, ROW), 1)) == ["BTC/USDT"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("symbol", "wire"),
    [("BSV/USDT", "BCHSV-USDT"), ("BTC/USD", "BTC-USDT"), ("ETH/BTC", "ETH-BTC")],
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


# what is refused


@pytest.mark.parametrize(("field", "odd"), [("last", "x"), ("symbol", 7), ("buy", []), ("vol", {})])
def test_an_absurd_row_costs_only_itself(field: str, odd: object) -> None:
    other = {**ROW, "symbol": "ETH-BTC", "symbolName": "ETH-BTC"}

    assert list(parse_tickers(board_of({**ROW, field: odd}, other), 1)) == ["ETH/BTC"]


@pytest.mark.parametrize("last", ["0", "nan", "inf", "-1", "", None])
def test_a_board_without_a_price_is_malformed(last: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_tickers(board_of({**ROW, "last": last}), 1)


def test_zero_bids_and_absent_changes_are_unknown() -> None:
    row = {**ROW, "buy": "0", "sell": None, "changeRate": None, "volValue": ""}
    body = as_bytes({"ticker": [row]})

    ticker = parse_tickers(body, 77)["BTC/USDT"]

    assert (ticker.bid, ticker.ask, ticker.change_percent, ticker.volume) == (None,) * 4
    assert ticker.time_ms == 77


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (None, SourceUnsupported),
        ({"sequence": None, "bids": None, "asks": None}, SourceUnsupported),
        ({**BOOK, "bids": [], "asks": []}, SourceMalformed),
        ({**BOOK, "bids": [["6500.16", "1"]]}, SourceMalformed),
        ({**BOOK, "bids": [["nan", "1"]]}, SourceMalformed),
        ({**BOOK, "time": -5}, SourceMalformed),
        ([], SourceMalformed),
    ],
)
def test_an_unsound_book_is_refused(data: object, error: type[SourceError]) -> None:
    assert raised(lambda: parse_book(as_bytes(data), BTC, 7)) is error


def test_no_trades_are_malformed() -> None:
    assert raised(lambda: parse_trades(as_bytes([]), BTC, 7)) is SourceMalformed
    absurd = [{**TRADE, "side": "both"}, {**TRADE, "time": 5}, {**TRADE, "price": "0"}]
    assert raised(lambda: parse_trades(as_bytes(absurd[:1]), BTC, 7)) is SourceMalformed
    assert raised(lambda: parse_trades(as_bytes(absurd[2:]), BTC, 7)) is SourceMalformed


@pytest.mark.parametrize(
    ("change", "fees"),
    [
        ({}, (0.0008, 0.001)),
        ({"feeCategory": 3}, (0.0024, 0.003)),
        ({"feeCategory": 9}, (None, None)),
        ({"feeCategory": None}, (None, None)),
        ({"makerFeeCoefficient": None}, (None, 0.001)),
    ],
)
def test_a_fee_is_told_only_when_class_and_coefficient_are(
    change: dict[str, object], fees: tuple[float | None, float | None]
) -> None:
    rule = parse_exchange(as_bytes([{**SYMBOL, **change}]), 7).rules[0]

    assert (rule.maker_fee, rule.taker_fee) == fees


# asking


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


# failures


async def every_failure(answer: Any) -> list[SourceError]:
    calls = [
        lambda k: k.tickers(),
        lambda k: k.candles(CandleQuery(BTC, "1h", 5)),
        lambda k: k.book(PairQuery(BTC)),
        lambda k: k.trades(PairQuery(BTC)),
        lambda k: k.exchange(Everything()),
    ]
    failures = []
    async with asked(KuCoin, answer) as (kucoin, _):
        for call in calls:
            with pytest.raises(SourceError) as failure:
                await call(kucoin)
            failures.append(failure.value)
    return failures


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_a_status_becomes_its_error(status: int, error: type[SourceError]) -> None:
    failures = await every_failure(always(b"<html>", status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize("body", [*NONSENSE, b"[]", b"{}", b'{"code":200000,"data":[]}'])
async def test_what_is_no_answer_is_malformed(body: bytes) -> None:
    failures = await every_failure(always(body))

    assert {type(failure) for failure in failures} == {SourceMalformed}


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("900001", SourceUnsupported),
        ("400100", SourceUnsupported),
        ("429000", SourceThrottled),
        ("400302", SourceGeoBlocked),
        ("500000", SourceUnavailable),
        ("404000", SourceUnavailable),
    ],
)
async def test_its_own_code_counts_whatever_the_status(
    status: int, code: str, error: type[SourceError]
) -> None:
    failures = await every_failure(always({"code": code, "msg": "no"}, status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [({"gw-ratelimit-reset": "14500"}, 14.5), ({"retry-after": "7"}, 7.0), ({}, 10.0)],
)
async def test_a_throttled_answer_says_how_long_to_wait(
    corpus: Corpus, headers: dict[str, str], wait_s: float
) -> None:
    failures = await every_failure(always(corpus.body("kucoin/error_429"), 429, headers))

    assert {getattr(failure, "retry_after_s", None) for failure in failures} == {wait_s}


@pytest.mark.anyio
async def test_a_symbol_that_it_lacks_is_unsupported(corpus: Corpus) -> None:
    failures = await every_failure(always(corpus.body("kucoin/error_symbol_not_exist")))

    assert {type(failure) for failure in failures} == {SourceUnsupported}


@pytest.mark.anyio
@pytest.mark.parametrize("since_ms", [None, NOW_MS - DAY_MS])
async def test_a_pair_that_nobody_traded_is_unsupported(since_ms: int | None) -> None:
    async with asked(KuCoin, always(reply([]))) as (kucoin, _):
        with pytest.raises(SourceUnsupported):
            await kucoin.candles(CandleQuery(BTC, "1h", 5, since_ms))


PARSERS: list[tuple[Any, list[object]]] = [
    (partial(parse_tickers, time_ms=7), [reply({"time": NOW_MS, "ticker": [ROW, ROW]})]),
    (
        lambda body: build_candles(CandleQuery(BTC, "1m", 9), parse_bars(body), NOW_MS),
        [reply([BAR])],
    ),
    (partial(parse_book, pair=BTC, time_ms=7), [reply(BOOK)]),
    (partial(parse_trades, pair=BTC, time_ms=7), [reply([TRADE, {**TRADE, "sequence": "155"}])]),
    (partial(parse_exchange, time_ms=7), [reply([SYMBOL])]),
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
