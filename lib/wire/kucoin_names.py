"""How KuCoin spells pairs: as `BTC-USDT`, some assets by a former name."""

from typing import Final

from lib.market import Pair
from lib.wire.venues import read_pair

WIRE_NAMES: Final = {"BSV": "BCHSV", "GALA": "GALAX", "WAXP": "WAX"}
"""Assets that KuCoin shows by their own name but asks for by a former one, or by another."""

OWN_NAMES: Final = {wire: own for own, wire in WIRE_NAMES.items()}


def wire_symbol(pair: Pair) -> str:
    """`BTC/USDT` as KuCoin writes it, `BTC-USDT`."""
    return f"{WIRE_NAMES.get(pair.base, pair.base)}-{pair.quote}"


def own_pair(symbol: str) -> Pair | None:
    """A pair by the names that the rest of the market uses; `None`: not a name to ask for."""
    base, _, quote = symbol.partition("-")
    return read_pair(OWN_NAMES.get(base, base), quote)
