"""Kraken's answers, read and asked for."""

import json
import math
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.market import Pair
from lib.providers.kraken import Kraken
from lib.queries import CandleQuery, Everything, PairQuery
from lib.wire.kraken import (
    parse_book,
    parse_candles,
    parse_exchange,
    parse_rates,
    parse_tickers,
    parse_trades,
)
from lib.wire.kraken_names import parse_pair_name, wire_pair
from tests.conftest import Corpus
from tests.lib.providers.venue import Answer, always, asked, mutations, sound

BTC_USD = Pair("BTC", "USD")
BCH_EUR = Pair("BCH", "EUR")
NOW_MS = 1_764_000_000_000  # Monday 2025-11-24 16:00 UTC
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MONDAY_MS = 1_763_942_400_000  # 2025-11-24 00:00 UTC


def answer(result: Any, *errors: str) -> bytes:
    return json.dumps({"error": list(errors), "result": result}).encode()


def row(last: str = "100.0", **changed: Any) -> dict[str, Any]:
    """A pair's ticker as Kraken writes it: two columns are of today and of the last 24 hours."""
    ticker: dict[str, Any] = {
        "a": ["101.0", "1", "1.000"],
        "b": ["99.0", "2", "2.000"],
        "c": [last, "0.5"],
        "v": ["10.0", "20.0"],
        "p": ["98.0", "97.0"],
        "t": [5, 9],
        "l": ["95.0", "90.0"],
        "h": ["105.0", "110.0"],
        "o": "96.0",
    }
    return ticker | changed


