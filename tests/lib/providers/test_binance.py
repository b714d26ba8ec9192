"""Behaviour of the Binance provider."""

import gzip
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
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.market import Pair, Trade
from lib.providers.binance import Binance
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import DAY_MS, HOUR_MS
from lib.wire.binance import (
    FEE,
    error_code,
    parse_bars,
    parse_book,
    parse_exchange,
    parse_tickers,
    parse_trades,
)
from lib.wire.binance_names import split_symbols
from tests.conftest import Corpus, StillClock
from tests.lib.providers.venue import NONSENSE, REFUSALS, always, asked, mutations, raised, sound

BTC = Pair("BTC", "USDT")
NOW_MS = StillClock().now_ms()

TICKER = {
    "symbol": "BNBBTC",
    "priceChangePercent": "-95.960",
    "lastPrice": "4.00000200",
    "bidPrice": "4.00000000",
    "askPrice": "4.00000300",
    "highPrice": "100.00000000",
    "lowPrice": "0.10000000",
    "volume": "8913.30000000",
    "quoteVolume": "15.30000000",
    "closeTime": 1499869899040,
}
KLINE = [
    1499040000000,
    "0.0163479",
    "0.8",
    "0.015758",
    "0.015771",
    "148976.11",
    1499644799999,
    "2434.19",
]
DEPTH = {"lastUpdateId": 1, "bids": [["4.0", "431.0"]], "asks": [["4.000002", "12.0"]]}
TRADE = {"id": 28457, "price": "4.1", "qty": "12.0", "time": 1499865549590, "isBuyerMaker": True}
INFO = {
    "serverTime": 1633998511098,
    "symbols": [
        {
            "symbol": "ETHBTC",
            "status": "TRADING",
            "baseAsset": "ETH",
            "quoteAsset": "BTC",
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "0.000001", "maxPrice": "922327"},
                {"filterType": "LOT_SIZE", "minQty": "0.0001", "maxQty": "100000"},
            ],
        }
    ],
}


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


# recorded answers


def test_every_recorded_ticker_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    board = parse_tickers(corpus.body("binance/ticker24hr_all_symbols"), 1)
    oracle = corpus.oracle("binance_ticker24hr")

    differing = {}
    for wire, theirs in oracle.items():
        if theirs["last"] is None:
            continue
        ours = board.get(theirs["symbol"])
        read = ours and [
            *(ours.last, ours.bid, ours.ask, ours.high, ours.low, ours.change_percent),
            *(ours.volume, ours.base_volume, ours.time_ms),
        ]
        fields = "last bid ask high low percentage quoteVolume baseVolume timestamp".split()
        if read != [theirs[name] for name in fields]:
            differing[wire] = read

    assert differing == {}


def test_recorded_tickers_without_a_price_are_left_out(corpus: Corpus) -> None:
    board = parse_tickers(corpus.body("binance/ticker24hr_all_symbols"), 1)

    dead = [row for row in corpus.oracle("binance_ticker24hr").values() if row["last"] is None]

    assert (len(dead), len(board)) == (51, 595 - 51)
    assert not {row["symbol"] for row in dead} & set(board)


@pytest.mark.parametrize("oracle", ["binance_ticker24hr", "binance_markets"])
def test_every_recorded_symbol_splits_where_the_oracle_splits_it(
    corpus: Corpus, oracle: str
) -> None:
    theirs = {wire: row["symbol"] for wire, row in corpus.oracle(oracle).items()}

    ours = {wire: str(pair) for wire, pair in split_symbols(theirs).items()}

    differing = {wire: (ours.get(wire), theirs[wire]) for wire in theirs}
    differing = {wire: both for wire, both in differing.items() if both[0] != both[1]}
    unsplit = {"USDCBTC": ("USDC/BTC", "USDCBTC")}  # the oracle had no market of this name
    assert differing == (unsplit if oracle == "binance_ticker24hr" else {})


