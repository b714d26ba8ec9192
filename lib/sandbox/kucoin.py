"""KuCoin spot, public market data. https://www.kucoin.com/docs-new/rest/spot-trading/market-data"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.venues import pairs
from lib.sandbox.world import FIRST_S, Row, World, decimal, integer, reply, short

_SHOWN: Final = {"GALAX-USDT": "GALA-USDT"}
"""Asked for by one name, shown by another."""
_ASKED: Final = {shown: asked for asked, shown in _SHOWN.items()}

LISTED: Final = {
    _ASKED.get(name, name): listed for name, listed in pairs("USDT", majors_in="USDC EUR").items()
}
_DEAD: Final = ("MATIC-USDT", "FTM-USDT")
"""Still in the list of tickers, with nothing traded in them: high, low and change are absent."""

_BARS_S: Final = {
    "1min": 60, "3min": 180, "5min": 300, "15min": 900, "30min": 1800, "1hour": 3600,
    "2hour": 7200, "4hour": 14_400, "6hour": 21_600, "8hour": 28_800, "12hour": 43_200,
    "1day": 86_400, "1week": 604_800,
}  # fmt: skip
_FEES: Final = {
    "takerFeeRate": "0.001",
    "makerFeeRate": "0.001",
    "takerCoefficient": "1",
    "makerCoefficient": "1",
}


def routes(world: World) -> list[Route]:
    """Its paths."""
    rest = _Rest(world)
    return [
        Route("/api/v1/timestamp", rest.time),
        Route("/api/v2/symbols", rest.rules),
        Route("/api/v1/market/allTickers", rest.tickers),
        Route("/api/v1/market/stats", rest.stats),
        Route("/api/v1/market/orderbook/level1", rest.best),
        Route("/api/v1/market/orderbook/level2_{depth:int}", rest.depth),
        Route("/api/v1/market/candles", rest.bars),
        Route("/api/v1/market/histories", rest.trades),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def time(self, _: Request) -> Response:
        return _answer(self.world.now_ms())

    async def rules(self, _: Request) -> Response:
        return _answer([_rule(name) for name in (*LISTED, *_DEAD)])

    async def tickers(self, _: Request) -> Response:
        now = self.world.now_ms()
        rows = [self._ticker(name, now // 1000) for name in LISTED]
        rows += [_dead(name) for name in _DEAD]
        return _answer({"time": now, "ticker": rows})

    async def stats(self, request: Request) -> Response:
        name = request.query_params.get("symbol", "")
        if name not in LISTED:
            return _unknown()
        now = self.world.now_ms()
        left_out = ("symbolName", "bestBidSize", "bestAskSize")
        row = {k: v for k, v in self._ticker(name, now // 1000).items() if k not in left_out}
        return _answer({"time": now, **row})

    def _ticker(self, name: str, at_s: int) -> Row:
        listed = LISTED[name]
        p, a = listed.price_decimals, listed.amount_decimals
        quote = self.world.quote(listed, at_s)
        day = quote.day
        mean = day.quote // (day.volume * 10 ** (listed.quote_decimals - p - a))
        return {
            "symbol": name,
            "symbolName": _SHOWN.get(name, name),
            "buy": short(quote.bid, p),
            "bestBidSize": short(quote.bid_amount, a),
            "sell": short(quote.ask, p),
            "bestAskSize": short(quote.ask_amount, a),
            "changeRate": f"{(day.close - day.open) / day.open:.4f}",
            "changePrice": short(day.close - day.open, p),
            "high": short(day.high, p),
            "low": short(day.low, p),
            "vol": short(day.volume, a),
            "volValue": short(day.quote, listed.quote_decimals),
            "last": short(quote.last.price, p),
            "averagePrice": short(mean, p),
            **_FEES,
        }

    async def best(self, request: Request) -> Response:
        listed = LISTED.get(request.query_params.get("symbol", ""))
        if listed is None:
            return _answer(None)
        at_s = self.world.now_s()
        p, a = listed.price_decimals, listed.amount_decimals
        quote = self.world.quote(listed, at_s)
        row = {
            "time": at_s * 1000,
            "sequence": str(at_s - FIRST_S),
            "price": short(quote.last.price, p),
            "size": short(quote.last.amount, a),
            "bestBid": short(quote.bid, p),
            "bestBidSize": short(quote.bid_amount, a),
            "bestAsk": short(quote.ask, p),
            "bestAskSize": short(quote.ask_amount, a),
        }
        return _answer(row)

    async def depth(self, request: Request) -> Response:
        levels = request.path_params["depth"]
        if levels not in (20, 100):
            return reply({"code": "404", "msg": "Not Found"}, 404)
        listed = LISTED.get(request.query_params.get("symbol", ""))
        if listed is None:
            return _unknown()
        now = self.world.now_ms()
        p, a = listed.price_decimals, listed.amount_decimals
        bids, asks = (
            [[short(price, p), short(amount, a)] for price, amount in side]
            for side in self.world.depth(listed, now // 1000, levels)
        )
        sequence = str(now // 1000 - FIRST_S)
        return _answer({"time": now, "sequence": sequence, "bids": bids, "asks": asks})

    async def bars(self, request: Request) -> Response:
        listed = LISTED.get(request.query_params.get("symbol", ""))
        step = _BARS_S.get(request.query_params.get("type", ""))
        if listed is None:
            return _unknown()
        if step is None:
            return reply({"code": "400100", "msg": "Incorrect candlestick type"})
        try:
            since, until = integer(request, "startAt", 0), integer(request, "endAt", 0)
        except ValueError:
            return reply({"code": "400100", "msg": "Invalid time"})
        bars = self.world.window(listed, step, 1500 if since else 100, until_s=until or None)
        p, a, q = listed.price_decimals, listed.amount_decimals, listed.quote_decimals
        rows = [
            [
                str(bar.open_ms // 1000),
                short(bar.open, p),
                short(bar.close, p),
                short(bar.high, p),
                short(bar.low, p),
                short(bar.volume, a),
                short(bar.quote, q),
            ]
            for bar in reversed(bars)
            if bar.open_ms >= since * 1000
        ]
        return _answer(rows)

    async def trades(self, request: Request) -> Response:
        listed = LISTED.get(request.query_params.get("symbol", ""))
        if listed is None:
            return _unknown()
        p, a = listed.price_decimals, listed.amount_decimals
        rows = [
            {
                "sequence": str(tick.second - FIRST_S),
                "price": short(tick.price, p),
                "size": short(tick.amount, a),
                "side": "buy" if tick.buy else "sell",
                "time": tick.second * 1_000_000_000,
            }
            for tick in self.world.trades(listed, self.world.now_s(), 100)
        ]
        return _answer(rows)


def _dead(name: str) -> Row:
    row = {"symbol": name, "symbolName": name, "buy": "0", "sell": "0", "changeRate": "0"}
    return {**row, "vol": "0", "volValue": "0", "last": "0", "averagePrice": None, **_FEES}


def _rule(name: str) -> Row:
    listed = LISTED.get(name)
    p, a = (listed.price_decimals, listed.amount_decimals) if listed else (4, 2)
    base, quote = name.split("-")
    return {
        "symbol": name,
        "name": _SHOWN.get(name, name),
        "baseCurrency": base,
        "quoteCurrency": quote,
        "feeCurrency": quote,
        "market": "USDS",
        "baseMinSize": decimal(1, a),
        "quoteMinSize": "0.1",
        "baseMaxSize": "10000000000",
        "quoteMaxSize": "99999999",
        "baseIncrement": decimal(1, a),
        "quoteIncrement": "0.000001",
        "priceIncrement": decimal(1, p),
        "priceLimitRate": "0.1",
        "minFunds": "0.1",
        "isMarginEnabled": False,
        "enableTrading": listed is not None,
        "feeCategory": 1,
        "makerFeeCoefficient": "1.00",
        "takerFeeCoefficient": "1.00",
        "st": False,
        "callauctionIsEnabled": False,
        "callauctionPriceFloor": None,
        "callauctionPriceCeiling": None,
        "callauctionFirstStageStartTime": None,
        "callauctionSecondStageStartTime": None,
        "callauctionThirdStageStartTime": None,
        "tradingStartTime": None,
    }


def _answer(data: object) -> Response:
    return reply({"code": "200000", "data": data})


def _unknown() -> Response:
    return reply({"code": "900001", "msg": "symbol not exists"})
