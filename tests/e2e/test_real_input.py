"""The server on loopback, its providers pointed at recorded payloads: every number is compared
with an independent parser's reading."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lib.symbols import RENAMES
from tests.conftest import Corpus
from tests.recorded import RecordedUpstream
from tests.service import running_service

KUCOIN_EXPLAINED = (
    # KuCoin states a change rate of 0 and no price change: we say 0, the other parser nothing
    *(
        f"{pair} change_24h: 0.0 is not None"
        for pair in (
            "OMX/ETH DCR/ETH APH/ETH SNC/ETH DCC/USDT BU/ETH TFL/ETH MVP/ETH BTC/DAI".split()
        )
    ),
    # KuCoin rounds the change rate to 0; the other parser divides the price change itself
    "NEO/ETH change_24h: 0.0 is not -0.0029274576006557",
    # MKR became SKY at 1 : 24,000, so an old MKR price is no SKY price
    *(f"MKR/{quote}: 503 UPSTREAM_UNAVAILABLE" for quote in ("BTC", "ETH", "DAI")),
)


@pytest.fixture(scope="module")
def upstream(corpus: Corpus) -> Iterator[RecordedUpstream]:
    with RecordedUpstream(corpus) as upstream:
        yield upstream


@pytest.fixture(scope="module")
def service(upstream: RecordedUpstream) -> Iterator[httpx.Client]:
    """The service with every provider recorded."""
    yield from _service(upstream.settings())


@pytest.fixture(scope="module")
def without_binance(upstream: RecordedUpstream) -> Iterator[httpx.Client]:
    """The service when nothing listens where Binance was, nor at the venues before KuCoin."""
    dead = ("binance", "coinbase", "kraken", "okx")
    yield from _service(upstream.settings(dead))


def _service(settings: dict[str, str]) -> Iterator[httpx.Client]:
    with (
        running_service("--upstream", "live", RATE_LIMIT_IP="0", **settings) as root,
        httpx.Client(base_url=root, timeout=10) as client,
    ):
        yield client


def _expected(ticker: dict[str, Any]) -> dict[str, Any]:
    def known(value: float | None) -> float | None:
        return value or None  # the venue writes 0 where there is none

    return {
        "last": ticker["last"],
        "bid": known(ticker["bid"]),
        "ask": known(ticker["ask"]),
        "high": known(ticker["high"]),
        "low": known(ticker["low"]),
        "volume": ticker["quoteVolume"],
        "base_volume": ticker["baseVolume"],
        "change_24h": ticker["percentage"],
    }


def _equal(value: float | None, expected: float | None) -> bool:
    if value is None or expected is None:
        return value is expected
    return value == pytest.approx(expected, rel=1e-9)


def _compare(client: httpx.Client, tickers: dict[str, Any], source: str) -> tuple[int, list[str]]:
    """How many tickers are equal, and what differs where."""
    equal, differing = 0, []
    for ticker in tickers.values():
        reply = client.get(f"/api/ticker/{ticker['symbol']}")
        body = reply.json()
        if not ticker["last"]:
            dead = reply.status_code != 200 or body["meta"]["source"] != source
            equal += dead
            differing += [] if dead else [f"{ticker['symbol']}: a price without a trade"]
            continue
        if reply.status_code != 200:
            differing.append(f"{ticker['symbol']}: {reply.status_code} {body['error']['code']}")
            continue
        expected = _expected(ticker)
        wrong = [
            f"{ticker['symbol']} {field}: {body[field]} is not {value}"
            for field, value in expected.items()
            if not _equal(body[field], value)
        ]
        if body["meta"]["source"] != source:
            wrong.append(f"{ticker['symbol']}: from {body['meta']['source']}")
        differing += wrong
        equal += not wrong
    return equal, differing


def test_595_binance_tickers_are_as_recorded(service: httpx.Client, corpus: Corpus) -> None:
    tickers = corpus.oracle("binance_ticker24hr")

    equal, differing = _compare(service, tickers, "binance")

    assert len(tickers) == 595
    assert differing == []
    assert equal == 595


def test_394_kucoin_tickers_are_as_recorded(without_binance: httpx.Client, corpus: Corpus) -> None:
    tickers = corpus.oracle("kucoin_allTickers")

    equal, differing = _compare(without_binance, tickers, "kucoin")

    assert len(tickers) == 394
    assert equal == 381
    assert sorted(differing) == sorted(KUCOIN_EXPLAINED)


def test_a_bulk_answer_serves_all_tickers(
    service: httpx.Client, upstream: RecordedUpstream
) -> None:
    service.get("/api/price/ETHBTC")
    before = upstream.calls["binance/api/v3/ticker/24hr"]
    pairs = ["BNB/BTC", "LTC/BTC", "XRP/BTC", "ADA/BTC", "TRX/BTC"] * 10

    replies = [service.get(f"/api/price/{pair}") for pair in pairs]

    assert all(reply.status_code == 200 for reply in replies)
    assert upstream.calls["binance/api/v3/ticker/24hr"] - before <= 1


@pytest.mark.parametrize("symbol", ["NKN/USDT", "BLZ/ETH"])
def test_binance_books_are_as_recorded(symbol: str, service: httpx.Client, corpus: Corpus) -> None:
    oracle = corpus.oracle(f"binance_depth_{symbol.replace('/', '')}")

    book = service.get(f"/api/orderbook/{symbol}?limit=100").json()

    assert book["bids"] == oracle["bids"][:100]
    assert book["asks"] == oracle["asks"][:100]


@pytest.mark.parametrize("symbol", ["ANKR/BTC", "SNX/BTC"])
def test_kucoin_books_are_as_recorded(
    symbol: str, without_binance: httpx.Client, corpus: Corpus
) -> None:
    oracle = corpus.oracle(f"kucoin_orderbook_level2_{symbol.replace('/', '-')}")

    book = without_binance.get(f"/api/orderbook/{symbol}?limit=100").json()

    assert book["bids"] == oracle["bids"][:100]
    assert book["asks"] == oracle["asks"][:100]


def test_the_kraken_book_and_trades_are_as_recorded(service: httpx.Client, corpus: Corpus) -> None:
    book_oracle, trades_oracle = corpus.oracle("kraken_depth"), corpus.oracle("kraken_trades")

    book = service.get("/api/orderbook/BCH/EUR?limit=100").json()
    trades = service.get("/api/trades/BCH/EUR?limit=500").json()["trades"]

    assert book["bids"] == [row[:2] for row in book_oracle["bids"][:100]]
    assert book["asks"] == [row[:2] for row in book_oracle["asks"][:100]]
    newest = sorted(trades_oracle, key=lambda trade: trade["timestamp"])[-500:]
    assert [(t["timestamp"], t["price"], t["amount"], t["side"], t["type"]) for t in trades] == [
        (t["timestamp"], t["price"], t["amount"], t["side"], t["type"]) for t in newest
    ]


def test_500_binance_trades_are_as_recorded(service: httpx.Client, corpus: Corpus) -> None:
    oracle = corpus.oracle("binance_trades")

    trades = service.get("/api/trades/BTC/USDC?limit=500").json()["trades"]

    fields = ("id", "timestamp", "price", "amount", "side")
    assert [[t[f] for f in fields] for t in trades] == [[t[f] for f in fields] for t in oracle]


def test_1000_binance_candles_are_as_recorded(service: httpx.Client, corpus: Corpus) -> None:
    oracle = corpus.oracle("binance_klines_BTCUSDT_1d_page1")

    bars = service.get("/api/ohlcv?symbol=BTC/USDT&timeframe=1d&limit=1000").json()["data"]

    assert [[bar[k] for k in "tohlcv"] for bar in bars] == oracle


def test_1695_binance_pairs_are_as_recorded(service: httpx.Client, corpus: Corpus) -> None:
    oracle = corpus.oracle("binance_markets")

    info = service.get("/api/exchange-info").json()

    assert info["exchange"] == "binance"
    rules = {rule["symbol"]: rule for rule in info["symbols"]}
    assert len(oracle) == 1695
    assert rules == {market["symbol"]: _rule(market) for market in oracle.values()}


def _rule(market: dict[str, Any]) -> dict[str, Any]:
    amounts, prices = market["limits"]["amount"], market["limits"]["price"]
    return {
        "symbol": market["symbol"],
        "base": market["base"],
        "quote": market["quote"],
        "active": market["active"],
        "min_amount": amounts["min"] or None,
        "max_amount": amounts["max"] or None,
        "min_price": prices["min"] or None,
        "max_price": prices["max"] or None,
        "maker_fee": market["maker"],
        "taker_fee": market["taker"],
    }


def test_one_price_on_recorded_data(service: httpx.Client) -> None:
    market = service.get("/api/market?symbols=BTC").json()
    price = service.get("/api/price/BTC").json()
    ticker = service.get("/api/ticker/BTC").json()

    assert price["price"] == ticker["last"]
    assert price["meta"]["as_of"] == ticker["meta"]["as_of"]
    # the aggregator's table is of 2026, the venue's tickers are of 2019: not the same coin, says
    # the table, and shows the aggregator's own price
    assert market["items"][0]["price"] == 77210
    assert market["meta"]["source"].startswith("coingecko")


def test_an_old_name_finds_what_a_venue_still_lists_under_it(service: httpx.Client) -> None:
    old = next(name for name in ("MATIC", "EOS") if RENAMES[name].same_unit)

    reply = service.get(f"/api/price/{old}").json()

    assert reply["symbol"] == RENAMES[old].now
    assert reply["meta"]["renamed_from"] == old
