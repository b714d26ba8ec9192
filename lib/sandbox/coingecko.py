"""CoinGecko, demo API. https://docs.coingecko.com/reference/coins-markets"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.clock import iso_utc
from lib.sandbox.assets import ASSETS, BY_ID
from lib.sandbox.coingecko_history import history_routes
from lib.sandbox.coingecko_rates import per_dollar, rates_routes
from lib.sandbox.coins import Coin, percent, price_then, ranked
from lib.sandbox.world import Row, World, integer, reply

CATEGORIES: Final = {
    "decentralized-finance-defi": "defi",
    "non-fungible-tokens-nft": "nft",
    "meme-token": "meme",
    "stablecoins": "stable",
    "artificial-intelligence": "ai",
}
_PERIODS_S: Final = {
    "1h": 3600, "24h": 86_400, "7d": 7 * 86_400, "14d": 14 * 86_400, "30d": 30 * 86_400,
    "200d": 200 * 86_400, "1y": 365 * 86_400,
}  # fmt: skip
_WEEK_H: Final = 168


def routes(world: World) -> list[Route]:
    """Its paths."""
    rest = _Rest(world)
    return [
        Route("/ping", rest.ping),
        Route("/coins/list", rest.coins),
        Route("/coins/markets", rest.markets),
        Route("/global", rest.everything),
        Route("/global/decentralized_finance_defi", rest.defi),
        Route("/search/trending", rest.trending),
        *rates_routes(world),
        *history_routes(world),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def ping(self, _: Request) -> Response:
        return reply({"gecko_says": "(V3) To the Moon!"})

    async def coins(self, _: Request) -> Response:
        rows = [{"id": a.id, "symbol": a.symbol.lower(), "name": a.name} for a in ASSETS]
        return reply(sorted(rows, key=lambda row: row["id"]))

    async def markets(self, request: Request) -> Response:
        asked = request.query_params
        currency = asked.get("vs_currency", "").lower()
        if not currency:
            return reply({"error": "Missing parameter vs_currency"}, 422)
        at_s = self.world.now_s()
        rate = per_dollar(self.world, at_s).get(currency)
        if rate is None:
            return reply({"error": "invalid vs_currency"}, 400)
        try:
            size = max(1, min(integer(request, "per_page", 100), 250))
            page = max(1, integer(request, "page", 1))
        except ValueError:
            return reply({"error": "invalid page"}, 400)
        periods = [p for p in asked.get("price_change_percentage", "").split(",") if p]
        if not set(periods) <= _PERIODS_S.keys():
            return reply({"error": "Invalid price_change_percentage"}, 422)
        chosen = ranked(self.world, at_s)
        if "category" in asked:
            if asked["category"] not in CATEGORIES:
                return reply({"error": "category not found"}, 404)
            chosen = [c for c in chosen if CATEGORIES[asked["category"]] in c.asset.tags]
        if "ids" in asked:
            ids = {part.strip() for part in asked["ids"].split(",")}
            chosen = [coin for coin in chosen if coin.asset.id in ids]
        if "symbols" in asked:
            symbols = {part.strip().upper() for part in asked["symbols"].split(",")}
            every = asked.get("include_tokens") == "all"
            chosen = [
                c for c in chosen if c.asset.symbol in symbols and (every or not c.asset.twin)
            ]
        if asked.get("order") == "market_cap_asc":
            chosen.reverse()
        elif asked.get("order", "").startswith("volume"):
            chosen.sort(key=lambda c: c.volume, reverse=asked["order"] == "volume_desc")
        chosen = chosen[(page - 1) * size : page * size]
        rows = [_row(coin, rate, at_s) for coin in chosen]
        for coin, row in zip(chosen, rows, strict=True):
            if asked.get("sparkline") == "true":
                row["sparkline_in_7d"] = {"price": self._sparkline(coin, at_s, rate)}
            for period in periods:
                then = price_then(self.world, coin.asset, at_s - _PERIODS_S[period])
                row[f"price_change_percentage_{period}_in_currency"] = (
                    row["price_change_percentage_24h"]
                    if period == "24h"
                    else percent(coin.price, then)
                )
        return reply(rows)

    def _sparkline(self, coin: Coin, at_s: int, rate: float) -> list[float]:
        first = at_s - at_s % 3600 - (_WEEK_H - 1) * 3600
        bars = self.world.market.bars(coin.asset, 3600, first, _WEEK_H, at_s)
        return [bar.open / coin.unit * rate for bar in bars]

    async def everything(self, _: Request) -> Response:
        at_s = self.world.now_s()
        rates, coins = per_dollar(self.world, at_s), ranked(self.world, at_s)
        cap, volume = sum(c.cap for c in coins), sum(c.volume for c in coins)
        cap_before = sum(c.opened * c.asset.circulating for c in coins)
        volume_before = sum(
            bar.quote / 10.0 ** (c.asset.price_decimals + c.asset.amount_decimals)
            for c in coins
            for bar in [self.world.market.day(c.asset, at_s - 86_400)]
        )
        data = {
            "active_cryptocurrencies": len(coins),
            "upcoming_icos": 0,
            "ongoing_icos": 49,
            "ended_icos": 3376,
            "markets": 8,
            "total_market_cap": {code: cap * rate for code, rate in rates.items()},
            "total_volume": {code: volume * rate for code, rate in rates.items()},
            "market_cap_percentage": {
                c.asset.symbol.lower(): c.cap / cap * 100 for c in coins[:10]
            },
            "market_cap_change_percentage_24h_usd": percent(cap, cap_before),
            "volume_change_percentage_24h_usd": percent(volume, volume_before),
            "updated_at": at_s,
        }
        return reply({"data": data})

    async def defi(self, _: Request) -> Response:
        at_s = self.world.now_s()
        coins = ranked(self.world, at_s)
        defi = [c for c in coins if "defi" in c.asset.tags and "stable" not in c.asset.tags]
        cap, whole = sum(c.cap for c in defi), sum(c.cap for c in coins)
        ether = next(c.cap for c in coins if c.asset.id == "ethereum")
        data = {
            "defi_market_cap": str(cap),
            "eth_market_cap": str(ether),
            "defi_to_eth_ratio": str(cap / ether * 100),
            "trading_volume_24h": str(sum(c.volume for c in defi)),
            "defi_dominance": str(cap / whole * 100),
            "top_coin_name": defi[0].asset.name,
            "top_coin_defi_dominance": defi[0].cap / cap * 100,
        }
        return reply({"data": data})

    async def trending(self, _: Request) -> Response:
        at_s = self.world.now_s()
        coins = ranked(self.world, at_s)
        bitcoin = self.world.price(BY_ID["bitcoin"], at_s)
        # what moved most in a day is what people look for
        wanted = sorted(coins, key=lambda c: -abs(percent(c.price, c.opened)))[:7]
        items = [
            {
                "id": c.asset.id,
                "coin_id": c.asset.number,
                "name": c.asset.name,
                "symbol": c.asset.symbol,
                "market_cap_rank": c.rank,
                "thumb": c.asset.image.replace("/large/", "/thumb/"),
                "small": c.asset.image.replace("/large/", "/small/"),
                "large": c.asset.image,
                "slug": c.asset.slug,
                "price_btc": c.price / bitcoin,
                "score": score,
            }
            for score, c in enumerate(wanted)
        ]
        return reply({"coins": [{"item": item} for item in items], "exchanges": []})


def _row(coin: Coin, rate: float, at_s: int) -> Row:
    asset, day = coin.asset, coin.day
    change = percent(coin.price, coin.opened)
    return {
        "id": asset.id,
        "symbol": asset.symbol.lower(),
        "name": asset.name,
        "image": asset.image,
        "current_price": coin.price * rate,
        "market_cap": coin.cap * rate,
        "market_cap_rank": coin.rank,
        "fully_diluted_valuation": coin.full_value * rate,
        "total_volume": coin.volume * rate,
        "high_24h": day.high / coin.unit * rate,
        "low_24h": day.low / coin.unit * rate,
        "price_change_24h": (coin.price - coin.opened) * rate,
        "price_change_percentage_24h": change,
        "market_cap_change_24h": (coin.price - coin.opened) * asset.circulating * rate,
        "market_cap_change_percentage_24h": change,
        "circulating_supply": asset.circulating,
        "total_supply": asset.total,
        "max_supply": asset.maximum,
        "ath": asset.ath * rate,
        "ath_change_percentage": percent(coin.price, asset.ath),
        "ath_date": f"{asset.ath_date}T12:00:00.000Z",
        "atl": asset.atl * rate,
        "atl_change_percentage": percent(coin.price, asset.atl),
        "atl_date": f"{asset.atl_date}T00:00:00.000Z",
        "roi": None,
        "last_updated": iso_utc(at_s * 1000).replace("Z", ".000Z"),
    }
