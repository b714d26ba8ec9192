"""The bodies as the customer's specification shows them, and how a reply is compared with one."""

from collections.abc import Iterator
from typing import Any

SAMPLES: dict[str, Any] = {
    "market": {
        "success": True,
        "timestamp": 1733432100000,
        "last_updated": "2025-12-05T20:30:00Z",
        "items": [
            {
                "symbol": "BTC",
                "name": "Bitcoin",
                "rank": 1,
                "price": 42150.25,
                "change_24h": 2.34,
                "change_7d": 5.67,
                "volume_24h": 28500000000.0,
                "market_cap": 825000000000.0,
                "circulating_supply": 19500000.0,
                "total_supply": 21000000.0,
                "ath": 69000.0,
                "ath_date": "2021-11-10",
                "atl": 67.81,
                "atl_date": "2013-07-06",
                "last_updated": "2025-12-05T20:30:00Z",
            }
        ],
    },
    "price": {
        "success": True,
        "symbol": "BTC",
        "price": 42150.25,
        "change_24h": 2.34,
        "high_24h": 42800.5,
        "low_24h": 40950.0,
        "volume_24h": 28500000000.0,
        "timestamp": 1733432100000,
    },
    "ohlcv": {
        "success": True,
        "symbol": "BTC/USDT",
        "timeframe": "1h",
        "data": [
            {
                "t": 1733428800000,
                "o": 42100.5,
                "h": 42250.75,
                "l": 42050.25,
                "c": 42150.25,
                "v": 125.45,
            }
        ],
    },
    "ticker": {
        "success": True,
        "symbol": "BTC/USDT",
        "bid": 42148.5,
        "ask": 42151.25,
        "last": 42150.25,
        "volume": 28500000000.0,
        "timestamp": 1733432100000,
    },
    "exchange_info": {
        "success": True,
        "exchange": "binance",
        "symbols": [
            {
                "symbol": "BTC/USDT",
                "base": "BTC",
                "quote": "USDT",
                "active": True,
                "min_amount": 0.0001,
                "max_amount": 9000.0,
                "min_price": 0.01,
                "max_price": 1000000.0,
                "maker_fee": 0.001,
                "taker_fee": 0.001,
            }
        ],
    },
    "orderbook": {
        "success": True,
        "symbol": "BTC/USDT",
        "timestamp": 1733432100000,
        "bids": [[42150.25, 1.5]],
        "asks": [[42151.75, 1.2]],
    },
    "trades": {
        "success": True,
        "symbol": "BTC/USDT",
        "trades": [
            {
                "id": "12345678",
                "timestamp": 1733432100000,
                "price": 42150.25,
                "amount": 0.5,
                "side": "buy",
                "type": "market",
            }
        ],
    },
    "stats": {
        "success": True,
        "timestamp": 1733432100000,
        "global": {
            "total_market_cap": 1650000000000.0,
            "total_volume_24h": 85000000000.0,
            "bitcoin_dominance": 45.2,
            "ethereum_dominance": 18.5,
            "defi_dominance": 6.8,
            "market_cap_change_24h": 2.5,
            "volume_change_24h": 15.3,
            "active_cryptocurrencies": 12500,
            "active_markets": 45000,
            "active_exchanges": 680,
        },
        "top_gainers": [{"symbol": "XYZ", "change_24h": 45.5, "volume_24h": 1500000000.0}],
        "top_losers": [{"symbol": "ABC", "change_24h": -25.3, "volume_24h": 800000000.0}],
    },
    "stats_dominance": {
        "success": True,
        "timestamp": 1733432100000,
        "dominance": {"BTC": 45.2, "ETH": 18.5, "BNB": 4.2, "XRP": 2.8, "others": 27.8},
    },
    "history_price": {
        "success": True,
        "symbol": "BTC",
        "interval": "1d",
        "data": [
            {
                "timestamp": 1733432100000,
                "price": 42150.25,
                "volume": 28500000000.0,
                "market_cap": 825000000000.0,
            }
        ],
    },
    "health": {
        "status": "healthy",
        "timestamp": 1733432100000,
        "version": "2.0.0",
        "uptime": 12.5,
        "services": {"redis": "up", "coingecko": "online", "binance": "online"},
    },
}

FRONT_ENDS: dict[str, list[str]] = {
    "market": "data total_market_cap total_volume total_volume_24h btc_dominance eth_dominance "
    "active_coins active_cryptocurrencies market_cap_change_percentage_24h items[].volume24h "
    "items[].change24h items[].changePercent24h data[].volume24h data[].price".split(),
    "stats": "totalMarketCap totalVolume24h btcDominance activeCoins total_providers".split(),
    "ohlcv": ["data[].closed"],
}
"""What today's front ends read beside the specification."""


def unlike(sample: Any, body: Any, path: str = "") -> list[str]:
    """Where a body lacks a published field or has it in another type; null is allowed."""
    if isinstance(sample, dict):
        if not isinstance(body, dict):
            return [f"{path}: no object"]
        lacking = [f"{path}.{name}: absent" for name in sample if name not in body]
        return lacking + [
            line
            for name, value in sample.items()
            if body.get(name) is not None
            for line in unlike(value, body[name], f"{path}.{name}")
        ]
    if isinstance(sample, list):
        if not isinstance(body, list) or not body:
            return [f"{path}: no array, or an empty one"]
        return [line for row in body for line in unlike(sample[0], row, f"{path}[]")]
    kind = type(sample)
    kinds = (int, float) if kind is float else kind
    right = isinstance(body, kinds) and isinstance(body, bool) == (kind is bool)
    return [] if right else [f"{path}: {body!r} is no {kind.__name__}"]


def nulls(body: Any, path: str = "") -> Iterator[str]:
    """The dotted path of every null, `[]` for members."""
    if body is None:
        yield path
    elif isinstance(body, dict):
        for name, value in body.items():
            yield from nulls(value, f"{path}.{name}" if path else name)
    elif isinstance(body, list):
        for value in body:
            yield from nulls(value, f"{path}[]")


def unexplained(body: Any) -> set[str]:
    """Nulls without a reason in `meta.missing`."""
    meta = body.get("meta", {})
    told = meta.get("missing", {})
    fields = {name: value for name, value in body.items() if name != "meta"}
    return set(nulls(fields)) - set(told)


def has_path(body: Any, path: str) -> bool:
    """Whether every member has the field, null or not."""
    name, _, rest = path.partition(".")
    plain = name.removesuffix("[]")
    if not isinstance(body, dict) or plain not in body:
        return False
    if not rest:
        return True
    inner = body[plain]
    members = inner if name.endswith("[]") else [inner]
    return bool(members) and all(has_path(member, rest) for member in members)
