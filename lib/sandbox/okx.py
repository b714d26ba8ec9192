"""OKX spot, public market data. https://www.okx.com/docs-v5/en/#order-book-trading-market-data"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.market import Listed
from lib.sandbox.venues import pairs
from lib.sandbox.world import FIRST_S, Row, World, decimal, integer, reply, short

LISTED: Final = pairs("USDT", majors_in="USDC EUR", without="FDUSD PAXG XMR")

_BARS_S: Final = {
    "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1800, "1H": 3600, "2H": 7200, "4H": 14_400,
    "6H": 21_600, "12H": 43_200, "1D": 86_400, "1W": 604_800,
}  # fmt: skip
_CHINA_S: Final = 8 * 3600
_DAY_S: Final = 86_400


def routes(world: World) -> list[Route]:
    """Its paths."""
    rest = _Rest(world)
    return [
        Route("/api/v5/public/time", rest.time),
        Route("/api/v5/public/instruments", rest.rules),
        Route("/api/v5/market/tickers", rest.tickers),
        Route("/api/v5/market/ticker", rest.ticker),
        Route("/api/v5/market/candles", rest.bars),
        Route("/api/v5/market/history-candles", rest.old_bars),
        Route("/api/v5/market/books", rest.depth),
        Route("/api/v5/market/trades", rest.trades),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def time(self, _: Request) -> Response:
        return _answer([{"ts": str(self.world.now_ms())}])

    async def rules(self, request: Request) -> Response:
        kind, name = request.query_params.get("instType"), request.query_params.get("instId")
        if kind != "SPOT":
            return (
                _refusal("50014", "Parameter instType can not be empty.")
                if not kind
                else _answer([])
            )
        if name is not None and name not in LISTED:
            return _unknown()
        return _answer([_rule(n, listed) for n, listed in LISTED.items() if name in (None, n)])

    async def tickers(self, request: Request) -> Response:
        if request.query_params.get("instType") != "SPOT":
            return _refusal("51000", "Parameter instType error")
        now = self.world.now_ms()
        return _answer([self._ticker(name, now) for name in LISTED])

    async def ticker(self, request: Request) -> Response:
        name = request.query_params.get("instId", "")
        return _answer([self._ticker(name, self.world.now_ms())]) if name in LISTED else _unknown()

    def _ticker(self, name: str, now_ms: int) -> Row:
        listed, at_s = LISTED[name], now_ms // 1000
        p, a = listed.price_decimals, listed.amount_decimals
        quote = self.world.quote(listed, at_s)
        day = quote.day
        midnight = at_s - at_s % _DAY_S
        midnight_8 = at_s - (at_s + _CHINA_S) % _DAY_S
        return {
            "instType": "SPOT",
            "instId": name,
            "last": short(quote.last.price, p),
            "lastSz": short(quote.last.amount, a),
            "askPx": short(quote.ask, p),
            "askSz": short(quote.ask_amount, a),
            "bidPx": short(quote.bid, p),
            "bidSz": short(quote.bid_amount, a),
            "open24h": short(day.open, p),
            "high24h": short(day.high, p),
            "low24h": short(day.low, p),
            "volCcy24h": short(day.quote, listed.quote_decimals),
            "vol24h": short(day.volume, a),
            "ts": str(now_ms),
            "sodUtc0": short(self.world.bar(listed, midnight, midnight + 1).open, p),
            "sodUtc8": short(self.world.bar(listed, midnight_8, midnight_8 + 1).open, p),
        }

    async def bars(self, request: Request) -> Response:
        return self._bars(request, 300)

    async def old_bars(self, request: Request) -> Response:
        return self._bars(request, 100)

    def _bars(self, request: Request, most: int) -> Response:
        listed = LISTED.get(request.query_params.get("instId", ""))
        name = request.query_params.get("bar", "1m")
        step = _BARS_S.get(name.removesuffix("utc"))
        if listed is None:
            return _unknown()
        if step is None or (name.endswith("utc") and step < 21_600):
            return _refusal("51000", "Parameter bar error")
        try:
            limit = max(1, min(integer(request, "limit", 100), most))
            older, newer = integer(request, "after", 0), integer(request, "before", 0)
        except ValueError:
            return _refusal("51000", "Parameter after error")
        # long bars open at eight hours before midnight UTC, unless their name ends in "utc"
        shift = -_CHINA_S if step >= 21_600 and not name.endswith("utc") else 0
        bars = self.world.window(
            listed,
            step,
            limit,
            until_s=(older - 1) // 1000 if older else None,
            monday=step == 604_800,
            shift_s=shift,
        )
        now_ms = self.world.now_ms()
        p, a, q = listed.price_decimals, listed.amount_decimals, listed.quote_decimals
        rows = [
            [
                str(bar.open_ms),
                short(bar.open, p),
                short(bar.high, p),
                short(bar.low, p),
                short(bar.close, p),
                short(bar.volume, a),
                short(bar.quote, q),
                short(bar.quote, q),
                "1" if bar.open_ms + step * 1000 <= now_ms else "0",
            ]
            for bar in reversed(bars)
            if bar.open_ms > newer
        ]
        return _answer(rows)

    async def depth(self, request: Request) -> Response:
        listed = LISTED.get(request.query_params.get("instId", ""))
        if listed is None:
            return _unknown()
        try:
            levels = max(1, min(integer(request, "sz", 1), 400))
        except ValueError:
            return _refusal("51000", "Parameter sz error")
        now = self.world.now_ms()
        p, a = listed.price_decimals, listed.amount_decimals
        bids, asks = (
            [[short(price, p), short(amount, a), "0", "1"] for price, amount in side]
            for side in self.world.depth(listed, now // 1000, levels)
        )
        return _answer([{"asks": asks, "bids": bids, "ts": str(now), "seqId": now // 1000}])

    async def trades(self, request: Request) -> Response:
        name = request.query_params.get("instId", "")
        listed = LISTED.get(name)
        if listed is None:
            return _unknown()
        try:
            limit = max(1, min(integer(request, "limit", 100), 500))
        except ValueError:
            return _refusal("51000", "Parameter limit error")
        p, a = listed.price_decimals, listed.amount_decimals
        rows = [
            {
                "instId": name,
                "side": "buy" if tick.buy else "sell",
                "sz": short(tick.amount, a),
                "px": short(tick.price, p),
                "source": "0",
                "tradeId": str(tick.second - FIRST_S),
                "ts": str(tick.second * 1000),
            }
            for tick in reversed(self.world.trades(listed, self.world.now_s(), limit))
        ]
        return _answer(rows)


def _rule(name: str, listed: Listed) -> Row:
    empty = "alias ctMult ctType ctVal ctValCcy expTime optType settleCcy stk uly".split()
    return {
        **dict.fromkeys(empty, ""),
        "baseCcy": listed.asset.symbol,
        "category": "1",
        "instId": name,
        "instType": "SPOT",
        "lever": "10",
        "listTime": str(FIRST_S * 1000),
        "lotSz": decimal(1, listed.amount_decimals),
        "maxIcebergSz": "9999999999",
        "maxLmtSz": "9999999999",
        "maxMktSz": "1000000",
        "maxStopSz": "1000000",
        "maxTriggerSz": "9999999999",
        "maxTwapSz": "9999999999",
        "minSz": decimal(1, listed.amount_decimals),
        "quoteCcy": listed.quote,
        "state": "live",
        "tickSz": decimal(1, listed.price_decimals),
    }


def _answer(data: object) -> Response:
    return reply({"code": "0", "msg": "", "data": data})


def _refusal(code: str, message: str) -> Response:
    return reply({"code": code, "msg": message, "data": []})


def _unknown() -> Response:
    return _refusal("51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.")
