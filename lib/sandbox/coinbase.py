"""Coinbase Exchange, public market data. https://docs.cdp.coinbase.com/exchange/reference"""

from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lib.sandbox import coinbase_stream
from lib.sandbox.coinbase_stream import iso_micros
from lib.sandbox.market import Listed
from lib.sandbox.venues import pairs
from lib.sandbox.world import FIRST_S, Row, World, decimal, integer, reply, short

LISTED: Final = pairs(
    "USD", majors_in="EUR USDT GBP", without="BNB TON TRX KAS XMR FDUSD USDC CAKE"
)

_STEPS_S: Final = (60, 300, 900, 3600, 21_600, 86_400)
_MOST: Final = 300


def routes(world: World) -> list[BaseRoute]:
    """Its paths, and its socket."""
    rest = _Rest(world)
    return [
        Route("/time", rest.time),
        Route("/products", rest.products),
        Route("/products/{id}", rest.product),
        Route("/products/{id}/ticker", rest.ticker),
        Route("/products/{id}/stats", rest.stats),
        Route("/products/{id}/candles", rest.bars),
        Route("/products/{id}/book", rest.depth),
        Route("/products/{id}/trades", rest.trades),
        *coinbase_stream.routes(world, LISTED),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def time(self, _: Request) -> Response:
        now = self.world.now_ms()
        return reply({"iso": iso_micros(now), "epoch": now / 1000})

    async def products(self, _: Request) -> Response:
        return reply([_product(name, listed) for name, listed in LISTED.items()])

    async def product(self, request: Request) -> Response:
        listed = _asked(request)
        return reply(_product(request.path_params["id"].upper(), listed)) if listed else _unknown()

    async def ticker(self, request: Request) -> Response:
        listed = _asked(request)
        if listed is None:
            return _unknown()
        quote = self.world.quote(listed, self.world.now_s())
        p, a = listed.price_decimals, listed.amount_decimals
        row = {
            "trade_id": quote.last.second - FIRST_S,
            "price": short(quote.last.price, p),
            "size": decimal(quote.last.amount, a, 8),
            "bid": short(quote.bid, p),
            "ask": short(quote.ask, p),
            "volume": decimal(quote.day.volume, a, 8),
            "time": iso_micros(quote.last.second * 1000),
            "rfq_volume": "0",
        }
        return reply(row)

    async def stats(self, request: Request) -> Response:
        listed = _asked(request)
        if listed is None:
            return _unknown()
        at_s = self.world.now_s()
        day = self.world.quote(listed, at_s).day
        month = self.world.bar(listed, at_s - 30 * 86_400 + 1, at_s + 1)
        p, a = listed.price_decimals, listed.amount_decimals
        row = {
            "open": short(day.open, p),
            "high": short(day.high, p),
            "low": short(day.low, p),
            "last": short(day.close, p),
            "volume": decimal(day.volume, a, 8),
            "volume_30day": decimal(month.volume, a, 8),
            "rfq_volume_24hour": "0",
            "rfq_volume_30day": "0",
            "conversions_volume_24hour": "0",
            "conversions_volume_30day": "0",
        }
        return reply(row)

    async def bars(self, request: Request) -> Response:
        listed = _asked(request)
        if listed is None:
            return _unknown()
        try:
            step = integer(request, "granularity", 60)
            since, until = (_second(request.query_params.get(k)) for k in ("start", "end"))
        except ValueError:
            return reply({"message": "Invalid start or end"}, 400)
        if step not in _STEPS_S:
            return reply({"message": "Unsupported granularity"}, 400)
        if since is not None and until is not None and (until - since) / step > _MOST:
            message = (
                "granularity too small for the requested time range. "
                "Count of aggregations requested exceeds 300"
            )
            return reply({"message": message}, 400)
        bars = self.world.window(listed, step, _MOST, since_s=since, until_s=until)
        price, amount = 10.0**listed.price_decimals, 10.0**listed.amount_decimals
        rows = [
            [
                bar.open_ms // 1000,
                bar.low / price,
                bar.high / price,
                bar.open / price,
                bar.close / price,
                bar.volume / amount,
            ]
            for bar in reversed(bars)
        ]
        return reply(rows)

    async def depth(self, request: Request) -> Response:
        listed = _asked(request)
        if listed is None:
            return _unknown()
        level = request.query_params.get("level", "1")
        if level not in ("1", "2"):
            return reply({"message": "Invalid level"}, 400)
        now = self.world.now_ms()
        p, a = listed.price_decimals, listed.amount_decimals
        bids, asks = (
            [[short(price, p), decimal(amount, a, 8), 1 + amount % 5] for price, amount in side]
            for side in self.world.depth(listed, now // 1000, 1 if level == "1" else 500)
        )
        row = {
            "bids": bids,
            "asks": asks,
            "sequence": now // 1000 - FIRST_S,
            "time": iso_micros(now),
        }
        return reply({**row, "auction_mode": False, "auction": None})

    async def trades(self, request: Request) -> Response:
        listed = _asked(request)
        if listed is None:
            return _unknown()
        try:
            limit = max(1, min(integer(request, "limit", 1000), 1000))
        except ValueError:
            return reply({"message": "Invalid limit"}, 400)
        p, a = listed.price_decimals, listed.amount_decimals
        rows = [
            {
                "trade_id": tick.second - FIRST_S,
                # the maker's side: a buyer who takes is "sell" here
                "side": "sell" if tick.buy else "buy",
                "size": decimal(tick.amount, a, 8),
                "price": decimal(tick.price, p, 8),
                "time": iso_micros(tick.second * 1000),
            }
            for tick in reversed(self.world.trades(listed, self.world.now_s(), limit))
        ]
        return reply(rows)


def _asked(request: Request) -> Listed | None:
    return LISTED.get(request.path_params["id"].upper())


def _second(text: str | None) -> int | None:
    if not text:
        return None
    if text.isdecimal():
        return int(text)
    return int(datetime.fromisoformat(text).timestamp())


def _product(name: str, listed: Listed) -> Row:
    return {
        "id": name,
        "base_currency": listed.asset.symbol,
        "quote_currency": listed.quote,
        "base_min_size": decimal(1, listed.amount_decimals),
        "base_max_size": "1000000",
        "quote_increment": decimal(1, listed.price_decimals),
        "base_increment": decimal(1, listed.amount_decimals),
        "display_name": name,
        "min_market_funds": "1",
        "max_market_funds": "1000000",
        "margin_enabled": False,
        "post_only": False,
        "limit_only": False,
        "cancel_only": False,
        "trading_disabled": False,
        "status": "online",
        "status_message": "",
    }


def _unknown() -> Response:
    return reply({"message": "NotFound"}, 404)
