"""Boards of venues that still list an asset under its former name."""

from collections.abc import Mapping

import msgspec

from lib.market import Pair, Ticker
from lib.symbols import RENAMES


def alias_renamed(board: Mapping[str, Ticker]) -> dict[str, Ticker]:
    """Key each ticker by its asset's present name, so that `POL/USDT` finds `MATIC/USDT`.

    Only where one old unit is one new unit, and never over a ticker of the present name itself.
    """
    return {ticker.pair.base + "/" + ticker.pair.quote: ticker for ticker in _present(board)}


def _present(board: Mapping[str, Ticker]) -> list[Ticker]:
    return [
        msgspec.structs.replace(ticker, pair=now)
        if (now := _now(ticker.pair)) != ticker.pair and str(now) not in board
        else ticker
        for ticker in board.values()
    ]


def _now(pair: Pair) -> Pair:
    rename = RENAMES.get(pair.base)
    return Pair(rename.now, pair.quote) if rename and rename.same_unit else pair
