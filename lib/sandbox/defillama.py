"""DefiLlama, on its two hosts. https://api-docs.defillama.com"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.coins import DAY_S, HOUR_S, Coin, percent, price_then, ranked
from lib.sandbox.noise import draws
from lib.sandbox.world import Row, World, reply

_CHAINS = ("Ethereum", "BSC", "Polygon", "Arbitrum", "Base")
_KINDS = ("Lending", "Dexs", "Liquid Staking", "Yield", "CDP")


def routes(world: World) -> list[Route]:
    """What is locked."""
    return [Route("/protocols", _Rest(world).protocols)]


def yields_routes(world: World) -> list[Route]:
    """What it pays."""
    return [Route("/pools", _Rest(world).pools)]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def protocols(self, _: Request) -> Response:
        return reply([self._protocol(coin) for coin in self._coins()])

    async def pools(self, _: Request) -> Response:
        rows = [self._pool(coin, chain) for coin in self._coins() for chain in _CHAINS[:3]]
        return reply({"status": "success", "data": rows})

    def _coins(self) -> list[Coin]:
        at_s = self.world.now_s()
        return [coin for coin in ranked(self.world, at_s) if "defi" in coin.asset.tags]

    def _protocol(self, coin: Coin) -> Row:
        asset, at_s = coin.asset, self.world.now_s()
        changes = {
            f"change_{name}": round(percent(coin.price, price_then(self.world, asset, at_s - s)), 4)
            for name, s in (("1h", HOUR_S), ("1d", DAY_S), ("7d", 7 * DAY_S))
        }
        return {
            "id": str(asset.number),
            "name": asset.name,
            "symbol": asset.symbol,
            "slug": asset.slug,
            "chain": "Multi-Chain",
            "chains": list(_CHAINS[: 1 + asset.number % 5]),
            "category": _KINDS[asset.number % 5],
            "tvl": round(0.8 * coin.cap, 2),
            "mcap": round(coin.cap, 2),
            "logo": None,
            "url": f"https://{asset.slug}.example",
            **changes,
        }

    def _pool(self, coin: Coin, chain: str) -> Row:
        day = self.world.now_s() // DAY_S
        seed = self.world.market.seed
        much, rate = draws(f"{seed}|pool|{coin.asset.id}|{chain}|{day}", 2)
        base, reward = round(rate / 512, 5), round(much / 2048, 5)
        return {
            "pool": f"{coin.asset.id}-{chain.lower()}",
            "chain": chain,
            "project": coin.asset.slug,
            "symbol": f"{coin.asset.symbol}-USDC",
            "tvlUsd": int(coin.cap * (1 + much) / 40_960),
            "apyBase": base,
            "apyReward": reward,
            "apy": round(base + reward, 5),
            "apyMean30d": base,
            "stablecoin": False,
            "ilRisk": "yes",
            "exposure": "multi",
        }
