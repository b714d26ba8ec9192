"""How Binance spells pairs: base and quote joined, with nothing in between."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from lib.market import Pair
from lib.wire.venues import read_pair

QUOTES: Final = frozenset(
    "AEUR ARS AUD BIDR BKRW BNB BRL BTC BUSD BVND COP CZK DAI DOGE DOT ETH EUR EURI FDUSD GBP GYEN "
    "IDR IDRT JPY KZT MXN NGN PAX PLN RLUSD RON RUB SOL TRX TRY TUSD UAH USD1 USDC USDP USDS USDT "
    "UST VAI XRP ZAR".split()
)
"""Every quote that Binance has had. Some end in another, so a suffix alone does not decide."""

SIZES: Final = sorted({len(quote) for quote in QUOTES}, reverse=True)

OWN_NAMES: Final = {"BCHSV": "BSV", "YOYO": "YOYOW"}
"""Assets that the rest of the market calls otherwise."""


def wire_symbol(pair: Pair) -> str:
    """`BTC/USDT` as Binance writes it, `BTCUSDT`."""
    return pair.base + pair.quote


def own_pair(base: str, quote: str) -> Pair | None:
    """A pair by the names that the rest of the market uses; `None`: not a name to ask for."""
    return read_pair(OWN_NAMES.get(base, base), quote)


def split_symbols(symbols: Iterable[str]) -> dict[str, Pair]:
    """Split joined spellings at their quotes; what cannot be split is left out.

    `LUNAEUR` could be LUNA in EUR or LUN in AEUR. Of several readings the one counts whose base
    has the most symbols with only one reading; among equals, the one with the longest quote.
    """
    readings = {symbol: found for symbol in symbols if (found := _readings(symbol))}
    known = Counter(found[0][0] for found in readings.values() if len(found) == 1)
    pairs = {}
    for symbol, found in readings.items():
        base, quote = max(found, key=lambda reading: known[reading[0]])
        if pair := own_pair(base, quote):
            pairs[symbol] = pair
    return pairs


def _readings(symbol: str) -> list[tuple[str, str]]:
    """(base, quote), the longest quote first."""
    return [
        (symbol[:-size], symbol[-size:])
        for size in SIZES
        if len(symbol) > size and symbol[-size:] in QUOTES
    ]
