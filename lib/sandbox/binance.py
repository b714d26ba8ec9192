"""Binance spot, public market data. https://developers.binance.com/docs/binance-spot-api-docs"""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lib.sandbox import binance_stream
from lib.sandbox.binance_rules import DEAD, LISTED, dead_day, rule
from lib.sandbox.world import FIRST_S, Row, World, decimal, integer, reply

_INTERVALS_S: Final = {
    "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "4h": 14_400,
    "6h": 21_600, "8h": 28_800, "12h": 43_200, "1d": 86_400, "3d": 259_200, "1w": 604_800,
}  # fmt: skip

_INVALID_SYMBOL: Final = (-1121, "Invalid symbol.")
_INVALID_INTERVAL: Final = (-1120, "Invalid interval.")


def routes(world: World) -> list[BaseRoute]:
    """Its paths and sockets."""
    rest = _Rest(world)
    return [
        Route("/api/v3/ping", rest.ping),
        Route("/api/v3/time", rest.time),
        Route("/api/v3/ticker/24hr", rest.day),
        Route("/api/v3/ticker/price", rest.price),
        Route("/api/v3/ticker/bookTicker", rest.best),
        Route("/api/v3/klines", rest.klines),
        Route("/api/v3/depth", rest.depth),
        Route("/api/v3/trades", rest.trades),
        Route("/api/v3/exchangeInfo", rest.rules),
        *binance_stream.routes(world, rest.day_of),
    ]


