"""What venues' answers are made of."""

import math

import msgspec
import pytest

from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import Pair, Trade
from lib.wire.venues import (
    Level,
    Number,
    amount,
    build_book,
    build_trades,
    is_halted,
    price,
    read_pair,
    signed,
    tether_pair,
)

BTC = Pair("BTC", "USDT")
number = msgspec.json.Decoder(Number, strict=False).decode


@pytest.mark.parametrize(
    ("wire", "priced", "amounted", "signs"),
    [
        ("1.5", 1.5, 1.5, 1.5),
        ('"1.5"', 1.5, 1.5, 1.5),
        ("2", 2.0, 2.0, 2.0),
        ('"-3"', None, None, -3.0),
        ('"0.00"', None, 0.0, 0.0),
        ('"nan"', None, None, None),
        ('"-inf"', None, None, None),
        ('"inf"', None, None, None),
        ('""', None, None, None),
        ("null", None, None, None),
    ],
)
def test_a_number_is_known_or_none(
    wire: str, priced: float | None, amounted: float | None, signs: float | None
) -> None:
    value = number(wire)

    assert (price(value), amount(value), signed(value)) == (priced, amounted, signs)


@pytest.mark.parametrize(
    ("base", "quote", "pair"),
    [
        ("BTC", "USDT", "BTC/USDT"),
        ("LYXe", "usdt", "LYXE/USDT"),
        ("1INCH", "BTC", "1INCH/BTC"),
        ("", "BTC", None),
        ("ß", "BTC", None),  # its capital would be SS
        ("BTC", "USD-SWAP", None),
        ("BTC\n", "USDT", None),
        ("A" * 21, "USDT", None),
    ],
)
def test_a_pair_has_plain_names(base: str, quote: str, pair: str | None) -> None:
    read = read_pair(base, quote)

    assert (str(read) if read else None) == pair


def test_dollars_trade_as_tether() -> None:
    assert tether_pair(Pair("BTC", "USD")) == BTC
    assert tether_pair(Pair("BTC", "EUR")) == Pair("BTC", "EUR")
    with pytest.raises(SourceUnsupported):
        tether_pair(Pair("USDT", "USD"))


def test_a_book_is_put_in_order_and_loses_its_empty_levels() -> None:
    bids = [Level(1.0, 5.0), Level(2.0, 6.0), Level(1.5, 0.0)]
    asks = [Level(4.0, 7.0), Level(3.0, 8.0)]

    book = build_book(BTC, bids, asks, 7)

    assert (book.bids, book.asks) == (((2.0, 6.0), (1.0, 5.0)), ((3.0, 8.0), (4.0, 7.0)))


def test_a_book_may_have_one_side() -> None:
    assert build_book(BTC, [Level(1.0, 5.0)], [], 7).asks == ()


@pytest.mark.parametrize("level", [Level(math.nan, 1.0), Level(1.0, math.inf), Level(-1.0, 1.0)])
def test_a_book_with_an_absurd_level_is_malformed(level: Level) -> None:
    with pytest.raises(SourceMalformed):
        build_book(BTC, [level], [Level(3.0, 1.0)], 7)


def test_trades_of_one_moment_come_in_the_order_of_their_numbers() -> None:
    rows = [Trade(name, 5, 1.0, 1.0, "buy") for name in ("10", "9", "100")]

    trades = build_trades(BTC, [*rows, Trade("1", 6, math.nan, 1.0, "buy")], 7)

    assert [row.id for row in trades.rows] == ["9", "10", "100"]


@pytest.mark.parametrize(
    ("signs", "halted"),
    [
        ((None, None, 0.0), True),
        ((None, None, None, 0.0), True),
        ((None, None, 0.0, 3.0), False),
        ((1.0, None, 0.0), False),
        ((None, 1.0, 0.0), False),
        ((None, None, None), False),  # nothing is told: not that nobody trades
    ],
)
def test_a_pair_is_halted_where_nobody_bids_asks_or_trades(
    signs: tuple[float | None, ...], halted: bool
) -> None:
    assert is_halted(*signs) is halted
