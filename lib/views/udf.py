"""TradingView's UDF: its names of symbols and resolutions, and ours.

https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from math import floor, log10
from typing import Final

from lib.assets import AssetTable
from lib.errors import InvalidParameter
from lib.market import Candle, Pair
from lib.symbols import QUOTES, Spoken, parse_symbol

EXCHANGE: Final = "DREAMMAKER"
"""Under which every symbol stands: its data come from whichever venue answers."""

RESOLUTIONS: Final = {
    "1": "1m",
    "5": "5m",
    "15": "15m",
    "30": "30m",
    "60": "1h",
    "240": "4h",
    "1D": "1d",
    "1W": "1w",
}
"""Our time frame for each resolution that a chart may ask for."""

INTRADAY: Final = tuple(name for name in RESOLUTIONS if name.isdigit())
"""Those shorter than a day."""

_ALSO: Final = {"D": "1D", "W": "1W", "1H": "60", "4H": "240"}

_DIGITS, _FEWEST, _MOST = 5, 2, 16
"""Digits that tell prices of one pair apart, and decimals that a chart can show."""


def read_resolution(text: str) -> str:
    """Our time frame.

    Raises:
        InvalidParameter: a chart is not offered this one.
    """
    asked = text.strip().upper()
    frame = RESOLUTIONS.get(_ALSO.get(asked, asked))
    if frame is None:
        raise InvalidParameter.of("resolution", text, f"one of {', '.join(RESOLUTIONS)}")
    return frame


def read_name(text: str) -> Spoken:
    """A chart's name of a pair, with or without `DREAMMAKER:` before it.

    Raises:
        InvalidParameter: it is no symbol at all.
    """
    upper = text.strip().upper()
    return parse_symbol(upper.removeprefix(f"{EXCHANGE}:"))


def name_of(pair: Pair) -> str:
    """What a chart calls a pair. Never with a slash, which charts read as a division."""
    joined = f"{pair.base}{pair.quote}"
    return joined if parse_symbol(joined).pair == pair else f"{pair.base}-{pair.quote}"


def describe(pair: Pair, assets: AssetTable) -> str:
    """A pair in words: `Bitcoin / USDT`."""
    asset = assets.of(pair.base)
    return f"{asset.name if asset else pair.base} / {pair.quote}"


def price_scale(price: float) -> int:
    """Ten to the power of the decimals to show: five digits or more, two decimals or more."""
    decimals = _DIGITS - 1 - floor(log10(price))
    return int(10 ** min(_MOST, max(_FEWEST, decimals)))


def find_pairs(listed: Iterable[str], assets: AssetTable, text: str, most: int) -> list[Pair]:
    """Pairs whose name begins with a text, or whose asset's name holds it; the closest match
    first, then the largest assets, then the usual quotes."""
    wanted = "".join(ch for ch in text.upper().removeprefix(f"{EXCHANGE}:") if ch.isalnum())
    ranks = {asset.symbol: place for place, asset in enumerate(assets)}
    names = {asset.symbol: asset.name.upper() for asset in assets}
    quotes = {quote: place for place, quote in enumerate(QUOTES)}
    found = []
    for key in listed:
        base, _, quote = key.partition("/")
        if f"{base}{quote}".startswith(wanted):
            closeness = 0 if base == wanted else 1
        elif text.strip().upper() in names.get(base, ""):
            closeness = 2
        else:
            continue
        rank = ranks.get(base, len(ranks))
        found.append((closeness, rank, quotes.get(quote, len(quotes)), base, quote))
    return [Pair(base, quote) for *_, base, quote in islice(sorted(found), most)]


def split_at(bars: Sequence[Candle], from_ms: int) -> tuple[list[Candle], int | None]:
    """The bars that open at a moment or after it, and the open of the last one before it."""
    inside = [bar for bar in bars if bar.open_ms >= from_ms]
    before = bars[: len(bars) - len(inside)]
    return inside, before[-1].open_ms if before else None
