"""Every frame of the recorded streams is read, or left aside because of its kind."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from lib.streams.base import BarSeen, BookSeen, Event, TickerSeen, TradeSeen, VenueStream
from lib.streams.binance import BinanceStream
from lib.streams.coinbase import CoinbaseStream
from lib.streams.kraken import KrakenStream
from lib.streams.kucoin import KuCoinStream, parse_address
from lib.streams.okx import OkxStream
from lib.wire import kucoin as kucoin_rest
from lib.wire import okx as okx_rest
from lib.wire.binance import parse_bars, parse_tickers
from lib.wire.coinbase import Stats, parse_ticker
from tests.conftest import Corpus

COINBASE = {
    "ticker": "TickerSeen", "match": "TradeSeen", "snapshot": "BookSeen", "l2update": "BookSeen",
}  # fmt: skip


async def no_address() -> bytes:
    raise AssertionError("nobody asks for it here")


STREAMS: dict[str, VenueStream] = {
    "binance_spot": BinanceStream(),
    "coinbase": CoinbaseStream(),
    "kraken": KrakenStream(),
    "kucoin_spot": KuCoinStream(no_address),
    "okx": OkxStream(),
}


def frames(corpus: Corpus, name: str) -> Iterator[dict[str, Any]]:
    """What came in."""
    with gzip.open(corpus.root / "streams" / f"{name}.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return (row["msg"] for row in rows if row["dir"] == "in")


def read(corpus: Corpus, name: str) -> list[tuple[dict[str, Any], list[Event]]]:
    return [
        (frame, STREAMS[name].parse(frame if isinstance(frame, str) else json.dumps(frame)))
        for frame in frames(corpus, name)
    ]


@pytest.mark.parametrize("name", list(STREAMS))
def test_no_recorded_frame_is_malformed(name: str, corpus: Corpus) -> None:
    assert len(read(corpus, name)) > 200


def test_every_ticker_trade_bar_and_book_of_a_spot_pair_is_seen(corpus: Corpus) -> None:
    kinds = {
        name: Counter(type(event).__name__ for _, events in read(corpus, name) for event in events)
        for name in STREAMS
    }

    def rows(name: str, kind: str) -> int:
        """Rows of spot pairs in the frames of an OKX channel."""
        return sum(
            len(frame["data"])
            for frame in frames(corpus, name)
            if "data" in frame
            and frame["arg"]["channel"] == kind
            and frame["arg"]["instId"].count("-") == 1
        )

    assert kinds["binance_spot"] == {"TradeSeen": 2, "BarSeen": 2}
    assert kinds["coinbase"] == Counter(
        COINBASE[frame["type"]] for frame in frames(corpus, "coinbase") if frame["type"] in COINBASE
    )
    assert kinds["kraken"] == {}  # version 1 books only
    assert kinds["kucoin_spot"] == {"TickerSeen": 411, "TradeSeen": 13, "BarSeen": 4}
    assert kinds["okx"] == {
        "TickerSeen": rows("okx", "tickers"),
        "TradeSeen": rows("okx", "trades"),
    }
    assert rows("okx", "tickers") > 0 < rows("okx", "trades")


def test_okx_tickers_and_trades_are_what_its_rest_answers_would_be(corpus: Corpus) -> None:
    for frame, events in read(corpus, "okx"):
        if not events:
            continue
        body = json.dumps({"code": "0", "msg": "", "data": frame["data"]}).encode()
        if frame["arg"]["channel"] == "tickers":
            board = okx_rest.parse_tickers(body, 0)
            assert [e.ticker for e in events if isinstance(e, TickerSeen)] == list(board.values())
        else:
            seen = [event for event in events if isinstance(event, TradeSeen)]
            rest = okx_rest.parse_trades(body, seen[0].pair, 0).rows
            assert sorted(e.trade.id for e in seen) == sorted(t.id for t in rest)
            assert {e.trade for e in seen} == set(rest)


def test_kucoin_trades_and_bars_are_what_its_rest_answers_would_be(corpus: Corpus) -> None:
    for frame, events in read(corpus, "kucoin_spot"):
        for event in events:
            if isinstance(event, TradeSeen):
                body = json.dumps({"code": "200000", "data": [frame["data"]]}).encode()
                assert kucoin_rest.parse_trades(body, event.pair, 0).rows == (event.trade,)
            if isinstance(event, BarSeen):
                rows = [frame["data"]["candles"]]
                body = json.dumps({"code": "200000", "data": rows}).encode()
                bar = kucoin_rest.parse_bars(body)[0]
                made = event.bar
                assert (bar.open_ms, bar.open, bar.high, bar.low, bar.close, bar.volume) == (
                    *(made.open_ms, made.open, made.high, made.low, made.close, made.volume),
                )


def test_coinbase_tickers_are_what_its_rest_answers_would_be(corpus: Corpus) -> None:
    names = {"price": "price", "bid": "best_bid", "ask": "best_ask", "volume": "volume_24h"}
    for frame, events in read(corpus, "coinbase"):
        for event in events:
            if not isinstance(event, TickerSeen):
                continue
            body = json.dumps({k: frame[v] for k, v in names.items()} | {"time": frame["time"]})
            day = Stats(float(frame["open_24h"]), float(frame["high_24h"]), float(frame["low_24h"]))
            assert event.ticker == parse_ticker(body.encode(), event.ticker.pair, 0, day)


def test_coinbase_tells_the_makers_side_and_we_the_takers(corpus: Corpus) -> None:
    sides = {
        (frame["side"], event.trade.side)
        for frame, events in read(corpus, "coinbase")
        for event in events
        if isinstance(event, TradeSeen)
    }

    assert sides <= {("buy", "sell"), ("sell", "buy")}


def test_binance_bars_are_what_its_rest_answers_would_be(corpus: Corpus) -> None:
    for frame, events in read(corpus, "binance_spot"):
        for event in events:
            if isinstance(event, BarSeen):
                k = frame["data"]["k"]
                body = json.dumps([[k[c] for c in "tohlcvTq"]]).encode()
                bar, made = parse_bars(body)[0], event.bar
                assert made.quote_volume == bar.quote_volume
                assert (bar.open_ms, bar.open, bar.high, bar.low, bar.close, bar.volume) == (
                    *(made.open_ms, made.open, made.high, made.low, made.close, made.volume),
                )


def documented(corpus: Corpus, name: str) -> dict[str, Any]:
    """The update of an example of the venue's own documentation."""
    text = corpus.recording(name)["body_text"]
    return json.loads(text.partition("\n= \n")[2])


