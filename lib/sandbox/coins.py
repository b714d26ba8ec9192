"""What the aggregators say about coins: one row a coin, in dollars, ranked by market cap."""

from typing import Final, NamedTuple

from lib.sandbox.assets import ASSETS, Asset
from lib.sandbox.market import Bar
from lib.sandbox.world import World

HOUR_S: Final = 3600
DAY_S: Final = 86_400


class Coin(NamedTuple):
    """A coin at a moment; `day` is its last 24 hours in ticks."""

    asset: Asset
    rank: int
    price: float
    cap: float
    day: Bar

    @property
    def unit(self) -> float:
        """How many ticks make a dollar."""
        return 10.0**self.asset.price_decimals

    @property
    def volume(self) -> float:
        """Dollars traded in 24 hours."""
        return float(
            self.day.quote / 10.0 ** (self.asset.price_decimals + self.asset.amount_decimals)
        )

    @property
    def opened(self) -> float:
        """The price 24 hours ago."""
        return self.day.open / self.unit

    @property
    def full_value(self) -> float:
        """Market cap if every coin were about."""
        return self.price * (self.asset.maximum or self.asset.total)


def ranked(world: World, at_s: int) -> list[Coin]:
    """Every coin, greatest market cap first."""
    priced = [(world.price(asset, at_s), asset) for asset in ASSETS]
    priced.sort(key=lambda pair: -pair[0] * pair[1].circulating)
    return [
        Coin(asset, rank, price, price * asset.circulating, world.market.day(asset, at_s))
        for rank, (price, asset) in enumerate(priced, start=1)
    ]


def price_then(world: World, asset: Asset, at_s: int) -> float:
    """A coin's price at the beginning of a past minute."""
    minute = at_s - at_s % 60
    return world.market.bar(asset, minute, minute + 60).open / 10.0**asset.price_decimals


def volume_then(world: World, asset: Asset, at_s: int) -> float:
    """Dollars traded in the 24 hours before a past minute."""
    minute = at_s - at_s % 60
    bar = world.market.bar(asset, minute - DAY_S, minute)
    return float(bar.quote / 10.0 ** (asset.price_decimals + asset.amount_decimals))


def volume_change(world: World, coin: Coin, at_s: int) -> float:
    """A coin's volume of 24 hours against the 24 hours before, in percent."""
    before = world.market.day(coin.asset, at_s - DAY_S)
    return percent(coin.day.quote, before.quote)


def percent(now: float, then: float) -> float:
    """The change from then to now."""
    return (now - then) / then * 100
