"""CoinMarketCap's answers on paper."""

import json
from typing import Any

from tests.lib.providers.aggregator import payload

V3 = payload("coinmarketcap/listings_v3")
QUOTE: dict[str, Any] = {"price": 77671.5, "volume_24h": 33235034316, "market_cap": 1.5e12}
BITCOIN: dict[str, Any] = {
    "slug": "bitcoin",
    "symbol": "BTC",
    "name": "Bitcoin",
    "cmc_rank": 1,
    "tags": ["mineable"],
    "max_supply": None,
    "quote": {"USD": QUOTE},
    "last_updated": "2026-05-18T12:49:00.000Z",
}
TOTALS: dict[str, Any] = {
    "active_cryptocurrencies": 9460,
    "active_market_pairs": 106179,
    "active_exchanges": 835,
    "btc_dominance": 60.5,
    "eth_dominance": 11.5,
    "quote": {
        "USD": {"total_market_cap": 4e12, "total_volume_24h": 1.5e11, "defi_market_cap": 1e11}
    },
    "last_updated": "2026-05-18T12:49:00.000Z",
}


def table(*rows: dict[str, Any], error_code: object = 0) -> bytes:
    return json.dumps({"status": {"error_code": error_code}, "data": rows}).encode()


def totals(**changed: Any) -> bytes:
    return json.dumps({"status": {"error_code": 0}, "data": TOTALS | changed}).encode()
