"""CoinGecko's prices in other currencies. https://docs.coingecko.com/reference/simple-price"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.assets import BY_ID, PER_USD
from lib.sandbox.coins import percent, ranked
from lib.sandbox.world import Row, World, reply

_COINS: Final = {
    "btc": "bitcoin", "eth": "ethereum", "ltc": "litecoin", "bch": "bitcoin-cash",
    "bnb": "binancecoin", "xrp": "ripple", "xlm": "stellar", "link": "chainlink",
    "dot": "polkadot", "yfi": "yearn-finance", "sol": "solana",
}  # fmt: skip


def rates_routes(world: World) -> list[Route]:
    """Paths of prices and rates."""
    rest = _Rest(world)
    return [
        Route("/simple/price", rest.price),
        Route("/simple/supported_vs_currencies", rest.currencies),
        Route("/exchange_rates", rest.rates),
    ]


def per_dollar(world: World, at_s: int) -> dict[str, float]:
    """What a dollar is worth in every currency that CoinGecko counts in."""
    coins = {code: 1 / world.price(BY_ID[coin], at_s) for code, coin in _COINS.items()}
    return {**coins, "usd": 1.0, **{code.lower(): rate for code, rate in PER_USD.items()}}


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def currencies(self, _: Request) -> Response:
        return reply(list(per_dollar(self.world, self.world.now_s())))

    async def rates(self, _: Request) -> Response:
        at_s = self.world.now_s()
        bitcoin = self.world.price(BY_ID["bitcoin"], at_s)
        rates = {
            code: {
                "name": BY_ID[_COINS[code]].name if code in _COINS else code.upper(),
                "unit": code.upper(),
                "value": bitcoin * rate,
                "type": "crypto" if code in _COINS else "fiat",
            }
            for code, rate in per_dollar(self.world, at_s).items()
        }
        rates["btc"]["value"] = 1.0
        return reply({"rates": rates})

    async def price(self, request: Request) -> Response:
        asked, at_s = request.query_params, self.world.now_s()
        if not asked.get("vs_currencies"):
            return reply({"error": "Missing parameter vs_currencies"}, 422)
        if not asked.get("ids"):
            return reply({"error": "Missing parameter ids"}, 422)
        ids = {part.strip() for part in asked["ids"].split(",")}
        rates = per_dollar(self.world, at_s)
        currencies = [c.strip().lower() for c in asked["vs_currencies"].split(",")]
        body: Row = {}
        for coin in ranked(self.world, at_s):
            if coin.asset.id not in ids:
                continue
            row = body[coin.asset.id] = {}
            for code in (c for c in currencies if c in rates):
                row[code] = coin.price * rates[code]
                if asked.get("include_market_cap") == "true":
                    row[f"{code}_market_cap"] = coin.cap * rates[code]
                if asked.get("include_24hr_vol") == "true":
                    row[f"{code}_24h_vol"] = coin.volume * rates[code]
                if asked.get("include_24hr_change") == "true":
                    row[f"{code}_24h_change"] = percent(coin.price, coin.opened)
            if asked.get("include_last_updated_at") == "true":
                row["last_updated_at"] = at_s
        return reply(body)
