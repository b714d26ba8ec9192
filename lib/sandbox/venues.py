"""What the smaller venues list: which coins against which currencies."""

from typing import Final

from lib.sandbox.assets import ASSETS, BY_SYMBOL, PER_USD
from lib.sandbox.market import Listed

MAJORS: Final = "BTC ETH SOL XRP DOGE ADA AVAX LINK LTC DOT".split()


def pairs(
    quotes: str, *, majors_in: str = "", without: str = "", separator: str = "-"
) -> dict[str, Listed]:
    """Every coin in each of `quotes`, the major ones in `majors_in` too: `BTC-USDT` and so on."""
    left_out = set(without.split())
    coins = [a for a in ASSETS if not a.twin and a.symbol not in left_out]
    rows = [(asset, quote) for asset in coins for quote in quotes.split()]
    rows += [(BY_SYMBOL[symbol], quote) for symbol in MAJORS for quote in majors_in.split()]
    return {
        f"{asset.symbol}{separator}{quote}": Listed(
            asset, quote, round(PER_USD.get(quote, 1) * 10_000)
        )
        for asset, quote in rows
        if asset.symbol != quote
    }
