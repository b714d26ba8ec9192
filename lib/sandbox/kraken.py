"""Kraken spot, public market data. https://docs.kraken.com/api/docs/rest-api/get-ticker-information"""

from email.utils import formatdate
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lib.clock import iso_utc
from lib.sandbox import kraken_stream
from lib.sandbox.kraken_pairs import PAIRS, SPELLINGS, KrakenPair, rule
from lib.sandbox.market import Bar, Listed
from lib.sandbox.world import FIRST_S, Row, World, decimal, integer, reply

_MINUTES: Final = (1, 5, 15, 30, 60, 240, 1440, 10_080, 21_600)
_DAY_S: Final = 86_400


def routes(world: World) -> list[BaseRoute]:
    """Its paths and its socket."""
    rest = _Rest(world)
    return [
        Route("/0/public/Time", rest.time),
        Route("/0/public/SystemStatus", rest.status),
        Route("/0/public/AssetPairs", rest.rules),
        Route("/0/public/Ticker", rest.ticker),
        Route("/0/public/OHLC", rest.bars),
        Route("/0/public/Depth", rest.depth),
        Route("/0/public/Trades", rest.trades),
        *kraken_stream.routes(world),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def time(self, _: Request) -> Response:
        return _answer({"unixtime": self.world.now_s(), "rfc1123": formatdate(self.world.now_s())})

    async def status(self, _: Request) -> Response:
        return _answer({"status": "online", "timestamp": iso_utc(self.world.now_ms())})

    async def rules(self, request: Request) -> Response:
        pairs = _asked(request)
        return _answer({p.name: rule(p) for p in pairs}) if pairs else _unknown()

    async def ticker(self, request: Request) -> Response:
        pairs = _asked(request)
        if not pairs:
            return _unknown()
        at_s = self.world.now_s()
        return _answer({pair.name: self._ticker(pair.listed, at_s) for pair in pairs})

    def _ticker(self, listed: Listed, at_s: int) -> Row:
        p, a = listed.price_decimals, listed.amount_decimals
        quote = self.world.quote(listed, at_s)
        today, day = self.world.bar(listed, at_s - at_s % _DAY_S, at_s + 1), quote.day
        whole = 10**a
        return {
            "a": [
                decimal(quote.ask, p),
                str(max(1, quote.ask_amount // whole)),
                decimal(quote.ask_amount, a, 3),
            ],
            "b": [
                decimal(quote.bid, p),
                str(max(1, quote.bid_amount // whole)),
                decimal(quote.bid_amount, a, 3),
            ],
            "c": [decimal(quote.last.price, p), decimal(quote.last.amount, a, 8)],
            "v": [decimal(today.volume, a, 8), decimal(day.volume, a, 8)],
            "p": [decimal(_mean(listed, today), p), decimal(_mean(listed, day), p)],
            "t": [today.trades, day.trades],
            "l": [decimal(today.low, p), decimal(day.low, p)],
            "h": [decimal(today.high, p), decimal(day.high, p)],
            "o": decimal(today.open, p),
        }

    async def bars(self, request: Request) -> Response:
        pair = SPELLINGS.get(request.query_params.get("pair", ""))
        if pair is None:
            return _unknown()
        try:
            minutes, since = integer(request, "interval", 1), integer(request, "since", 0)
        except ValueError:
            return _invalid()
        if minutes not in _MINUTES:
            return _invalid()
        listed = pair.listed
        p, a = listed.price_decimals, listed.amount_decimals
        # never further back than 720 bars, whatever `since` says
        bars = self.world.window(listed, minutes * 60, 720)
        rows = [
            [
                bar.open_ms // 1000,
                decimal(bar.open, p),
                decimal(bar.high, p),
                decimal(bar.low, p),
                decimal(bar.close, p),
                decimal(_mean(listed, bar), p),
                decimal(bar.volume, a, 8),
                bar.trades,
            ]
            for bar in bars
            if bar.open_ms >= since * 1000
        ]
        committed = bars[-2 if len(bars) > 1 else -1].open_ms // 1000
        return _answer({pair.name: rows, "last": committed})

    async def depth(self, request: Request) -> Response:
        pair = SPELLINGS.get(request.query_params.get("pair", ""))
        if pair is None:
            return _unknown()
        try:
            count = integer(request, "count", 100)
        except ValueError:
            return _invalid()
        if not 1 <= count <= 500:
            return _invalid()
        at_s, listed = self.world.now_s(), pair.listed
        p, a = listed.price_decimals, listed.amount_decimals
        bids, asks = (
            [[decimal(price, p), decimal(amount, a, 3), at_s] for price, amount in side]
            for side in self.world.depth(listed, at_s, count)
        )
        return _answer({pair.name: {"asks": asks, "bids": bids}})

    async def trades(self, request: Request) -> Response:
        pair = SPELLINGS.get(request.query_params.get("pair", ""))
        if pair is None:
            return _unknown()
        try:
            count = integer(request, "count", 1000)
            since = integer(request, "since", 0) // 1_000_000_000
        except ValueError:
            return _invalid()
        if not 1 <= count <= 1000:
            return _invalid()
        at_s, listed = self.world.now_s(), pair.listed
        if since:
            at_s, count = min(at_s, since + count), min(count, max(0, at_s - since))
        p, a = listed.price_decimals, listed.amount_decimals
        rows = [
            [
                decimal(tick.price, p),
                decimal(tick.amount, a, 8),
                float(tick.second),
                "b" if tick.buy else "s",
                "l",
                "",
                tick.second - FIRST_S,
            ]
            for tick in self.world.trades(listed, at_s, count)
        ]
        return _answer({pair.name: rows, "last": str(at_s * 1_000_000_000)})


def _asked(request: Request) -> list[KrakenPair]:
    names = request.query_params.get("pair")
    if names is None:
        return list(PAIRS.values())
    found = [SPELLINGS.get(name) for name in names.split(",")]
    return [] if None in found else [pair for pair in found if pair]


def _mean(listed: Listed, bar: Bar) -> int:
    over = listed.quote_decimals - listed.price_decimals - listed.amount_decimals
    mean: int = bar.quote // (bar.volume * 10**over)
    return min(bar.high, max(bar.low, mean))


def _answer(result: object) -> Response:
    return reply({"error": [], "result": result})


def _unknown() -> Response:
    return reply({"error": ["EQuery:Unknown asset pair"]})


def _invalid() -> Response:
    return reply({"error": ["EGeneral:Invalid arguments"]})
