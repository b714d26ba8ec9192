"""The venues that are asked, and how their quotes are read."""

from typing import Any

VENUES = ["binance", "coinbase", "kraken", "okx", "kucoin"]
BTC = "/api/price/BTC/consensus"


def dropped(body: Any) -> dict[str, str]:
    return {one["source"]: one["why"] for one in body["dropped"]}


def quotes(body: Any) -> dict[str, Any]:
    return {one["source"]: one for one in body["quotes"]}