class _Refused(Exception):
    """A request that Binance would not answer."""


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def ping(self, _: Request) -> Response:
        return _weighed({}, 1)

    async def time(self, _: Request) -> Response:
        return _weighed({"serverTime": self.world.now_ms()}, 1)

    async def day(self, request: Request) -> Response:
        try:
            names, many = _asked(request)
        except _Refused:
            return _refusal(*_INVALID_SYMBOL)
        now = self.world.now_ms()
        rows = [self.day_of(name, now) for name in names]
        return _weighed(rows if many else rows[0], 80 if len(rows) > 100 else 2)

    def day_of(self, name: str, now_ms: int) -> Row:
        listed = LISTED.get(name)
        at_s = now_ms // 1000
        if listed is None:
            return dead_day(name, now_ms)
        p, a, q = listed.price_decimals, listed.amount_decimals, listed.quote_decimals
        quote = self.world.quote(listed, at_s)
        day, last = quote.day, quote.last
        mean = round(day.quote * 10 ** (p + a - q) / day.volume)
        first_id = day.open_ms // 1000 - FIRST_S
        return {
            "symbol": name,
            "priceChange": decimal(day.close - day.open, p, 8),
            "priceChangePercent": f"{(day.close - day.open) / day.open * 100:.3f}",
            "weightedAvgPrice": decimal(mean, p, 8),
            "prevClosePrice": decimal(day.open, p, 8),
            "lastPrice": decimal(last.price, p, 8),
            "lastQty": decimal(last.amount, a, 8),
            "bidPrice": decimal(quote.bid, p, 8),
            "bidQty": decimal(quote.bid_amount, a, 8),
            "askPrice": decimal(quote.ask, p, 8),
            "askQty": decimal(quote.ask_amount, a, 8),
            "openPrice": decimal(day.open, p, 8),
            "highPrice": decimal(day.high, p, 8),
            "lowPrice": decimal(day.low, p, 8),
            "volume": decimal(day.volume, a, 8),
            "quoteVolume": decimal(day.quote, q, 8),
            "openTime": now_ms - 86_400_000,
            "closeTime": now_ms,
            "firstId": first_id,
            "lastId": first_id + day.trades - 1,
            "count": day.trades,
        }

    async def price(self, request: Request) -> Response:
        try:
            names, many = _asked(request)
        except _Refused:
            return _refusal(*_INVALID_SYMBOL)
        at_s = self.world.now_s()
        rows = []
        for name in names:
            listed = LISTED.get(name)
            ticks = self.world.last(listed, at_s).price if listed else 0
            decimals = listed.price_decimals if listed else 8
            rows.append({"symbol": name, "price": decimal(ticks, decimals, 8)})
        return _weighed(rows if many else rows[0], 2)

    async def best(self, request: Request) -> Response:
        try:
            names, many = _asked(request)
        except _Refused:
            return _refusal(*_INVALID_SYMBOL)
        keys = ("symbol", "bidPrice", "bidQty", "askPrice", "askQty")
        days = [self.day_of(name, self.world.now_ms()) for name in names]
        rows = [{key: day[key] for key in keys} for day in days]
        return _weighed(rows if many else rows[0], 2)

    async def klines(self, request: Request) -> Response:
        listed = LISTED.get(request.query_params.get("symbol", ""))
        interval = request.query_params.get("interval", "")
        try:
            limit = integer(request, "limit", 500)
            since, until = integer(request, "startTime", -1), integer(request, "endTime", -1)
        except ValueError:
            return _refusal(-1100, "Illegal characters found in a parameter.")
        if listed is None:
            return _refusal(*_INVALID_SYMBOL)
        if interval not in _INTERVALS_S:
            return _refusal(*_INVALID_INTERVAL)
        if limit < 1 or since > until > -1:
            return _refusal(-1130, "Data sent for parameter is not valid.")
        step = _INTERVALS_S[interval]
        bars = self.world.window(
            listed,
            step,
            min(limit, 1000),
            since_s=-(-since // 1000) if since >= 0 else None,
            until_s=until // 1000 if until >= 0 else None,
            monday=interval == "1w",
        )
        p, a, q = listed.price_decimals, listed.amount_decimals, listed.quote_decimals
        rows = [
            [
                bar.open_ms,
                decimal(bar.open, p, 8),
                decimal(bar.high, p, 8),
                decimal(bar.low, p, 8),
                decimal(bar.close, p, 8),
                decimal(bar.volume, a, 8),
                bar.open_ms + step * 1000 - 1,
                decimal(bar.quote, q, 8),
                bar.trades,
                decimal(bar.volume // 2, a, 8),
                decimal(bar.quote // 2, q, 8),
                "0",
            ]
            for bar in bars
        ]
        return _weighed(rows, 2)

    async def depth(self, request: Request) -> Response:
        listed = LISTED.get(request.query_params.get("symbol", ""))
        if listed is None:
            return _refusal(*_INVALID_SYMBOL)
        try:
            limit = integer(request, "limit", 100)
        except ValueError:
            return _refusal(-1100, "Illegal characters found in parameter 'limit'.")
        at_s = self.world.now_s()
        book = self.world.depth(listed, at_s, max(1, limit))
        p, a = listed.price_decimals, listed.amount_decimals
        bids, asks = (
            [[decimal(price, p, 8), decimal(amount, a, 8)] for price, amount in side]
            for side in book
        )
        return _weighed({"lastUpdateId": at_s, "bids": bids, "asks": asks}, 5)

    async def trades(self, request: Request) -> Response:
        listed = LISTED.get(request.query_params.get("symbol", ""))
        if listed is None:
            return _refusal(*_INVALID_SYMBOL)
        try:
            limit = integer(request, "limit", 500)
        except ValueError:
            return _refusal(-1100, "Illegal characters found in parameter 'limit'.")
        p, a = listed.price_decimals, listed.amount_decimals
        rows = [
            {
                "id": tick.second - FIRST_S,
                "price": decimal(tick.price, p, 8),
                "qty": decimal(tick.amount, a, 8),
                "quoteQty": decimal(tick.price * tick.amount, p + a, 8),
                "time": tick.second * 1000,
                "isBuyerMaker": not tick.buy,
                "isBestMatch": True,
            }
            for tick in self.world.trades(listed, self.world.now_s(), max(1, min(limit, 1000)))
        ]
        return _weighed(rows, 25)

    async def rules(self, request: Request) -> Response:
        try:
            names, _ = _asked(request)
        except _Refused:
            return _refusal(*_INVALID_SYMBOL)
        limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
        body = {
            "timezone": "UTC",
            "serverTime": self.world.now_ms(),
            "rateLimits": [{**limit, "limit": 6000}],
            "exchangeFilters": [],
            "symbols": [rule(name) for name in names],
        }
        return _weighed(body, 20)


def _asked(request: Request) -> tuple[list[str], bool]:
    # which symbols, and whether the answer is a list
    one, some = request.query_params.get("symbol"), request.query_params.get("symbols")
    if one is None and some is None:
        return [*LISTED, *(symbol + "USDT" for symbol in DEAD)], True
    try:
        names = [one] if one is not None else msgspec.json.decode(some or "", type=list[str])
    except msgspec.MsgspecError as error:
        raise _Refused from error
    if not names or any(n not in LISTED and n.removesuffix("USDT") not in DEAD for n in names):
        raise _Refused
    return names, one is None


def _weighed(body: object, weight: int) -> Response:
    headers = {"x-mbx-used-weight": str(weight), "x-mbx-used-weight-1m": str(weight)}
    return reply(body, headers=headers)


def _refusal(code: int, message: str) -> Response:
    return reply({"code": code, "msg": message}, 400)
