"""How people and venues write assets and pairs, and what they mean by it."""

import re
from typing import NamedTuple

from lib.errors import InvalidParameter
from lib.market import Pair

QUOTES = (
    "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USD1", "USDD", "DAI", "USD", "EUR", "GBP", "TRY",
    "BRL", "JPY", "AUD", "CAD", "CHF", "ARS", "MXN", "PLN", "ZAR", "IDR", "RUB", "UAH", "NGN",
    "KRW", "INR", "BTC", "ETH", "BNB", "XRP", "TRX", "DOGE", "SOL", "KCS", "PAX", "OKB",
)  # fmt: skip
"""Assets that something is priced in, longest first where one ends in another."""

FIAT = frozenset(
    {"USD", "EUR", "GBP", "TRY", "BRL", "JPY", "AUD", "CAD", "CHF", "ARS", "MXN", "PLN", "ZAR"}
    | {"IDR", "RUB", "UAH", "NGN", "KRW", "INR", "CNY", "HKD", "SGD", "THB", "VND", "PHP", "MYR"}
    | {"SEK", "NOK", "DKK", "CZK", "HUF", "ILS", "NZD", "TWD", "AED", "SAR", "PKR", "BDT", "LKR"}
)

ENDS_LIKE_A_QUOTE = frozenset(
    "WBTC CBBTC TBTC LBTC FBTC RENBTC HBTC SBTC SOLVBTC BTCB WETH STETH WSTETH RETH CBETH WEETH "
    "EZETH METH BETH WBETH OSETH RSETH FRXETH SFRXETH ANKRETH SWETH WBNB STBNB SLISBNB ASBNB WXRP "
    "JITOSOL MSOL BNSOL WSOL BSOL JUPSOL STSOL TUSD BUSD FDUSD PYUSD SUSD LUSD GUSD HUSD CUSD "
    "CRVUSD RLUSD OUSD ZUSD DOLAUSD MUSD FRXUSD SDAI XDAI AEUR CEUR SEUR STARS MARS AIDOGE "
    "WDOGE WTRX BABYDOGE PAX CKCS".split()
)
"""Assets whose own name ends in a quote: never split without a separator."""


class Rename(NamedTuple):
    """An asset's present name, and whether one old unit became one new unit."""

    now: str
    same_unit: bool


RENAMES = {
    "MATIC": Rename("POL", True),
    "FTM": Rename("S", True),
    "RNDR": Rename("RENDER", True),
    "EOS": Rename("A", True),
    "KLAY": Rename("KAIA", True),
    "STARK": Rename("STRK", True),
    "XBT": Rename("BTC", True),
    "XDG": Rename("DOGE", True),
    "MKR": Rename("SKY", False),
    "GAL": Rename("G", False),
    "AGIX": Rename("FET", False),
    "OCEAN": Rename("FET", False),
}
"""Renamed assets. Where a unit changed hands at another rate, an old price is not the new one's."""

# BNBUSD is BNB/USD and DOTUSD is DOT/USD: a quote that is a letter and USD counts only where what
# is left was really priced in it.
_DOUBTFUL = frozenset({"TUSD", "BUSD"})
_PRICED_IN_DOUBTFUL = frozenset("BTC ETH BNB XRP SOL ADA DOGE TRX LTC".split())

_FORM = re.compile(r"[A-Z0-9]{1,20}(?:[/_\-:][A-Z0-9]{1,20})?")
_ACCEPTED = "a symbol such as BTC, BTCUSDT, BTC/USDT, BTC-USDT or BTC_USDT"


class Spoken(NamedTuple):
    """What a caller wrote, understood."""

    pair: Pair
    bare: bool  # no quote was written
    renamed_from: str | None

    @property
    def echo(self) -> str:
        """The base if only a base was asked, else the pair."""
        return self.pair.base if self.bare else str(self.pair)


def parse_symbol(text: str, quote: str = "USDT", field: str = "symbol") -> Spoken:
    """Read any spelling of an asset or a pair; a missing quote becomes `quote`.

    Raises:
        InvalidParameter: it is no symbol at all.
    """
    upper = text.strip(" ").upper()
    if not text.isascii() or not _FORM.fullmatch(upper):
        raise InvalidParameter.of(field, text, _ACCEPTED)
    base, written_quote = _split(upper)
    renamed = RENAMES.get(base)
    if renamed:
        base, renamed_from = renamed.now, base
    else:
        renamed_from = None
    priced_in = written_quote or quote
    if priced_in == base and not written_quote:
        priced_in = "USD"  # Tether itself is priced in dollars
    return Spoken(Pair(base, priced_in), written_quote is None, renamed_from)


def _split(upper: str) -> tuple[str, str | None]:
    parts = re.split(r"[/_\-:]", upper)
    if len(parts) == 2:
        return parts[0], _current(parts[1])
    if upper in ENDS_LIKE_A_QUOTE:
        return upper, None
    split = split_wire(upper)
    if split and split[1] in _DOUBTFUL and split[0] not in _PRICED_IN_DOUBTFUL:
        split = upper[:-3], "USD"
    return split or (upper, None)


def _current(asset: str) -> str:
    renamed = RENAMES.get(asset)
    return renamed.now if renamed and renamed.same_unit else asset


def split_wire(symbol: str, quotes: tuple[str, ...] = QUOTES) -> tuple[str, str] | None:
    """Split a venue's joined spelling (`BTCUSDT`) at its quote; `None` if no quote fits."""
    for quote in quotes:
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return symbol[: -len(quote)], quote
    return None
