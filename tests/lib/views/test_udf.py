"""Names and numbers of TradingView's UDF."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.assets import Asset, AssetTable
from lib.errors import InvalidParameter
from lib.market import Candle, Pair
from lib.views.udf import (
    describe,
    find_pairs,
    name_of,
    price_scale,
    read_name,
    read_resolution,
    split_at,
)

ASSETS = AssetTable(
    seed=(Asset("bitcoin", "BTC", "Bitcoin"), Asset("bitcoin-cash", "BCH", "Bitcoin Cash"))
)


@pytest.mark.parametrize(
    ("resolution", "frame"),
    [
        ("1", "1m"),
        ("60", "1h"),
        ("240", "4h"),
        ("1D", "1d"),
        ("D", "1d"),
        ("W", "1w"),
        ("1w", "1w"),
    ],
)
def test_a_resolution_is_a_time_frame(resolution: str, frame: str) -> None:
    assert read_resolution(resolution) == frame


@pytest.mark.parametrize("resolution", ["", "7", "1M", "M", "1S", "60m", "1h0"])
def test_other_resolutions_are_refused(resolution: str) -> None:
    with pytest.raises(InvalidParameter):
        read_resolution(resolution)


@pytest.mark.parametrize("text", ["BTCUSDT", "btcusdt", "DREAMMAKER:BTCUSDT", "BTC/USDT", "BTC"])
def test_a_name_may_stand_under_the_exchange(text: str) -> None:
    assert read_name(text).pair == Pair("BTC", "USDT")


ASSET = st.text("ABCDETUSBN0123", min_size=1, max_size=8)


@given(ASSET, st.sampled_from(["USDT", "USD", "BTC", "EUR", "TUSD", "XYZ", "BNB"]))
def test_a_pair_s_name_means_the_pair_and_has_no_slash(base: str, quote: str) -> None:
    # what an asset is renamed to is another pair
    pair = read_name(f"{base}/{quote}").pair

    name = name_of(pair)

    assert "/" not in name
    assert read_name(name).pair == pair


@pytest.mark.parametrize(
    ("price", "scale"),
    [
        (87_000.0, 100),
        (3000.5, 100),
        (120.0, 100),
        (12.5, 1000),
        (1.0, 10_000),
        (0.5, 100_000),
        (0.00001234, 1_000_000_000),
        (1e-30, 10**16),
    ],
)
def test_five_digits_or_two_decimals_are_shown(price: float, scale: int) -> None:
    assert price_scale(price) == scale


def test_a_pair_is_described_by_its_asset_s_name() -> None:
    assert describe(Pair("BTC", "EUR"), ASSETS) == "Bitcoin / EUR"
    assert describe(Pair("QQQ", "EUR"), ASSETS) == "QQQ / EUR"


LISTED = ["BCH/USDT", "XBTC/USDT", "BTC/EUR", "BTC/USDT", "BTCD/USDT"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BTC", ["BTC/USDT", "BTC/EUR", "BTCD/USDT"]),
        ("btc/e", ["BTC/EUR"]),
        ("DREAMMAKER:BCH", ["BCH/USDT"]),
        ("bitcoin c", ["BCH/USDT"]),
        ("cash", ["BCH/USDT"]),
        ("nothing", []),
    ],
)
def test_pairs_are_found_by_symbol_and_name(text: str, found: list[str]) -> None:
    assert [str(pair) for pair in find_pairs(LISTED, ASSETS, text, 10)] == found


def test_no_more_pairs_are_found_than_asked_for() -> None:
    assert find_pairs(LISTED, ASSETS, "", 1) == [Pair("BTC", "USDT")]


def test_bars_are_split_where_a_range_begins() -> None:
    bars = [Candle(at, 1.0, 1.0, 1.0, 1.0, 0.0, True) for at in (100, 200, 300)]

    assert split_at(bars, 200) == (bars[1:], 100)
    assert split_at(bars, 50) == (bars, None)
    assert split_at(bars, 301) == ([], 300)
    assert split_at([], 0) == ([], None)