def ohlc(open_ms: int, close: str = "11.0", volume: str = "2.5") -> list[Any]:
    return [open_ms // 1000, "10.0", "12.0", "9.0", close, "10.5", volume, 7]


# recorded answers, against an independent reading


def test_a_recorded_ticker_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    oracle = corpus.oracle("kraken_ticker")["BCHEUR"]

    ticker = parse_tickers(corpus.body("kraken/ticker"), NOW_MS)["BCH/EUR"]

    assert (ticker.last, ticker.bid, ticker.ask) == (oracle["last"], oracle["bid"], oracle["ask"])
    assert (ticker.high, ticker.low) == (oracle["high"], oracle["low"])
    assert ticker.base_volume == oracle["baseVolume"]
    assert ticker.volume == pytest.approx(oracle["quoteVolume"], rel=1e-12)
    assert (ticker.pair, ticker.time_ms) == (BCH_EUR, NOW_MS)


def test_the_price_at_midnight_is_not_taken_for_that_of_a_day_ago(corpus: Corpus) -> None:
    assert corpus.oracle("kraken_ticker")["BCHEUR"]["percentage"] is not None
    assert parse_tickers(corpus.body("kraken/ticker"), NOW_MS)["BCH/EUR"].change_percent is None


def test_a_recorded_book_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    oracle = corpus.oracle("kraken_depth")

    book = parse_book(corpus.body("kraken/depth"), BCH_EUR, NOW_MS)

    assert book.bids == tuple((price, amount) for price, amount, _ in oracle["bids"])
    assert book.asks == tuple((price, amount) for price, amount, _ in oracle["asks"])


def test_recorded_trades_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    oracle = corpus.oracle("kraken_trades")

    trades = parse_trades(corpus.body("kraken/trades"), BCH_EUR, NOW_MS).rows

    said = sorted((t["timestamp"], t["price"], t["amount"], t["side"], t["type"]) for t in oracle)
    assert sorted((t.timestamp, t.price, t.amount, t.side, t.type) for t in trades) == said
    assert [t.timestamp for t in trades] == sorted(t.timestamp for t in trades)


def test_trades_without_a_number_of_their_own_get_lasting_ids(corpus: Corpus) -> None:
    body = corpus.body("kraken/trades")

    first, again = (parse_trades(body, BCH_EUR, now).rows for now in (NOW_MS, NOW_MS + 1))

    assert [t.id for t in first] == [t.id for t in again]
    assert len({t.id for t in first}) == len(first)


AUGUR = {"REP": "REPV1", "REPV2": "REP"}


def test_every_recorded_pair_name_is_read_as_kraken_spells_it_out(corpus: Corpus) -> None:
    pairs = corpus.recording("kraken/assetPairs")["body"]["result"]
    usual = {"XBT": "BTC", "XDG": "DOGE"} | AUGUR

    read, meant = {}, {}
    for name, facts in pairs.items():
        base, _, quote = facts.get("wsname", "").partition("/")
        read[name] = parse_pair_name(name)
        meant[name] = Pair(usual.get(base, base), usual.get(quote, quote)) if base else None

    assert read == meant
    assert len(read) == 304


def test_recorded_pairs_come_with_smallest_order_and_fees(corpus: Corpus) -> None:
    pairs = corpus.recording("kraken/assetPairs")["body"]["result"]

    exchange = parse_exchange(corpus.body("kraken/assetPairs"), NOW_MS)

    rules = {rule.symbol: rule for rule in exchange.rules}
    assert exchange.name == "kraken"
    assert len(rules) == len(exchange.rules) == sum(not name.endswith(".d") for name in pairs)
    bitcoin = rules["BTC/EUR"]
    assert (bitcoin.base, bitcoin.quote, bitcoin.active) == ("BTC", "EUR", True)
    assert bitcoin.min_amount == 0.0002
    assert bitcoin.maker_fee == pytest.approx(0.0016)
    assert bitcoin.taker_fee == pytest.approx(0.0026)
    assert bitcoin.max_amount is bitcoin.min_price is bitcoin.max_price is None


# names


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("XXBTZUSD", "BTC/USD"),
        ("XETHXXBT", "ETH/BTC"),
        ("XXDGXXBT", "DOGE/BTC"),
        ("XLTCZEUR", "LTC/EUR"),
        ("ZEURZUSD", "EUR/USD"),
        ("USDTZUSD", "USDT/USD"),
        ("XBTUSDT", "BTC/USDT"),
        ("XDGUSD", "DOGE/USD"),
        ("XTZUSD", "XTZ/USD"),
        ("REZUSD", "REZ/USD"),
        ("2ZUSD", "2Z/USD"),
        ("USDCHF", "USD/CHF"),
        ("USDCCHF", "USDC/CHF"),
        ("USDCUSDT", "USDC/USDT"),
        ("TUSD", "T/USD"),
        ("TUSDUSD", "TUSD/USD"),
        ("DOTUSD", "DOT/USD"),
        ("KSMDOT", "KSM/DOT"),
        ("ETHWETH", "ETHW/ETH"),
        ("JITOSOLSOL", "JITOSOL/SOL"),
        ("EURQEUR", "EURQ/EUR"),
        ("PYUSDUSD", "PYUSD/USD"),
        ("XBTPYUSD", "BTC/PYUSD"),
        ("XRPRLUSD", "XRP/RLUSD"),
        ("ADAUSD", "ADA/USD"),
        ("MONAUSD", "MON/AUSD"),
        ("LUNAUSD", "LUNC/USD"),
        ("LUNA2USD", "LUNA/USD"),
        ("USTUSD", "USTC/USD"),
        ("ETH2.SETH", "ETH2.S/ETH"),
    ],
)
def test_a_pair_name_is_read_without_a_look_up(name: str, symbol: str) -> None:
    assert str(parse_pair_name(name)) == symbol


@pytest.mark.parametrize("name", ["", "USD", "XXBTZUSD.d", "AAPLxUSD", "WHATEVER", "€USD.d"])
def test_a_name_that_makes_no_sense_is_no_pair(name: str) -> None:
    assert parse_pair_name(name) is None


