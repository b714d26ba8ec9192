"""Binance's joined symbols, split."""

import pytest

from lib.wire.binance_names import split_symbols
from tests.conftest import Corpus


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
