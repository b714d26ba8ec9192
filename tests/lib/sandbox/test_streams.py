"""The sandbox's streams agree with its REST answers, in the adapters' own reading."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from drill.truth import Truth
from lib.market import Pair
from lib.sandbox import SandboxClock, SandboxServer
from lib.streams.base import (
    BarSeen,
    BookSeen,
    Broken,
    Refused,
    TableSeen,
    TickerSeen,
    TradeSeen,
    Wanted,
)
from lib.streams.binance import BinanceStream
from lib.streams.coinbase import CoinbaseStream
from lib.streams.kraken import KrakenStream
from lib.wire import binance, coinbase, kraken

NOW_MS = 1_764_000_030_000
BTC = Pair("BTC", "USDT")


@pytest.fixture(scope="module")
def still() -> Iterator[SandboxServer]:
    """A sandbox whose clock stands."""
    with SandboxServer(seed=2, clock=SandboxClock(fixed_ms=NOW_MS)) as server:
        yield server


def get(sandbox: SandboxServer, path: str) -> bytes:
    return httpx.get(f"http://127.0.0.1:{sandbox.port}{path}", trust_env=False).content


def seen(sandbox: SandboxServer, path: str, asked: list[str], stream: Any, kind: type) -> Any:
    """The first event of a kind."""
    with connect(f"ws://127.0.0.1:{sandbox.port}{path}", proxy=None) as socket:
        for text in asked:
            socket.send(text)
        for _ in range(40):
            for event in stream.parse(socket.recv(5)):
                if isinstance(event, kind):
                    return event
    raise AssertionError(f"no {kind.__name__}")


def test_binances_ticker_is_the_one_of_rest(still: SandboxServer) -> None:
    stream = BinanceStream()

    event = seen(still, "/binance/stream?streams=btcusdt@ticker", [], stream, TickerSeen)

    body = get(still, "/binance/api/v3/ticker/24hr")
    assert event.ticker == binance.parse_tickers(body, NOW_MS)["BTC/USDT"]


def test_binances_table_holds_the_prices_of_rest(still: SandboxServer) -> None:
    event = seen(still, "/binance/stream?streams=!miniTicker@arr", [], BinanceStream(), TableSeen)

    board = binance.parse_tickers(get(still, "/binance/api/v3/ticker/24hr"), NOW_MS)
    assert {k: (t.last, t.volume, t.high) for k, t in event.rows.items()} == {
        k: (board[k].last, board[k].volume, board[k].high) for k in event.rows
    }
    for key, ticker in event.rows.items():
        change = board[key].change_percent
        assert change is not None
        assert ticker.change_percent == pytest.approx(change, abs=0.0011)


def test_binances_book_and_bar_are_those_of_rest(still: SandboxServer) -> None:
    book = seen(still, "/binance/stream?streams=btcusdt@depth20", [], BinanceStream(), BookSeen)
    bar = seen(still, "/binance/stream?streams=btcusdt@kline_1m", [], BinanceStream(), BarSeen).bar

    path = "/binance/api/v3/depth?symbol=BTCUSDT&limit=20"
    rest = binance.parse_book(get(still, path), BTC, 0)
    path = "/binance/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1"
    (row,) = binance.parse_bars(get(still, path))
    assert book.book == rest
    assert (bar.open_ms, bar.open, bar.high, bar.low, bar.close, bar.volume) == row[:6]


def test_krakens_ticker_is_the_one_of_rest_with_the_days_change(still: SandboxServer) -> None:
    stream = KrakenStream()
    asked = stream.join([Wanted("tickers", Pair("BTC", "USD"))], fresh=True)

    ticker = seen(still, "/kraken/v2", asked, stream, TickerSeen).ticker

    rest = kraken.parse_tickers(get(still, "/kraken/0/public/Ticker"), NOW_MS)["BTC/USD"]
    assert (ticker.last, ticker.bid, ticker.ask) == (rest.last, rest.bid, rest.ask)
    assert (ticker.high, ticker.low) == (rest.high, rest.low)
    assert ticker.change_percent is not None


def test_krakens_book_is_the_one_of_rest(still: SandboxServer) -> None:
    stream, pair = KrakenStream(), Pair("BTC", "USD")
    asked = stream.join([Wanted("books", pair)], fresh=True)

    book = seen(still, "/kraken/v2", asked, stream, BookSeen).book

    rest = kraken.parse_book(get(still, "/kraken/0/public/Depth?pair=XBTUSD&count=25"), pair, 0)
    assert (book.bids, book.asks) == (rest.bids, rest.asks)


def test_coinbases_ticker_is_the_one_of_rest(still: SandboxServer) -> None:
    stream, pair = CoinbaseStream(), Pair("BTC", "USD")
    asked = stream.join([Wanted("tickers", pair)], fresh=True)

    ticker = seen(still, "/coinbase", asked, stream, TickerSeen).ticker

    day = coinbase.parse_stats(get(still, "/coinbase/products/BTC-USD/stats"))
    row = get(still, "/coinbase/products/BTC-USD/ticker")
    assert ticker == coinbase.parse_ticker(row, pair, 0, day)


def test_coinbases_book_is_the_one_of_rest(still: SandboxServer) -> None:
    stream, pair = CoinbaseStream(), Pair("BTC", "USD")
    asked = stream.join([Wanted("books", pair)], fresh=True)

    book = seen(still, "/coinbase", asked, stream, BookSeen).book

    rest = coinbase.parse_book(get(still, "/coinbase/products/BTC-USD/book?level=2"), pair, 0)
    assert (book.bids, book.asks) == (rest.bids[:25], rest.asks[:25])


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("/binance/stream", BinanceStream),
        ("/coinbase", CoinbaseStream),
        ("/kraken/v2", KrakenStream),
    ],
)
def test_trades_are_numbered_one_by_one(path: str, make: Callable[[], Any]) -> None:
    stream = make()
    asked = stream.join([Wanted("trades", BTC)], fresh=False)
    serials: list[int] = []
    with (
        SandboxServer(seed=2) as sandbox,
        connect(f"ws://127.0.0.1:{sandbox.port}{path}", proxy=None) as socket,
    ):
        for text in asked:
            socket.send(text)
        while len(serials) < 2:
            events = stream.parse(socket.recv(5))
            serials += [event.serial for event in events if isinstance(event, TradeSeen)]

    assert serials[1] == serials[0] + 1


@pytest.mark.parametrize(
    ("path", "make"), [("/coinbase", CoinbaseStream), ("/kraken/v2", KrakenStream)]
)
def test_a_book_that_is_told_by_its_changes_goes_on_as_the_market_does(
    path: str, make: Callable[[], Any]
) -> None:
    stream, pair = make(), Pair("BTC", "USD")
    books: list[Any] = []
    with (
        SandboxServer(seed=2) as sandbox,
        connect(f"ws://127.0.0.1:{sandbox.port}{path}", proxy=None) as socket,
    ):
        for text in stream.join([Wanted("books", pair)], fresh=True):
            socket.send(text)
        while len(books) < 2:
            events = stream.parse(socket.recv(5))
            assert not [event for event in events if isinstance(event, Broken)]
            books += [event.book for event in events if isinstance(event, BookSeen)]

    truth = Truth(seed=2)
    assert len(set(books)) == 2
    for book in books[1:]:
        bids, asks = ([list(level) for level in side[:20]] for side in (book.bids, book.asks))
        assert truth.book("BTC", bids, asks, book.time_ms)


@pytest.mark.parametrize(
    ("path", "make"), [("/coinbase", CoinbaseStream), ("/kraken/v2", KrakenStream)]
)
def test_a_refused_pair_is_named(path: str, make: Callable[[], Any], still: SandboxServer) -> None:
    stream = make()
    asked = stream.join([Wanted("tickers", Pair("NO", "USD"))], fresh=True)

    assert seen(still, path, asked, stream, Refused).pair == Pair("NO", "USD")


def test_coinbases_books_in_single_changes_are_refused_without_a_key(still: SandboxServer) -> None:
    asked = ['{"type":"subscribe","product_ids":["BTC-USD"],"channels":["level2"]}']

    assert seen(still, "/coinbase", asked, CoinbaseStream(), Refused).feed == "books"