def test_every_recorded_rule_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    exchange = parse_exchange(corpus.body("binance/exchangeInfo_full"), 1)

    theirs = corpus.oracle("binance_markets").values()
    assert [(r.symbol, r.base, r.quote, r.active) for r in exchange.rules] == [
        (row["symbol"], row["base"], row["quote"], row["active"]) for row in theirs
    ]
    assert [(r.min_amount, r.max_amount, r.maker_fee, r.taker_fee) for r in exchange.rules] == [
        (*row["limits"]["amount"].values(), row["maker"], row["taker"]) for row in theirs
    ]
    assert [(r.min_price, r.max_price) for r in exchange.rules] == [
        tuple(row["limits"]["price"].values()) for row in theirs
    ]
    assert (exchange.name, exchange.time_ms) == ("binance", 1633998511098)


def test_the_exchange_information_of_2019_reads_whole(corpus: Corpus) -> None:
    wire = corpus.recording("binance/exchangeInfo_2019")["body"]

    exchange = parse_exchange(corpus.body("binance/exchangeInfo_2019"), 1)

    active = sum(row["status"] == "TRADING" for row in wire["symbols"])
    assert len(exchange.rules) == len(wire["symbols"]) == 595
    assert sum(rule.active for rule in exchange.rules) == active == 546


@pytest.mark.parametrize("name", ["BLZETH", "NKNUSDT"])
def test_a_recorded_book_reads_as_the_oracle_reads_it(corpus: Corpus, name: str) -> None:
    theirs = corpus.oracle(f"binance_depth_{name}")

    book = parse_book(corpus.body(f"binance/depth_{name}"), BTC, 7)

    assert [list(level) for level in book.bids] == theirs["bids"]
    assert [list(level) for level in book.asks] == theirs["asks"]
    assert book.time_ms == 7


def test_the_recorded_book_of_500_levels_reads_whole(corpus: Corpus) -> None:
    wire = corpus.recording("binance/depth_vcr")["body"]

    book = parse_book(corpus.body("binance/depth_vcr"), Pair("BTC", "USDC"), 7)

    assert [list(level) for level in book.bids] == [[float(x) for x in r[:2]] for r in wire["bids"]]
    assert [list(level) for level in book.asks] == [[float(x) for x in r[:2]] for r in wire["asks"]]


def test_recorded_trades_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    trades = parse_trades(corpus.body("binance/trades"), Pair("BTC", "USDC"), 7)

    ours = [(r.id, r.timestamp, r.price, r.amount, r.side, r.type) for r in trades.rows]
    assert ours == [
        (r["id"], r["timestamp"], r["price"], r["amount"], r["side"], r["type"])
        for r in corpus.oracle("binance_trades")
    ]


def test_recorded_bars_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    bars = parse_bars(corpus.body("binance/klines_BTCUSDT_1d_page1"))

    wire = corpus.recording("binance/klines_BTCUSDT_1d_page1")["body"]
    assert [bar.quote_volume for bar in bars] == [float(row[7]) for row in wire]
    assert [list(bar[:6]) for bar in bars] == corpus.oracle("binance_klines_BTCUSDT_1d_page1")


@pytest.mark.parametrize(
    "name", ["klines_BTCUSDT_1d_page1", "klines_ETHUSDT_1d_page1", "klines_TONUSDT_1d_short"]
)
def test_recorded_days_make_candles_without_gaps(corpus: Corpus, name: str) -> None:
    wire = corpus.recording(f"binance/{name}")["body"]
    query = CandleQuery(BTC, "1d", len(wire))

    candles = build_candles(query, parse_bars(corpus.body(f"binance/{name}")), NOW_MS)

    assert [bar.open_ms for bar in candles.bars] == [row[0] for row in wire]
    assert [bar.close for bar in candles.bars] == [float(row[4]) for row in wire]
    assert not any(bar.filled for bar in candles.bars)


