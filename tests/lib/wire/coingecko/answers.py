"""CoinGecko's answers on paper: small sound ones, to be read or to be damaged."""

import json
from datetime import datetime
from typing import Any

from lib.queries import RangeQuery
from tests.lib.providers.aggregator import NOW_MS

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ALL_TIME = RangeQuery("BTC", 0, 9_000_000_000_000)

BITCOIN: dict[str, Any] = {
    "id": "bitcoin",
    "symbol": "btc",
    "name": "Bitcoin",
    "current_price": 77671,
    "market_cap_rank": 1,
    "total_volume": 33235034316,
    "high_24h": 78419,
    "low_24h": 76696,
    "price_change_percentage_24h": -0.95302,
    "last_updated": "2026-05-18T12:49:21.599Z",
}
TOTALS: dict[str, Any] = {
    "data": {
        "active_cryptocurrencies": 17397,
        "markets": 1476,
        "total_market_cap": {"usd": 2621040321355.5},
        "total_volume": {"usd": 95133256404.25},
        "market_cap_percentage": {"btc": 57.5, "eth": 9.5},
        "updated_at": 1779878351,
    }
}
DEFI: dict[str, Any] = {"data": {"defi_dominance": "5.89464727221213149449895977219"}}
CHART: dict[str, Any] = {
    "prices": [[NOW_MS - HOUR_MS, 1.0]],
    "market_caps": [[NOW_MS - 2 * HOUR_MS, 1.5e12], [NOW_MS - HOUR_MS, 1.6e12]],
    "total_volumes": [],
}
TRENDING: dict[str, Any] = {
    "coins": [
        {"item": {"id": "b", "symbol": "bb", "name": "B", "market_cap_rank": None, "score": 1}},
        {"item": {"id": "a", "symbol": "aa", "name": "A", "market_cap_rank": 7, "score": 0}},
    ]
}


def body(document: object) -> bytes:
    return json.dumps(document).encode()


def ms_of(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
