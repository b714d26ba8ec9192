"""CoinMarketCap, keyless and keyed. https://coinmarketcap.com/api/documentation"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.clock import iso_utc
from lib.sandbox.coinmarketcap_totals import totals
from lib.sandbox.coins import DAY_S, HOUR_S, Coin, percent, price_then, ranked, volume_change
from lib.sandbox.mood import mood, mood_word
from lib.sandbox.world import FIRST_S, Row, World, integer, reply

_DOLLAR_ID: Final = 2781
_PERIODS_S: Final = {
    "1h": HOUR_S,
    "7d": 7 * DAY_S,
    "30d": 30 * DAY_S,
    "60d": 60 * DAY_S,
    "90d": 90 * DAY_S,
}
_TAGS: Final = {
    "pow": "pow",
    "defi": "defi",
    "nft": "collectibles-nfts",
    "meme": "memes",
    "stable": "stablecoin",
}


def routes(world: World) -> list[Route]:
    """Its paths."""
    rest = _Rest(world)
    return [
        Route("/v1/cryptocurrency/listings/latest", rest.listings),
        Route("/v3/cryptocurrency/listings/latest", rest.new_listings),
        Route("/v1/global-metrics/quotes/latest", rest.everything),
        Route("/v3/fear-and-greed/latest", rest.mood),
        Route("/v3/fear-and-greed/historical", rest.moods),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world

    async def listings(self, request: Request) -> Response:
        return self._listings(request, in_list=False)

    async def new_listings(self, request: Request) -> Response:
        return self._listings(request, in_list=True)

    def _listings(self, request: Request, *, in_list: bool) -> Response:
        try:
            start, limit = integer(request, "start", 1), integer(request, "limit", 100)
        except ValueError:
            return self._refusal('"limit" must be a number')
        if start < 1 or not 1 <= limit <= 5000:
            return self._refusal('"limit" must be between 1 and 5000')
        if (key := self._currency(request)) is None:
            return self._refusal('Invalid value for "convert"')
        at_s = self.world.now_s()
        coins = ranked(self.world, at_s)
        rows = [
            self._row(coin, at_s, key, in_list) for coin in coins[start - 1 : start - 1 + limit]
        ]
        status = self._status() | {"total_count": len(coins)}
        return reply({"status": status, "data": rows})

    def _row(self, coin: Coin, at_s: int, key: str, in_list: bool) -> Row:
        asset, updated = coin.asset, _iso(at_s * 1000)
        quote: Row = {
            "price": coin.price,
            "volume_24h": coin.volume,
            "volume_change_24h": volume_change(self.world, coin, at_s),
            "percent_change_24h": percent(coin.price, coin.opened),
            **{
                f"percent_change_{name}": percent(
                    coin.price, price_then(self.world, asset, at_s - ago)
                )
                for name, ago in _PERIODS_S.items()
            },
            "market_cap": coin.cap,
            "fully_diluted_market_cap": coin.full_value,
            "last_updated": updated,
        }
        return {
            "id": asset.cmc_id,
            "name": asset.name,
            "symbol": asset.symbol,
            "slug": asset.slug,
            "num_market_pairs": 8,
            "date_added": f"{asset.atl_date}T00:00:00.000Z",
            "tags": [_TAGS[tag] for tag in asset.tags if tag in _TAGS],
            "max_supply": asset.maximum,
            "circulating_supply": asset.circulating,
            "total_supply": asset.total,
            "infinite_supply": asset.maximum is None,
            "platform": None,
            "cmc_rank": coin.rank,
            "last_updated": updated,
            "quote": [{"id": _DOLLAR_ID, "symbol": "USD", **quote}] if in_list else {key: quote},
        }

    async def everything(self, request: Request) -> Response:
        if (key := self._currency(request)) is None:
            return self._refusal('Invalid value for "convert"')
        data = totals(self.world, self.world.now_s(), key)
        return reply({"status": self._status(), "data": data})

    async def mood(self, _: Request) -> Response:
        at_s = self.world.now_s()
        value = mood(self.world, at_s)
        row = {
            "value": value,
            "update_time": _iso((at_s - at_s % 900) * 1000),
            "value_classification": mood_word(value),
        }
        return reply({"data": row, "status": self._mood_status()})

    async def moods(self, request: Request) -> Response:
        try:
            start, limit = integer(request, "start", 1), integer(request, "limit", 50)
        except ValueError:
            return self._refusal('"limit" must be a number')
        if start < 1 or not 1 <= limit <= 500:
            return self._refusal('"limit" must be between 1 and 500')
        midnight = self.world.now_s() // DAY_S * DAY_S
        days = [midnight - (start - 1 + i) * DAY_S for i in range(limit)]
        rows = []
        for day in (d for d in days if d > FIRST_S + 31 * DAY_S):
            value = mood(self.world, day)
            rows.append(
                {"timestamp": str(day), "value": value, "value_classification": mood_word(value)}
            )
        return reply({"data": rows, "status": self._mood_status()})

    def _currency(self, request: Request) -> str | None:
        # under which key the quote goes: as it was asked for
        asked = request.query_params
        if "convert_id" in asked:
            return asked["convert_id"] if asked["convert_id"] == str(_DOLLAR_ID) else None
        return "USD" if asked.get("convert", "USD").upper() == "USD" else None

    def _status(self) -> Row:
        return {
            "timestamp": _iso(self.world.now_ms()),
            "error_code": 0,
            "error_message": None,
            "elapsed": 5,
            "credit_count": 1,
            "notice": None,
        }

    def _mood_status(self) -> Row:
        # here the code comes as a string
        status = self._status() | {"error_code": "0", "error_message": ""}
        return {k: v for k, v in status.items() if k != "notice"}

    def _refusal(self, message: str) -> Response:
        status = self._status() | {"error_code": 400, "error_message": message, "credit_count": 0}
        return reply({"status": status}, 400)


def _iso(time_ms: int) -> str:
    return iso_utc(time_ms).replace("Z", f".{time_ms % 1000:03}Z")