@pytest.mark.parametrize(
    ("symbol", "wire"),
    [
        ("BTC/USD", "XBTUSD"),
        ("DOGE/BTC", "XDGXBT"),
        ("SOL/USDT", "SOLUSDT"),
        ("LUNC/USD", "LUNAUSD"),
        ("LUNA/USD", "LUNA2USD"),
        ("USTC/USD", "USTUSD"),
        ("REP/EUR", "REPV2EUR"),
    ],
)
def test_a_pair_is_asked_under_krakens_name(symbol: str, wire: str) -> None:
    assert wire_pair(Pair(*symbol.split("/"))) == wire


def test_a_name_that_means_another_asset_there_is_not_asked() -> None:
    with pytest.raises(SourceUnsupported):
        wire_pair(Pair("UST", "USD"))


@given(
    base=st.sampled_from("BTC ETH DOGE SOL XTZ ADA USDT LUNA LUNC REP PYUSD T".split()),
    quote=st.sampled_from("USD EUR GBP CAD USDT USDC".split()),
)
def test_asked_names_read_back_as_what_was_asked(base: str, quote: str) -> None:
    if base != quote:
        assert parse_pair_name(wire_pair(Pair(base, quote))) == Pair(base, quote)


# tickers


def test_volume_is_quoted_in_money_and_in_coins() -> None:
    ticker = parse_tickers(answer({"XXBTZUSD": row()}), NOW_MS)["BTC/USD"]

    assert (ticker.base_volume, ticker.volume) == (20.0, 20.0 * 97.0)


def test_a_side_of_zero_is_unknown() -> None:
    body = answer({"XXBTZUSD": row(a=["0.0", "0", "0"], h=["0", "0"], p=[])})

    ticker = parse_tickers(body, NOW_MS)["BTC/USD"]

    assert (ticker.bid, ticker.ask, ticker.high, ticker.volume) == (99.0, None, None, None)


@pytest.mark.parametrize(
    "absurd",
    [
        row(last="0.00000"),
        row(last="NaN"),
        row(last="inf"),
        row(last="-1"),
        row(last=""),
        row(c=[]),
        row(c=None),
        {},
        "closed",
        row(a=["0", "0", "0"], b=["0", "0", "0"], v=["0", "0"], p=["0", "0"]),
    ],
)
def test_one_absurd_row_costs_only_itself(absurd: Any) -> None:
    board = parse_tickers(answer({"XXBTZUSD": absurd, "SOLUSD": row()}), NOW_MS)

    assert list(board) == ["SOL/USD"]


@pytest.mark.parametrize("parser", [parse_tickers, parse_rates, parse_exchange])
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[]", b"null", b"<html></html>"),
        *(b'{"error":[]}', b'{"error":[],"result":[]}', answer({}), answer({"?": {}})),
        answer({"XXBTZUSD": {"c": ["nan", "1"], "status": 3}}),
    ],
)
def test_a_board_without_a_sound_row_is_malformed(
    parser: Callable[[bytes, int], Any], body: bytes
) -> None:
    with pytest.raises(SourceMalformed):
        parser(body, NOW_MS)


def test_rates_say_what_a_dollar_is_worth() -> None:
    body = answer(
        {
            "ZEURZUSD": row("1.25"),
            "ZUSDZJPY": row("150.0"),
            "USDCHF": row("0.8"),
            "USDTZUSD": row("1.0"),
            "ZGBPZUSD": row("1.3", v=["0", "0"]),
            "XXBTZUSD": row("90000.0"),
            "EURCAD": row("1.5"),
        }
    )

    rates = parse_rates(body, NOW_MS)

    assert rates.per_usd == {"USD": 1.0, "EUR": 0.8, "JPY": 150.0, "CHF": 0.8, "USDT": 1.0}
    assert rates.time_ms == NOW_MS


def test_without_a_currency_among_the_pairs_there_are_no_rates() -> None:
    with pytest.raises(SourceMalformed):
        parse_rates(answer({"XXBTZUSD": row()}), NOW_MS)


