"""OKX's books, trades and bars, read."""

from datetime import datetime

import pytest

from lib.candles import Bar
from lib.errors import SourceMalformed
from lib.market import Pair, Trade
from lib.wire.okx import parse_bars, parse_book, parse_trades
from tests.conftest import Corpus
from tests.lib.providers.venue import raised
from tests.lib.wire.okx.answers import BAR, BOOK, BTC, TRADE, as_bytes


def test_documented_bars_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    bars = parse_bars(corpus.body("okx/doc_GetKlines"))

    assert [list(bar[:6]) for bar in bars] == corpus.oracle("okx_doc_GetKlines")
    assert [bar.quote_volume for bar in bars] == [22698348.04828491, 67632347.24399722]


def test_the_documented_book_reads(corpus: Corpus) -> None:
    book = parse_book(corpus.body("okx/doc_GetOrderBook"), BTC, 7)

    assert book.asks == ((41006.8, 0.60038921),)
    assert book.bids == ((41006.3, 0.30178218),)
    assert book.time_ms == 1629966436396


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
