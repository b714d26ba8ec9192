"""The mixed load's requests, and what must be true of the numbers in each one's answer."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from random import Random
from typing import Any, Final, NamedTuple

from drill.truth import SYMBOLS, Truth, known
from lib.timeframes import TIMEFRAME_MS

Body = dict[str, Any]
Check = Callable[[Truth, Body], str]
"""Returns what is wrong, or nothing."""


class Ask(NamedTuple):
    """One request.

    Attributes:
        lag_s: how much older than its `Age` the answer may be by its source's time; `None` where
            that says nothing.
        keep_s: how old it may be at most, however it is labelled.
    """

    path: str
    check: Check
    body: Body | None = None
    lag_s: float | None = None
    keep_s: float = 86_400


class Kind(NamedTuple):
    """A kind of request and its share of the load."""

    share: int
    make: Callable[[Random], Ask]


def price(rng: Random) -> Ask:
    symbol = rng.choice(SYMBOLS)
    path = rng.choice((f"/api/price/{symbol}", f"/api/service/rate?pair={symbol}/USDT"))
    return Ask(path, _real_price(symbol, "price"), lag_s=4, keep_s=300)


def ticker(rng: Random) -> Ask:
    symbol = rng.choice(SYMBOLS)
    return Ask(f"/api/ticker/{symbol}", _real_price(symbol, "last"), lag_s=4, keep_s=300)


def book(rng: Random) -> Ask:
    symbol = rng.choice(SYMBOLS)

    def check(truth: Truth, body: Body) -> str:
        at_ms = body["timestamp"]
        if truth.book(symbol, body["bids"], body["asks"], at_ms):
            return ""
        return f"no such book at {at_ms}: {body['bids'][:1]} {body['asks'][:1]}"

    return Ask(f"/api/orderbook/{symbol}?limit=10", check, lag_s=4, keep_s=60)


def trades(rng: Random) -> Ask:
    symbol = rng.choice(SYMBOLS)

    def check(truth: Truth, body: Body) -> str:
        rows = body["trades"]
        times = [row["timestamp"] for row in rows]
        if not rows or times != sorted(times):
            return "no trades, or not in order"
        bad = (r for r in rows if not truth.trade(symbol, r["price"], r["amount"], r["timestamp"]))
        return next((f"no such trade: {row}" for row in bad), "")

    return Ask(f"/api/trades/{symbol}?limit=10", check, lag_s=4, keep_s=60)


def candles(rng: Random) -> Ask:
    symbol, frame = rng.choice(SYMBOLS), rng.choice(("5m", "1h", "1d"))
    step_s = TIMEFRAME_MS[frame] // 1000

    def check(truth: Truth, body: Body) -> str:
        bars = body["data"]
        opens = [bar["t"] for bar in bars]
        steps = {b - a for a, b in pairwise(opens)}
        if not bars or steps - {step_s * 1000}:
            return f"no bars, or gaps between them: {steps}"
        at_ms = body["meta"]["as_of"]
        for bar in bars:
            real = (
                truth.closed_bar(symbol, bar, step_s)
                if bar["closed"]
                else truth.running_bar(symbol, bar, at_ms, step_s)
            )
            if not real:
                return f"no such bar, as of {at_ms}: {bar}"
        return ""

    return Ask(f"/api/ohlcv?symbol={symbol}&timeframe={frame}&limit=30", check)


def market(_: Random) -> Ask:
    def check(truth: Truth, body: Body) -> str:
        for row in body["items"]:
            at_ms = round(datetime.fromisoformat(row["last_updated"]).timestamp() * 1000)
            # its time has whole seconds, and a board is as old as its youngest row
            if known(row["symbol"]) and not truth.price(row["symbol"], row["price"], at_ms, 5):
                return f"{row['symbol']} never cost {row['price']} about {at_ms}"
        return "" if body["items"] else "no rows"

    return Ask("/api/market?limit=20", check)


def stats(_: Random) -> Ask:
    def check(truth: Truth, body: Body) -> str:
        cap, at_ms = body["global"]["total_market_cap"], body["timestamp"]
        return "" if truth.market_cap(cap, at_ms) else f"the market was not worth {cap} at {at_ms}"

    return Ask("/api/stats", check)


def sentiment(_: Random) -> Ask:
    def check(truth: Truth, body: Body) -> str:
        if body["index_source"] not in ("alternative_me", "coinmarketcap"):
            return ""  # our own index, made of what is checked elsewhere
        value, at_ms = body["value"], body["timestamp"]
        return "" if truth.mood(value, at_ms) else f"the mood was not {value} at {at_ms}"

    return Ask("/api/sentiment/global", check)


def news(_: Random) -> Ask:
    def check(_: Truth, body: Body) -> str:
        foreign = [row["url"] for row in body["news"] if ".sandbox.example/" not in row["url"]]
        return f"not of the sandbox: {foreign[0]}" if foreign else ""

    return Ask("/api/news/latest?limit=5", check)


def exchange(_: Random) -> Ask:
    return Ask("/api/exchange-info", lambda _, body: "" if body["symbols"] else "no pairs")


def signals(rng: Random) -> Ask:
    symbol = rng.choice(SYMBOLS)

    def check(truth: Truth, body: Body) -> str:
        for row in body["signals"]:
            # it enters at the close of the last bar: the trade just before the bar's end
            if not truth.price(symbol, row["entry_price"], row["timestamp"] - 1000, 0):
                return f"no close at {row['timestamp']}: {row['entry_price']}"
        return ""

    return Ask(f"/api/ai/signals?symbol={symbol}", check)


def forecast(rng: Random) -> Ask:
    symbol = rng.choice(SYMBOLS)
    asked = {"symbol": symbol, "timeframe": "1h", "horizon": rng.randint(1, 168)}

    def check(truth: Truth, body: Body) -> str:
        at_ms = body["timestamp"] - 1000
        if truth.price(symbol, body["current_price"], at_ms, 0):
            return ""
        return f"no close at {body['timestamp']}: {body['current_price']}"

    return Ask("/api/ai/predict", check, body=asked)


LOAD: Final = (
    Kind(24, price),
    Kind(14, ticker),
    Kind(14, book),
    Kind(12, trades),
    Kind(12, candles),
    Kind(6, market),
    Kind(3, stats),
    Kind(3, sentiment),
    Kind(3, news),
    Kind(1, exchange),
    Kind(3, signals),
    Kind(5, forecast),
)
"""Out of a hundred requests."""


def choose(rng: Random) -> Ask:
    """One request of the mix."""
    kind = rng.choices(LOAD, [kind.share for kind in LOAD])[0]
    return kind.make(rng)


def _real_price(symbol: str, field: str) -> Check:
    def check(truth: Truth, body: Body) -> str:
        at_ms = body["timestamp"]
        if truth.price(symbol, body[field], at_ms):
            return ""
        return f"{symbol} never cost {body[field]} about {at_ms}"

    return check
