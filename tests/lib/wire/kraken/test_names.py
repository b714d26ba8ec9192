"""Kraken's names of pairs and assets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import SourceUnsupported
from lib.market import Pair
from lib.wire.kraken_names import parse_pair_name, wire_pair
from tests.conftest import Corpus

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


@pytest.mark.parametrize("name", ["XBT\x00USD", "\u00c4USD", "XBTUSD\n", "XBT USD"])
def test_a_key_of_other_characters_than_letters_and_digits_is_no_pair(name: str) -> None:
    assert parse_pair_name(name) is None
