"""Former names on boards."""

from lib.market import Pair, Ticker
from lib.wire.renames import alias_renamed


def board(*symbols: str) -> dict[str, Ticker]:
    pairs = [Pair(*symbol.split("/")) for symbol in symbols]
    return {str(pair): Ticker(pair, float(n + 1), 7) for n, pair in enumerate(pairs)}


def test_a_former_name_is_served_as_the_present_one() -> None:
    renamed = alias_renamed(board("MATIC/USDT", "BTC/USDT"))

    assert renamed == {
        "POL/USDT": Ticker(Pair("POL", "USDT"), 1.0, 7),
        "BTC/USDT": Ticker(Pair("BTC", "USDT"), 2.0, 7),
    }


def test_the_present_name_is_never_replaced_by_the_former() -> None:
    renamed = alias_renamed(board("POL/USDT", "MATIC/USDT", "MATIC/BTC"))

    assert {key: row.last for key, row in renamed.items()} == {
        "POL/USDT": 1.0,
        "MATIC/USDT": 2.0,
        "POL/BTC": 3.0,
    }


def test_an_asset_that_was_exchanged_at_another_rate_keeps_its_name() -> None:
    assert set(alias_renamed(board("MKR/USDT", "GAL/USDT"))) == {"MKR/USDT", "GAL/USDT"}