def test_binances_documented_ticker_is_what_its_rest_answer_would_be(corpus: Corpus) -> None:
    frame = documented(corpus, "binance_ws/doc_Ticker")
    d = frame["data"]
    names = {
        "symbol": "s", "lastPrice": "c", "closeTime": "C", "bidPrice": "b", "askPrice": "a",
        "highPrice": "h", "lowPrice": "l", "priceChangePercent": "P", "volume": "v",
        "quoteVolume": "q",
    }  # fmt: skip

    events = BinanceStream().parse(json.dumps(frame))

    board = parse_tickers(json.dumps([{k: d[v] for k, v in names.items()}]).encode(), 0)
    assert events == [TickerSeen(board["BNB/BTC"])]


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("AggregatedTrades", [TradeSeen]),
        ("BookTicker", []),
        ("Klines", [BarSeen]),
        ("MiniTicker", []),
        ("PartialBook", [BookSeen]),
        ("Ticker", [TickerSeen]),
        ("Trades", [TradeSeen]),
    ],
)
def test_every_documented_binance_frame_is_understood(
    kind: str, seen: list[type], corpus: Corpus
) -> None:
    frame = documented(corpus, f"binance_ws/doc_{kind}")
    if kind == "Klines":
        frame["data"]["k"]["l"] = "0.0010"  # the example's low is above its open: no bar

    events = BinanceStream().parse(json.dumps(frame))

    assert [type(event) for event in events] == seen


@pytest.mark.parametrize("kind", ["Klines", "Ticker", "Trades"])
def test_every_documented_kucoin_frame_is_understood(kind: str, corpus: Corpus) -> None:
    frame = documented(corpus, f"kucoin_ws/doc_{kind}")
    if kind == "Klines":
        frame["topic"] = "/market/candles:BTC-USDT_1hour"  # 8 hours are none of ours

    (event,) = KuCoinStream(no_address).parse(json.dumps(frame))

    assert isinstance(event, {"Klines": BarSeen, "Ticker": TickerSeen, "Trades": TradeSeen}[kind])


def test_kucoins_token_and_server_make_the_address(corpus: Corpus) -> None:
    address = parse_address(corpus.body("kucoin/sdk2024_bullet_public"), None)

    assert address.url == "wss://ws-api-spot.kucoin.com/?token=REDACTED&connectId=dreammaker"
    assert address.keep_alive is not None


def test_a_setting_replaces_kucoins_server_but_not_its_token(corpus: Corpus) -> None:
    body = corpus.body("kucoin/sdk2024_bullet_public")

    assert parse_address(body, "ws://127.0.0.1:1/").url.startswith("ws://127.0.0.1:1/?token=RED")