def test_the_documented_examples_read() -> None:
    board = parse_tickers(as_bytes([TICKER]), 1)
    trades = parse_trades(as_bytes([TRADE]), BTC, 7)

    ticker = board["BNB/BTC"]
    assert (ticker.last, ticker.change_percent, ticker.volume) == (4.000002, -95.96, 15.3)
    assert (ticker.base_volume, ticker.time_ms) == (8913.3, 1499869899040)
    assert trades.rows == (Trade("28457", 1499865549590, 4.1, 12.0, "sell"),)
    assert parse_bars(as_bytes([KLINE])) == [
        Bar(1499040000000, 0.0163479, 0.8, 0.015758, 0.015771, 148976.11, 2434.19)
    ]


# spelling


@pytest.mark.parametrize(
    ("symbols", "pair"),
    [
        (["ADAEUR", "ADAUSDT"], "ADA/EUR"),
        (["ETHAEUR", "ETHUSDT"], "ETH/AEUR"),
        (["BNBIDR", "BNBUSDT"], "BNB/IDR"),
        (["BNBBIDR", "BNBUSDT"], "BNB/BIDR"),
        (["BTCBBUSD", "BTCBUSDT", "BTCUSDT"], "BTCB/BUSD"),
        (["LUNAEUR", "LUNBTC", "LUNABTC", "LUNAUSDT"], "LUNA/EUR"),
        (["1INCHUSDT"], "1INCH/USDT"),
        (["SUSDT"], "S/USDT"),
        (["AEUR"], "A/EUR"),
        (["USDCUSDT"], "USDC/USDT"),
        (["BCHSVUSDT"], "BSV/USDT"),
    ],
)
def test_a_joined_symbol_is_split_at_its_quote(symbols: list[str], pair: str) -> None:
    assert str(split_symbols(symbols)[symbols[0]]) == pair


@pytest.mark.parametrize("symbol", ["", "USDT", "BTC", "币安人生USDT", "BTC-USDT", "ẞUSDT"])
def test_what_is_no_joined_symbol_is_left_out(symbol: str) -> None:
    assert split_symbols([symbol]) == {}


@pytest.mark.anyio
async def test_dollars_are_answered_in_tether_and_the_answer_says_so() -> None:
    dollars = Pair("BTC", "USD")
    newest = NOW_MS // HOUR_MS * HOUR_MS
    by_path = {"klines": [[newest, *KLINE[1:]]], "depth": DEPTH, "trades": [TRADE]}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=by_path[request.url.path.split("/")[-1]])

    async with asked(Binance, answer) as (binance, requests):
        answers = [
            await binance.candles(CandleQuery(dollars, "1h", 1)),
            await binance.book(PairQuery(dollars)),
            await binance.trades(PairQuery(dollars)),
        ]

    assert [answer.pair for answer in answers] == [BTC] * 3
    assert {request.url.params["symbol"] for request in requests} == {"BTCUSDT"}


@pytest.mark.anyio
async def test_a_dollar_coin_has_no_price_in_dollars() -> None:
    async with asked(Binance, always([])) as (binance, requests):
        with pytest.raises(SourceUnsupported):
            await binance.book(PairQuery(Pair("USDT", "USD")))

    assert requests == []


# what is refused


@pytest.mark.parametrize("field", ["lastPrice", "closeTime", "symbol"])
@pytest.mark.parametrize("odd", ["x", [], {}, True, -(10**9)])
def test_an_absurd_row_costs_only_itself(field: str, odd: object) -> None:
    other = {**TICKER, "symbol": "ETHBTC"}

    board = parse_tickers(as_bytes([{**TICKER, field: odd}, other]), 1)

    assert list(board) == ["ETH/BTC"]


