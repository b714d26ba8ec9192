"""CoinPaprika, free plan. https://api.coinpaprika.com/docs"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.clock import iso_utc
from lib.sandbox.assets import Asset
from lib.sandbox.coins import DAY_S, HOUR_S, Coin, percent, price_then, ranked, volume_change
from lib.sandbox.world import Row, World, reply

_PERIODS_S: Final = {
    "15m": 900, "30m": 1800, "1h": HOUR_S, "6h": 6 * HOUR_S, "12h": 12 * HOUR_S, "24h": DAY_S,
    "7d": 7 * DAY_S, "30d": 30 * DAY_S, "1y": 365 * DAY_S,
}  # fmt: skip


def routes(world: World) -> list[Route]:
    """Its paths."""
    rest = _Rest(world)
    return [
        Route("/global", rest.everything),
        Route("/coins", rest.coins),
        Route("/tickers", rest.tickers),
        Route("/tickers/{id}", rest.ticker),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def everything(self, _: Request) -> Response:
        at_s = self.world.now_s()
        coins, before = ranked(self.world, at_s), ranked(self.world, at_s - DAY_S)
        cap, volume = sum(c.cap for c in coins), sum(c.volume for c in coins)
        body = {
            "market_cap_usd": int(cap),
            "volume_24h_usd": int(volume),
            "bitcoin_dominance_percentage": round(coins[0].cap / cap * 100, 2),
            "cryptocurrencies_number": len(coins),
            "market_cap_ath_value": int(cap * 2),
            "market_cap_ath_date": "2021-11-10T00:00:00Z",
            "volume_24h_ath_value": int(volume * 3),
            "volume_24h_ath_date": "2021-05-19T00:00:00Z",
            "market_cap_change_24h": round(percent(cap, sum(c.cap for c in before)), 2),
            "volume_24h_change_24h": round(percent(volume, sum(c.volume for c in before)), 2),
            "last_updated": at_s,
        }
        return reply(body)

    async def coins(self, _: Request) -> Response:
        rows = [
            {
                "id": _id(coin.asset),
                "name": coin.asset.name,
                "symbol": coin.asset.symbol,
                "rank": coin.rank,
                "is_new": False,
                "is_active": True,
                "type": "coin" if "pow" in coin.asset.tags else "token",
            }
            for coin in ranked(self.world, self.world.now_s())
        ]
        return reply(rows)

    async def tickers(self, request: Request) -> Response:
        if request.query_params.get("quotes", "USD").upper() != "USD":
            return reply({"error": "invalid parameters"}, 400)
        at_s = self.world.now_s()
        return reply([self._row(coin, at_s) for coin in ranked(self.world, at_s)])

    async def ticker(self, request: Request) -> Response:
        at_s = self.world.now_s()
        for coin in ranked(self.world, at_s):
            if _id(coin.asset) == request.path_params["id"]:
                return reply(self._row(coin, at_s))
        return reply({"error": "id not found"}, 404)

    def _row(self, coin: Coin, at_s: int) -> Row:
        asset = coin.asset
        changes = {
            f"percent_change_{name}": round(
                percent(coin.price, price_then(self.world, asset, at_s - ago)), 2
            )
            for name, ago in _PERIODS_S.items()
        }
        changes["percent_change_24h"] = round(percent(coin.price, coin.opened), 2)
        return {
            "id": _id(asset),
            "name": asset.name,
            "symbol": asset.symbol,
            "rank": coin.rank,
            "total_supply": int(asset.total),
            "max_supply": int(asset.maximum or 0),  # here 0 means that there is none
            "beta_value": 1.0,
            "first_data_at": f"{asset.atl_date}T00:00:00Z",
            "last_updated": iso_utc(at_s * 1000),
            "quotes": {
                "USD": {
                    "price": coin.price,
                    "volume_24h": coin.volume,
                    "volume_24h_change_24h": round(volume_change(self.world, coin, at_s), 2),
                    "market_cap": int(coin.cap),
                    "market_cap_change_24h": changes["percent_change_24h"],
                    **changes,
                    "ath_price": asset.ath,
                    "ath_date": f"{asset.ath_date}T12:00:00Z",
                    "percent_from_price_ath": round(percent(coin.price, asset.ath), 2),
                }
            },
        }


def _id(asset: Asset) -> str:
    return f"{asset.symbol.lower()}-{asset.slug}"
