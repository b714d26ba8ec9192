"""How Kraken spells assets and pairs, read without a look-up."""

import re
from typing import Final

from lib.errors import SourceUnsupported
from lib.market import Pair
from lib.symbols import split_wire

OWN_NAMES: Final = {
    "XBT": "BTC",
    "XDG": "DOGE",
    "LUNA": "LUNC",  # the old Terra kept its ticker on Kraken
    "LUNA2": "LUNA",
    "UST": "USTC",
    "REP": "REPV1",  # so did the old Augur
    "REPV2": "REP",
}
"""Assets that Kraken calls by another name than the rest of the market does."""

WIRE_NAMES: Final = {own: wire for wire, own in OWN_NAMES.items()}

LEGACY: Final = {
    name: name[1:]
    for name in (
        "XDAO XETC XETH XICN XLTC XMLN XNMC XREP XXBT XXDG XXLM XXMR XXRP XXVN XZEC "
        "ZAUD ZCAD ZEUR ZGBP ZJPY ZKRW ZUSD"
    ).split()
}
"""The first assets carry an X (coin) or Z (money). A pair of two such is written with both."""

QUOTES: Final = (
    "USDT", "USDC", "USDD", "USDG", "USDQ", "USDR", "USD1", "EURC", "EURQ", "EURR", "EUROP",
    "FIDD", "USD", "EUR", "GBP", "CAD", "AUD", "JPY", "CHF", "AED", "BRL", "XBT", "ETH", "SOL",
    "DOT", "DAI", "POL",
)  # fmt: skip

# Some quotes end in USD themselves, and only a list can tell: ADAUSD is ADA/USD, but MONAUSD is
# MON/AUSD.
ODD_NAMES: Final = {
    "USDTZUSD": ("USDT", "USD"),
    "MONAUSD": ("MON", "AUSD"),
    "XBTAUSD": ("XBT", "AUSD"),
    **{
        base + quote: (base, quote)
        for base in ("XBT", "ETH", "SOL", "XRP", "USDC", "USDT")
        for quote in ("PYUSD", "RLUSD")
    },
}
"""Names that the other rules would split at the wrong place."""


_NAME: Final = re.compile(r"[A-Z0-9.]{2,40}")
_SPELLED_OUT: Final = re.compile(r"([A-Za-z0-9.]{1,20})/([A-Za-z0-9.]{1,20})")


def parse_spelled_out(name: str) -> Pair | None:
    """Read a pair's name with its slash (`XBT/USD`); `None` for what nobody can ask for."""
    found = _SPELLED_OUT.fullmatch(name)
    return own_pair(found[1], found[2]) if found else None


def parse_pair_name(name: str) -> Pair | None:
    """Read a pair's key (`XXBTZUSD`, `XBTUSDT`, `XTZUSD`); `None` if it makes no sense.

    Dark pools (`XXBTZUSD.d`) and tokenised stocks (`AAPLxUSD`) are none of our pairs.
    """
    if not _NAME.fullmatch(name):
        return None
    base, quote = name[:4], name[4:]
    if base in LEGACY and quote in LEGACY:
        return own_pair(LEGACY[base], LEGACY[quote])
    split = ODD_NAMES.get(name) or split_wire(name, QUOTES)
    return own_pair(*split) if split else None


def own_pair(base: str, quote: str) -> Pair:
    """A pair in the names that everybody uses."""
    return Pair(OWN_NAMES.get(base, base), OWN_NAMES.get(quote, quote))


def wire_pair(pair: Pair) -> str:
    """`BTC/USD` as Kraken takes it, `XBTUSD`.

    Raises:
        SourceUnsupported: Kraken would answer, but about another asset.
    """
    return _wire_asset(pair.base) + _wire_asset(pair.quote)


def _wire_asset(asset: str) -> str:
    if asset in OWN_NAMES and asset not in WIRE_NAMES:
        raise SourceUnsupported(f"kraken: {asset} stands for {OWN_NAMES[asset]} there")
    return WIRE_NAMES.get(asset, asset)
