"""Binance's answers on paper."""

import json

from lib.market import Pair
from tests.conftest import StillClock

BTC = Pair("BTC", "USDT")
NOW_MS = StillClock().now_ms()

TICKER = {
    "symbol": "BNBBTC",
    "priceChangePercent": "-95.960",
    "lastPrice": "4.00000200",
    "bidPrice": "4.00000000",
    "askPrice": "4.00000300",
    "highPrice": "100.00000000",
    "lowPrice": "0.10000000",
    "volume": "8913.30000000",
    "quoteVolume": "15.30000000",
    "closeTime": 1499869899040,
}
KLINE = [
    1499040000000,
    "0.0163479",
    "0.8",
    "0.015758",
    "0.015771",
    "148976.11",
    1499644799999,
    "2434.19",
]
DEPTH = {"lastUpdateId": 1, "bids": [["4.0", "431.0"]], "asks": [["4.000002", "12.0"]]}
TRADE = {"id": 28457, "price": "4.1", "qty": "12.0", "time": 1499865549590, "isBuyerMaker": True}
INFO = {
    "serverTime": 1633998511098,
    "symbols": [
        {
            "symbol": "ETHBTC",
            "status": "TRADING",
            "baseAsset": "ETH",
            "quoteAsset": "BTC",
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "0.000001", "maxPrice": "922327"},
                {"filterType": "LOT_SIZE", "minQty": "0.0001", "maxQty": "100000"},
            ],
        }
    ],
}


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()