# candles, books, trades, rules


def test_bars_are_timed_at_open_and_the_last_one_still_runs() -> None:
    hour = NOW_MS - HOUR_MS
    body = answer({"XXBTZUSD": [ohlc(hour), ohlc(NOW_MS)], "last": hour // 1000})

    candles = parse_candles(body, CandleQuery(BTC_USD, "1h", 10), NOW_MS + 1)

    first, last = candles.bars
    assert (first.open_ms, first.open, first.high, first.low) == (hour, 10.0, 12.0, 9.0)
    assert (first.close, first.volume, first.closed) == (11.0, 2.5, True)
    assert first.quote_volume == 2.5 * 10.5
    assert (last.open_ms, last.closed) == (NOW_MS, False)


def test_weeks_are_days_added_up_from_monday() -> None:
    days = [ohlc(MONDAY_MS + day * DAY_MS, close=f"{10 + day / 10}") for day in range(-3, 2)]

    candles = parse_candles(
        answer({"XXBTZUSD": days, "last": 0}), CandleQuery(BTC_USD, "1w", 5), MONDAY_MS + 2 * DAY_MS
    )

    before, running = candles.bars
    assert (before.open_ms, before.volume, before.close) == (MONDAY_MS - 7 * DAY_MS, 7.5, 9.9)
    assert (running.open_ms, running.volume, running.close) == (MONDAY_MS, 5.0, 10.1)
    assert (before.closed, running.closed) == (True, False)


def test_a_week_that_krakens_window_cuts_through_is_left_out() -> None:
    days = [ohlc(MONDAY_MS - (719 - day) * DAY_MS) for day in range(720)]
    body = answer({"XXBTZUSD": days, "last": 0})

    candles = parse_candles(body, CandleQuery(BTC_USD, "1w", 500), MONDAY_MS)

    # 719 days before a Monday is five days after one
    assert candles.bars[0].open_ms == MONDAY_MS - 714 * DAY_MS
    assert candles.bars[0].volume == 7 * 2.5


@pytest.mark.parametrize(
    "bad",
    [
        [[1, "2"]],
        [["x", "1", "1", "1", "1", "1", "1", 1]],
        [ohlc(NOW_MS + 60_000)],
        [[NOW_MS // 1000, "nan", "12.0", "9.0", "11.0", "10.5", "1", 7]],
        [[NOW_MS // 1000, "10", "12.0", "0", "11.0", "10.5", "1", 7]],
        {"a": 1},
    ],
)
def test_bars_that_are_none_are_malformed(bad: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_candles(answer({"XXBTZUSD": bad}), CandleQuery(BTC_USD, "1h", 10), NOW_MS)


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([], []),
        ([["10", "1", 1]], [["10", "1", 1]]),
        ([["11", "1", 1]], [["10", "1", 1]]),
        ([["nan", "1", 1]], [["10", "1", 1]]),
        ([["0", "1", 1]], [["10", "1", 1]]),
        ([["9"]], [["10", "1", 1]]),
    ],
)
def test_a_book_that_is_empty_crossed_or_absurd_is_malformed(bids: Any, asks: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_book(answer({"XXBTZUSD": {"bids": bids, "asks": asks}}), BTC_USD, NOW_MS)


def test_a_trade_keeps_its_number_side_and_kind() -> None:
    rows = [
        ["100.0", "0.5", 1_764_000_000.5, "b", "m", "", 77],
        ["101.0", "0.25", 1_764_000_001.25, "s", "l", "", 78],
        ["0.0", "0.25", 1_764_000_001.25, "s", "l", "", 79],
        ["101.0", "nan", 1_764_000_001.25, "s", "l", "", 80],
        ["101.0", "1", 1_764_000_001.25, "x", "l", "", 81],
        ["101.0", "1", "-inf", "s", "l", "", 82],
    ]

    trades = parse_trades(answer({"XXBTZUSD": rows, "last": "1"}), BTC_USD, NOW_MS)

    bought, sold = trades.rows
    assert (bought.id, bought.side, bought.type) == ("77", "buy", "market")
    assert (bought.timestamp, bought.price, bought.amount) == (1_764_000_000_500, 100.0, 0.5)
    assert (sold.id, sold.side, sold.type, sold.timestamp) == ("78", "sell", "limit", NOW_MS + 1250)
    assert (trades.pair, trades.time_ms) == (BTC_USD, NOW_MS)


def test_no_trade_at_all_is_malformed() -> None:
    with pytest.raises(SourceMalformed):
        parse_trades(answer({"XXBTZUSD": [], "last": "0"}), BTC_USD, NOW_MS)


def test_two_pairs_where_one_was_asked_are_malformed() -> None:
    book = {"bids": [["9", "1", 1]], "asks": [["10", "1", 1]]}
    with pytest.raises(SourceMalformed):
        parse_book(answer({"XXBTZUSD": book, "XETHZUSD": book}), BTC_USD, NOW_MS)


def test_only_a_pair_that_is_online_is_active() -> None:
    pairs = {
        "SOLUSD": {"wsname": "SOL/USD", "status": "cancel_only", "ordermin": "0.02", "fees": []},
        "XXBTZUSD": {"wsname": "XBT/USD", "status": "online", "ordermin": ""},
        "ADAUSD": {"ordermin": "5", "fees_maker": [[0, 0]]},
        "BROKEN": {"fees": "none"},
    }

    rules = parse_exchange(answer(pairs), NOW_MS).rules

    assert [(r.symbol, r.active, r.min_amount) for r in rules] == [
        ("SOL/USD", False, 0.02),
        ("BTC/USD", True, None),
        ("ADA/USD", True, 5.0),
    ]
    assert [(r.maker_fee, r.taker_fee) for r in rules] == [(None, None), (None, None), (0.0, None)]


# errors that come with HTTP 200


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("EQuery:Unknown asset pair", SourceUnsupported),
        ("EQuery:Invalid asset pair", SourceUnsupported),
        ("EGeneral:Invalid arguments:Invalid interval", SourceUnsupported),
        ("EAPI:Rate limit exceeded", SourceThrottled),
        ("EGeneral:Too many requests", SourceThrottled),
        ("EGeneral:Temporary lockout", SourceThrottled),
        ("EService:Unavailable", SourceUnavailable),
        ("EService:Busy", SourceUnavailable),
        ("EGeneral:Internal error", SourceUnavailable),
        ("EAPI:Feature disabled", SourceUnavailable),
    ],
)
@pytest.mark.parametrize("result", [None, {}, {"XXBTZUSD": {}}])
def test_an_error_in_the_body_is_raised_for_what_it_is(
    said: str, error: type[SourceError], result: Any
) -> None:
    with pytest.raises(SourceError) as caught:
        parse_book(answer(result, said), BTC_USD, NOW_MS)
    assert caught.type is error


def test_a_warning_is_no_error() -> None:
    body = answer({"XXBTZUSD": row()}, "WGeneral:Something is about to change")

    assert parse_tickers(body, NOW_MS)


# the provider on the wire

BOOK = answer({"XXBTZUSD": {"bids": [["9", "1", 1]], "asks": [["10", "1", 1]]}})
TRADES = answer({"XXBTZUSD": [["9", "1", 1_764_000_000.5, "b", "m", "", 1]], "last": "1"})
BARS = answer({"XXBTZUSD": [ohlc(NOW_MS - HOUR_MS), ohlc(NOW_MS)], "last": 1})
DAYS = answer({"XXBTZUSD": [ohlc(MONDAY_MS - DAY_MS), ohlc(MONDAY_MS)], "last": 1})
BOARD = answer({"XXBTZUSD": row(), "ZEURZUSD": row("1.25")})
PAIRS = answer({"XXBTZUSD": {"wsname": "XBT/USD"}})

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


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "error", "wait_s"),
    [
        (always(b"", 429, {"Retry-After": "7"}), SourceThrottled, 7.0),
        (always(b"", 429), SourceThrottled, 10.0),
        (always(b"", 418), SourceThrottled, 120.0),
        (always(b"", 451), SourceGeoBlocked, None),
        (always(b"<h1>Forbidden</h1>", 403), SourceGeoBlocked, None),
        (always(b"", 500), SourceUnavailable, None),
        (always(b"", 520), SourceUnavailable, None),
        (always(b"", 404), SourceUnsupported, None),
        (always(BOOK[:-9]), SourceMalformed, None),
        (always(b"<html>maintenance</html>"), SourceMalformed, None),
        (always(b""), SourceMalformed, None),
        (always([]), SourceMalformed, None),
        (always({"error": ["EQuery:Unknown asset pair"]}), SourceUnsupported, None),
    ],
)
async def test_every_failure_has_its_error(
    reply: Answer, error: type[SourceError], wait_s: float | None
) -> None:
    async with asked(Kraken, reply) as (kraken, _):
        with pytest.raises(SourceError) as caught:
            await kraken.book(PairQuery(BTC_USD))

    assert caught.type is error
    assert getattr(caught.value, "retry_after_s", None) == wait_s


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), SourceUnavailable),
        (httpx.ReadTimeout("slow"), SourceTimeout),
    ],
)
async def test_a_network_failure_is_the_sources_failure(
    failure: Exception, error: type[SourceError]
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    async with asked(Kraken, fail) as (kraken, _):
        with pytest.raises(error):
            await kraken.tickers()


# whatever comes


READERS: list[tuple[Callable[..., Any], bytes]] = [
    (parse_tickers, BOARD),
    (parse_rates, BOARD),
    (parse_exchange, PAIRS),
    (lambda body, now: parse_book(body, BTC_USD, now), BOOK),
    (lambda body, now: parse_trades(body, BTC_USD, now), TRADES),
    (lambda body, now: parse_candles(body, CandleQuery(BTC_USD, "1h", 10), now), BARS),
    (lambda body, now: parse_candles(body, CandleQuery(BTC_USD, "1w", 10), now), DAYS),
]


@pytest.mark.parametrize(("read", "body"), READERS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_damaged_answer_is_refused_or_read_soundly(
    data: st.DataObject, read: Callable[..., Any], body: bytes
) -> None:
    damaged = data.draw(mutations([json.loads(body)]))
    try:
        found = read(damaged, NOW_MS)
    except SourceError:
        return
    assert sound(found)
    assert all(math.isfinite(number) for number in numbers(found))


def numbers(value: Any) -> list[float]:
    """Every float inside a result."""
    if isinstance(value, float):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, Struct):
        value = msgspec.structs.astuple(value)
    if isinstance(value, tuple | list):
        return [number for item in value for number in numbers(item)]
    return []


@pytest.mark.parametrize(
    "name", ["XRP\x00/USD", "XRP/USD\n", "\u00c4B/USD", "XRP/", "/USD", "A/B/C"]
)
def test_a_pair_by_a_name_that_nobody_can_ask_for_is_left_out(name: str) -> None:
    pairs = {"XXBTZUSD": {"wsname": "XBT/USD"}, "ODD": {"wsname": name}}

    assert [rule.symbol for rule in parse_exchange(answer(pairs), NOW_MS).rules] == ["BTC/USD"]


@pytest.mark.parametrize("name", ["XBT\x00USD", "\u00c4USD", "XBTUSD\n", "XBT USD"])
def test_a_key_of_other_characters_than_letters_and_digits_is_no_pair(name: str) -> None:
    assert parse_pair_name(name) is None
