"""What every provider of the sandbox stands on: the market, the time, and how answers are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lib.sandbox.assets import Asset
from lib.sandbox.market import Bar, Listed, Market
from lib.sandbox.noise import SPREAD, draws
from lib.sandbox.tree import Tick

FIRST_S: Final = 1_514_764_800
"""2018-01-01, a Monday: no venue's history goes further back. Trades are numbered from there."""

_MONDAY_S: Final = 345_600


class Quote(NamedTuple):
    """A pair's last 24 hours and its best offers, in ticks and lots."""

    day: Bar
    last: Tick
    bid: int
    ask: int
    bid_amount: int
    ask_amount: int


class Depth(NamedTuple):
    """Levels of (price in ticks, amount in lots), best first."""

    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class World:
    """The market at the clock's moment."""

    market: Market
    clock: Callable[[], int]

    def now_ms(self) -> int:
        """Unix milliseconds."""
        return self.clock()

    def now_s(self) -> int:
        """Unix seconds, rounded down."""
        return self.clock() // 1000

    def last(self, listed: Listed, at_s: int) -> Tick:
        """The newest trade of a pair."""
        tick = self.market.last(listed.asset, at_s)
        return tick._replace(price=listed.price(tick.price))

    def trades(self, listed: Listed, at_s: int, count: int) -> list[Tick]:
        """The newest trades of a pair, oldest first."""
        made = self.market.trades(listed.asset, at_s, count)
        return [tick._replace(price=listed.price(tick.price)) for tick in made]

    def bar(self, listed: Listed, from_s: int, to_s: int) -> Bar:
        """One bar of a pair."""
        return listed.bar(self.market.bar(listed.asset, from_s, to_s))

    def bars(self, listed: Listed, step_s: int, first_s: int, count: int, at_s: int) -> list[Bar]:
        """Bars of a pair, oldest first, the running one included."""
        made = self.market.bars(listed.asset, step_s, first_s, count, at_s)
        return [listed.bar(bar) for bar in made]

    def window(
        self,
        listed: Listed,
        step_s: int,
        limit: int,
        *,
        since_s: int | None = None,
        until_s: int | None = None,
        monday: bool = False,
        shift_s: int = 0,
    ) -> list[Bar]:
        """Bars that open within [since, until]: with a start the oldest, else the newest ones.

        They open at multiples of the step since the epoch, or a Monday, moved by `shift_s`.
        """
        now = self.now_s()
        anchor = (_MONDAY_S if monday else 0) + shift_s
        newest = now if until_s is None else min(now, until_s)
        newest -= (newest - anchor) % step_s
        start = max(FIRST_S, newest - (limit - 1) * step_s if since_s is None else since_s)
        first = anchor - (anchor - start) // step_s * step_s
        count = min(limit, (newest - first) // step_s + 1)
        return self.bars(listed, step_s, first, count, now) if count > 0 else []

    def quote(self, listed: Listed, at_s: int) -> Quote:
        """A pair's last 24 hours."""
        last = self.last(listed, at_s)
        bids, asks = self.depth(listed, at_s, 1, last)
        day = listed.bar(self.market.day(listed.asset, at_s))
        return Quote(day, last, bids[0][0], asks[0][0], bids[0][1], asks[0][1])

    def depth(self, listed: Listed, at_s: int, levels: int, last: Tick | None = None) -> Depth:
        """A pair's book: the last trade was made at one of its best prices."""
        last = last or self.last(listed, at_s)
        levels = min(levels, 1000)
        words = f"{self.market.seed}|{listed.asset.id}|book|{at_s}"
        own = draws(words, 4 * levels)
        spread = max(1, last.price // 8000)
        bid, ask = (
            (last.price - spread, last.price) if last.buy else (last.price, last.price + spread)
        )
        step = max(1, last.price // 20_000)
        usual = max(1, 3 * last.amount)
        bids: list[tuple[int, int]] = []
        asks: list[tuple[int, int]] = []
        for i in range(levels):
            deep = usual * (i + 4) // 4
            if bid > 0:
                bids.append((bid, max(1, int(deep * SPREAD[own[4 * i]]))))
            asks.append((ask, max(1, int(deep * SPREAD[own[4 * i + 1]]))))
            bid -= 1 + own[4 * i + 2] * step // 2048
            ask += 1 + own[4 * i + 3] * step // 2048
        return Depth(bids, asks)

    def price(self, asset: Asset, at_s: int) -> float:
        """A coin's price in dollars."""
        return self.market.price(asset, at_s)


def decimal(units: int, decimals: int, pad: int | None = None) -> str:
    """Whole units as a decimal number, exactly; padded with zeros to `pad` decimals."""
    whole, part = divmod(abs(units), 10**decimals)
    sign = "-" if units < 0 else ""
    text = f"{part:0{decimals}d}" if decimals else ""
    text = text.ljust(pad or 0, "0")
    return f"{sign}{whole}.{text}" if text else f"{sign}{whole}"


def short(units: int, decimals: int) -> str:
    """Whole units as a decimal number without zeros at its end."""
    text = decimal(units, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    content = msgspec.json.encode(body)
    return Response(content, status, headers, media_type="application/json")


def integer(request: Request, name: str, default: int) -> int:
    """A whole number of the query.

    Raises:
        ValueError: it is something else.
    """
    return int(request.query_params.get(name, default))


Row = dict[str, Any]
