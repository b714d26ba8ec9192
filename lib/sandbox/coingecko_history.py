"""CoinGecko's past: charts and bars. https://docs.coingecko.com/reference/coins-id-market-chart"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.clock import iso_utc
from lib.sandbox.assets import BY_ID, Asset
from lib.sandbox.coingecko_rates import per_dollar
from lib.sandbox.coins import price_then, volume_then
from lib.sandbox.world import FIRST_S, World, reply

_DAY_S: Final = 86_400
_BAR_S: Final = {1: 1800, 7: 14_400, 14: 14_400, 30: 14_400} | dict.fromkeys(
    (90, 180, 365), 4 * _DAY_S
)
"""How long the bars are, by days asked for."""


def history_routes(world: World) -> list[Route]:
    """Paths of one coin's past."""
    rest = _Rest(world)
    return [
        Route("/coins/{id}/market_chart", rest.chart),
        Route("/coins/{id}/market_chart/range", rest.span),
        Route("/coins/{id}/ohlc", rest.bars),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def chart(self, request: Request) -> Response:
        asset, rate = self._asked(request)
        if asset is None:
            return reply({"error": "coin not found"}, 404)
        if rate is None:
            return reply({"error": "invalid vs_currency"}, 400)
        now, days = self.world.now_s(), request.query_params.get("days", "")
        if days == "max":
            return self._too_far()
        try:
            span = float(days) * _DAY_S
        except ValueError:
            return reply({"error": "Missing parameter days"}, 422)
        daily = request.query_params.get("interval") == "daily"
        return self._points(asset, rate, now - int(span), now, _DAY_S if daily else None)

    async def span(self, request: Request) -> Response:
        asset, rate = self._asked(request)
        if asset is None:
            return reply({"error": "coin not found"}, 404)
        if rate is None:
            return reply({"error": "invalid vs_currency"}, 400)
        try:
            since, until = (int(float(request.query_params[k])) for k in ("from", "to"))
        except (KeyError, ValueError, OverflowError):
            return reply({"error": "Missing parameter from or to"}, 422)
        return self._points(asset, rate, since, until, None)

    def _points(
        self, asset: Asset, rate: float, since: int, until: int, step: int | None
    ) -> Response:
        now = self.world.now_s()
        if since < now - 365 * _DAY_S - 60:
            return self._too_far()
        age = now - since
        # 5 minutes up to a day, an hour up to ninety, a day from then on
        step = step or (300 if age <= _DAY_S else 3600 if age <= 90 * _DAY_S else _DAY_S)
        first = -(-since // step) * step
        # but for days, the points stand near the grid, not on it
        times = [
            t + (t // step * 7919 % 41 if step < _DAY_S else 0) for t in range(first, until, step)
        ]
        if until >= now:
            times.append(now)
        times = [t for t in times if FIRST_S <= t <= now]
        prices = [price_then(self.world, asset, t) for t in times]
        if times and times[-1] == now:
            prices[-1] = self.world.price(asset, now)
        body = {
            "prices": [[t * 1000, p * rate] for t, p in zip(times, prices, strict=True)],
            "market_caps": [
                [t * 1000, p * asset.circulating * rate] for t, p in zip(times, prices, strict=True)
            ],
            "total_volumes": [[t * 1000, volume_then(self.world, asset, t) * rate] for t in times],
        }
        return reply(body)

    async def bars(self, request: Request) -> Response:
        asset, rate = self._asked(request)
        if asset is None:
            return reply({"error": "coin not found"}, 404)
        if rate is None:
            return reply({"error": "invalid vs_currency"}, 400)
        days = request.query_params.get("days", "")
        if not days.isdecimal() or int(days) not in _BAR_S:
            return reply({"error": "Invalid days parameter"}, 422)
        step, now = _BAR_S[int(days)], self.world.now_s()
        count = int(days) * _DAY_S // step
        first = now - now % step - (count - 1) * step
        unit = 10.0**asset.price_decimals
        rows = [
            # stamped at its close, the running bar too
            [bar.open_ms + step * 1000, *(ticks / unit * rate for ticks in bar[1:5])]
            for bar in self.world.market.bars(asset, step, first, count, now)
        ]
        return reply(rows)

    def _asked(self, request: Request) -> tuple[Asset | None, float | None]:
        currency = request.query_params.get("vs_currency", "").lower()
        rate = per_dollar(self.world, self.world.now_s()).get(currency)
        return BY_ID.get(request.path_params["id"]), rate

    def _too_far(self) -> Response:
        status = {
            "timestamp": iso_utc(self.world.now_ms()),
            "error_code": 10012,
            "error_message": "Your request exceeds the allowed time range: the past 365 days.",
        }
        return reply({"error": {"status": status}}, 401)