@pytest.mark.parametrize("last", ["0.00000000", "nan", "inf", "-1", "", None, 0])
def test_a_board_without_a_price_is_malformed(last: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_tickers(as_bytes([{**TICKER, "lastPrice": last}]), 1)


def test_a_halted_pair_that_keeps_its_last_price_is_left_out() -> None:
    halted = {**TICKER, "bidPrice": "0.0", "askPrice": "0.0", "volume": "0", "quoteVolume": "0.0"}

    board = parse_tickers(as_bytes([halted, {**TICKER, "symbol": "ETHBTC"}]), 1)

    assert list(board) == ["ETH/BTC"]


def test_unknown_is_none_and_never_zero() -> None:
    bare = {"symbol": "BNBBTC", "lastPrice": "4.0", "quoteVolume": "15.3", "bidPrice": "0.000"}

    ticker = parse_tickers(as_bytes([bare]), 77)["BNB/BTC"]

    assert (ticker.bid, ticker.ask, ticker.high, ticker.low) == (None, None, None, None)
    assert (ticker.change_percent, ticker.base_volume, ticker.time_ms) == (None, None, 77)


@pytest.mark.parametrize(
    "book",
    [
        {"bids": [], "asks": []},
        {"bids": [["4.0", "1"]]},
        {"bids": [["4.0", "1"]], "asks": [["4.0", "1"]]},
        {"bids": [["5.0", "1"]], "asks": [["4.0", "1"]]},
        {"bids": [["nan", "1"]], "asks": [["4.0", "1"]]},
        {"bids": [["3.0", "inf"]], "asks": [["4.0", "1"]]},
        {"bids": [["3.0", "-1"]], "asks": [["4.0", "1"]]},
        {"bids": [["0", "1"]], "asks": [["4.0", "1"]]},
        {"bids": [["3.0"]], "asks": [["4.0", "1"]]},
        {"bids": [["3.0", "0"]], "asks": []},
    ],
)
def test_an_unsound_book_is_malformed(book: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_book(as_bytes(book), BTC, 7)


def test_no_trades_are_malformed() -> None:
    assert raised(lambda: parse_trades(b"[]", BTC, 7)) is SourceMalformed
    assert raised(lambda: parse_trades(b'[{"id":1}]', BTC, 7)) is SourceMalformed


def test_trades_come_oldest_first_whatever_their_order() -> None:
    rows = [{**TRADE, "id": 11}, {**TRADE, "id": 9}, {**TRADE, "id": 20, "time": 1499865549000}]

    trades = parse_trades(as_bytes(rows), BTC, 7)

    assert [row.id for row in trades.rows] == ["20", "9", "11"]


def test_a_limit_of_zero_is_no_limit() -> None:
    filters = [{"filterType": "PRICE_FILTER", "minPrice": "0.00000000", "maxPrice": "10"}]
    row = {**INFO["symbols"][0], "status": "BREAK", "filters": filters}  # type: ignore[index]

    rule = parse_exchange(as_bytes({"symbols": [row]}), 7).rules[0]

    assert (rule.min_price, rule.max_price, rule.min_amount) == (None, 10.0, None)
    assert (rule.active, rule.maker_fee) == (False, FEE)


# asking


def klines(request: httpx.Request) -> httpx.Response:
    """Serve hours as Binance does: from startTime on, else the newest up to endTime."""
    asked_for = request.url.params
    limit, step = int(asked_for["limit"]), HOUR_MS
    last = min(int(asked_for.get("endTime", NOW_MS)), NOW_MS) // step * step
    if "startTime" in asked_for:
        first = -(-int(asked_for["startTime"]) // step) * step
        opens = range(first, last + 1, step)[:limit]
    else:
        opens = range(last - (limit - 1) * step, last + 1, step)
    return httpx.Response(
        200, json=[[t, "2", "3", "1", str(1 + t / 1e14), "5", t + step - 1, "9"] for t in opens]
    )


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [1, 500, 1000, 1001, 2500, 4000])
async def test_the_newest_bars_come_in_as_few_calls_as_it_takes(limit: int) -> None:
    async with asked(Binance, klines) as (binance, requests):
        candles = await binance.candles(CandleQuery(BTC, "1h", limit))

    newest = NOW_MS // HOUR_MS * HOUR_MS
    opens = [bar.open_ms for bar in candles.bars]
    assert opens == [newest - n * HOUR_MS for n in reversed(range(limit))]
    assert [bar.closed for bar in candles.bars[-2:]] == [True, False][-min(2, limit) :]
    assert len(requests) == -(-limit // 1000)


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [10, 1500])
async def test_a_window_gives_the_first_bars_from_its_start(limit: int) -> None:
    since = 1_700_000_000_000
    query = CandleQuery(BTC, "1h", limit, since_ms=since, until_ms=since + 2000 * HOUR_MS)

    async with asked(Binance, klines) as (binance, _):
        candles = await binance.candles(query)

    first = (since // HOUR_MS + 1) * HOUR_MS
    assert [bar.open_ms for bar in candles.bars] == [first + n * HOUR_MS for n in range(limit)]


@pytest.mark.anyio
async def test_more_bars_than_four_calls_give_are_not_asked_for() -> None:
    async with asked(Binance, klines) as (binance, requests):
        with pytest.raises(SourceUnsupported):
            await binance.candles(CandleQuery(BTC, "1h", 4001))

    assert requests == []


@pytest.mark.anyio
async def test_a_failed_page_fails_the_query_as_itself() -> None:
    def second_fails(request: httpx.Request) -> httpx.Response:
        late = int(request.url.params["startTime"]) > NOW_MS - 1200 * HOUR_MS
        return httpx.Response(500) if late else klines(request)

    async with asked(Binance, second_fails) as (binance, _):
        with pytest.raises(SourceUnavailable):
            await binance.candles(CandleQuery(BTC, "1h", 2000))


@pytest.mark.anyio
async def test_each_feed_asks_its_documented_route() -> None:
    by_path = {
        "/api/v3/ticker/24hr": [TICKER],
        "/api/v3/klines": [[NOW_MS // DAY_MS * DAY_MS, *KLINE[1:]]],
        "/api/v3/depth": DEPTH,
        "/api/v3/trades": [TRADE],
        "/api/v3/exchangeInfo": INFO,
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=by_path[request.url.path])

    async with asked(Binance, answer) as (binance, requests):
        await binance.tickers()
        await binance.candles(CandleQuery(BTC, "1d", 1))
        await binance.book(PairQuery(BTC))
        await binance.trades(PairQuery(Pair("BTC", "USD")))
        await binance.exchange(Everything())

    assert [str(request.url) for request in requests] == [
        "https://data-api.binance.vision/api/v3/ticker/24hr",
        "https://data-api.binance.vision/api/v3/klines?symbol=BTCUSDT&interval=1d&limit=1",
        "https://data-api.binance.vision/api/v3/depth?symbol=BTCUSDT&limit=100",
        "https://data-api.binance.vision/api/v3/trades?symbol=BTCUSDT&limit=500",
        "https://data-api.binance.vision/api/v3/exchangeInfo?showPermissionSets=false",
    ]


def test_it_serves_five_feeds_at_their_documented_weight() -> None:
    weights = {name: served.weight for name, served in Binance.served().items()}

    assert weights == {"tickers": 80, "candles": 2, "books": 5, "trades": 25, "exchanges": 20}


@pytest.mark.anyio
async def test_a_former_name_is_served_under_the_present_one() -> None:
    rows = [{**TICKER, "symbol": "MATICUSDT"}, {**TICKER, "symbol": "MKRUSDT"}]

    async with asked(Binance, always(rows)) as (binance, _):
        board = await binance.tickers()

    assert {key: str(row.pair) for key, row in board.items()} == {
        "POL/USDT": "POL/USDT",
        "MKR/USDT": "MKR/USDT",  # one MKR became 24,000 SKY
    }


@pytest.mark.anyio
async def test_the_weight_used_is_reported() -> None:
    told: list[int] = []
    headers = {"x-mbx-used-weight-1m": "1234"}

    async with asked(Binance, always(DEPTH, headers=headers)) as (binance, _):
        binance.on_quota = told.append
        await binance.book(PairQuery(BTC))

    assert told == [1234]


# failures


async def every_failure(answer: Any) -> list[SourceError]:
    calls = [
        lambda b: b.tickers(),
        lambda b: b.candles(CandleQuery(BTC, "1h", 5)),
        lambda b: b.book(PairQuery(BTC)),
        lambda b: b.trades(PairQuery(BTC)),
        lambda b: b.exchange(Everything()),
    ]
    failures = []
    async with asked(Binance, answer) as (binance, _):
        for call in calls:
            with pytest.raises(SourceError) as failure:
                await call(binance)
            failures.append(failure.value)
    return failures


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_a_status_becomes_its_error(status: int, error: type[SourceError]) -> None:
    failures = await every_failure(always(b"<html>", status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize("body", NONSENSE)
async def test_what_is_no_answer_is_malformed(body: bytes) -> None:
    failures = await every_failure(always(body))

    assert {type(failure) for failure in failures} == {SourceMalformed}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [(429, {"retry-after": "17"}, 17.0), (429, {}, 10.0), (418, {}, 120.0)],
)
async def test_a_throttled_answer_says_how_long_to_wait(
    corpus: Corpus, status: int, headers: dict[str, str], wait_s: float
) -> None:
    answer = always(corpus.body("binance/error_429_weight"), status, headers)

    failures = await every_failure(answer)

    assert {type(failure) for failure in failures} == {SourceThrottled}
    assert {getattr(failure, "retry_after_s", None) for failure in failures} == {wait_s}


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["error_bad_interval", "error_invalid_symbol"])
async def test_a_symbol_or_interval_that_it_lacks_is_unsupported(corpus: Corpus, name: str) -> None:
    failures = await every_failure(always(corpus.body(f"binance/{name}"), 400))

    assert {type(failure) for failure in failures} == {SourceUnsupported}


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b'{"code":-1102,"msg":"Mandatory"}', b"Bad Request", b""])
async def test_a_request_that_it_should_have_understood_is_unavailable(body: bytes) -> None:
    failures = await every_failure(always(body, 400))

    assert {type(failure) for failure in failures} == {SourceUnavailable}


@pytest.mark.anyio
async def test_silence_is_a_timeout() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("silent", request=request)

    failures = await every_failure(silent)

    assert {type(failure) for failure in failures} == {SourceTimeout}


@pytest.mark.anyio
async def test_a_pair_that_had_no_bar_in_the_range_is_unsupported() -> None:
    async with asked(Binance, always([])) as (binance, _):
        with pytest.raises(SourceUnsupported):
            await binance.candles(CandleQuery(BTC, "1h", 5, since_ms=NOW_MS - DAY_MS))


@pytest.mark.anyio
async def test_a_broken_compressed_body_is_unavailable() -> None:
    body = gzip.compress(as_bytes([TICKER]))[:20]

    failures = await every_failure(always(body, headers={"content-encoding": "gzip"}))

    assert all(isinstance(failure, SourceError) for failure in failures)


@pytest.mark.parametrize(
    ("body", "code"), [(b'{"code":-1121,"msg":"x"}', -1121), (b"[]", None), (b"", None)]
)
def test_its_own_error_code_is_read(body: bytes, code: int | None) -> None:
    assert error_code(body) == code


PARSERS: list[tuple[Any, list[object]]] = [
    (partial(parse_tickers, time_ms=7), [[TICKER, {**TICKER, "symbol": "ETHBTC"}]]),
    (lambda body: build_candles(CandleQuery(BTC, "1w", 9), parse_bars(body), NOW_MS), [[KLINE]]),
    (partial(parse_book, pair=BTC, time_ms=7), [DEPTH]),
    (partial(parse_trades, pair=BTC, time_ms=7), [[TRADE, {**TRADE, "id": 28458}]]),
    (partial(parse_exchange, time_ms=7), [INFO]),
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
