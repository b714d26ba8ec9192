"""What the upstreams' market really was: computed from the sandbox's seed and the time alone."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from lib.sandbox.assets import ASSETS, BY_SYMBOL, Asset
from lib.sandbox.clock import SandboxClock
from lib.sandbox.coins import ranked
from lib.sandbox.market import Listed, Market
from lib.sandbox.mood import mood
from lib.sandbox.world import World

SYMBOLS: Final = ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "DOT")
"""Coins that every venue lists."""

SLACK_S: Final = 2
"""A source's time may be rounded, or be that of its answer rather than of the trade."""

_NEAR: Final = 1e-9
_LEVELS: Final = 20
_DAY_S: Final = 86_400


class Truth:
    """Says of a number whether the sandbox's market had it at that time; times in Unix ms."""

    def __init__(self, seed: int) -> None:
        self._market = Market(seed)
        self._world = World(self._market, SandboxClock())
        self.price_at = lru_cache(20_000)(self._price_at)
        self._book_at = lru_cache(2000)(self._find_book)
        self._cap_at = lru_cache(500)(self._find_cap)

    def price(self, symbol: str, price: object, at_ms: int, slack_s: int = SLACK_S) -> bool:
        """Whether a coin cost that many dollars within `slack_s` before, or a second after."""
        asset = BY_SYMBOL[symbol]
        return any(_same(price, self.price_at(asset, at_s)) for at_s in _around(at_ms, slack_s))

    def trade(self, symbol: str, price: object, amount: object, at_ms: int) -> bool:
        """Whether this was traded in that second."""
        asset = BY_SYMBOL[symbol]
        tick = self._market.last(asset, at_ms // 1000)
        unit = 10.0**asset.amount_decimals
        return _same(price, tick.price / 10.0**asset.price_decimals) and _same(
            amount, tick.amount / unit
        )

    def book(self, symbol: str, bids: object, asks: object, at_ms: int) -> bool:
        """Whether a book stood like this, as deep as is told."""
        asset = BY_SYMBOL[symbol]
        return any(
            _same_levels(bids, own[0]) and _same_levels(asks, own[1])
            for own in (self._book_at(asset, at_s) for at_s in _around(at_ms, SLACK_S))
        )

    def closed_bar(self, symbol: str, bar: dict[str, object], step_s: int) -> bool:
        """Whether a closed bar has the market's open, high, low, close and volume."""
        asset = BY_SYMBOL[symbol]
        at_s = int(str(bar["t"])) // 1000
        real = self._market.bar(asset, at_s, at_s + step_s)
        unit = 10.0**asset.price_decimals
        prices = (real.open, real.high, real.low, real.close)
        told = (bar["o"], bar["h"], bar["l"], bar["c"])
        volume = real.volume / 10.0**asset.amount_decimals
        return all(
            _same(said, ticks / unit) for said, ticks in zip(told, prices, strict=True)
        ) and (bar["v"] is None or _same(bar["v"], volume))

    def running_bar(self, symbol: str, bar: dict[str, object], at_ms: int, step_s: int) -> bool:
        """Whether a bar that grew until about `at_ms` opened, and last traded, at real prices."""
        asset = BY_SYMBOL[symbol]
        opened_s = int(str(bar["t"])) // 1000
        real = self._market.bar(asset, opened_s, opened_s + step_s)
        unit = 10.0**asset.price_decimals
        inside = all(
            isinstance(bar[k], int | float)
            and real.low / unit * (1 - _NEAR) <= bar[k] <= real.high / unit * (1 + _NEAR)  # type: ignore[operator] # just checked
            for k in "hlc"
        )
        last = max(at_ms, opened_s * 1000)
        return (
            inside and _same(bar["o"], real.open / unit) and self.price(symbol, bar["c"], last, 65)
        )

    def market_cap(self, dollars: object, at_ms: int) -> bool:
        """Whether all coins together were worth that."""
        return any(_same(dollars, self._cap_at(at_s), 1e-6) for at_s in _around(at_ms, SLACK_S))

    def mood(self, value: object, at_ms: int) -> bool:
        """Whether that was the day's fear and greed."""
        days = {at_ms // 1000 // _DAY_S * _DAY_S, (at_ms // 1000 - 5) // _DAY_S * _DAY_S}
        return value in {mood(self._world, day) for day in days}

    def _price_at(self, asset: Asset, at_s: int) -> float:
        return self._market.price(asset, at_s)

    def _find_book(self, asset: Asset, at_s: int) -> tuple[list[list[float]], list[list[float]]]:
        depth = self._world.depth(Listed(asset, "USDT"), at_s, _LEVELS)
        price, amount = 10.0**asset.price_decimals, 10.0**asset.amount_decimals
        bids, asks = ([[p / price, a / amount] for p, a in side] for side in depth)
        return bids, asks

    def _find_cap(self, at_s: int) -> float:
        return sum(coin.cap for coin in ranked(self._world, at_s))


def known(symbol: str) -> bool:
    """Whether the sandbox knows this ticker as one coin's."""
    return symbol in BY_SYMBOL and sum(asset.symbol == symbol for asset in ASSETS) == 1


def _around(at_ms: int, slack_s: int) -> Iterable[int]:
    at_s = at_ms // 1000
    return (at_s, *range(at_s - 1, at_s - slack_s - 1, -1), at_s + 1)


def _same(told: object, real: float, near: float = _NEAR) -> bool:
    return isinstance(told, int | float) and abs(told - real) <= near * abs(real)


def _same_levels(told: object, real: list[list[float]]) -> bool:
    return (
        isinstance(told, list)
        and len(told) > 0
        and all(
            len(mine) == 2 and all(_same(a, b) for a, b in zip(mine, own, strict=True))
            for mine, own in zip(told, real, strict=False)
        )
    )
