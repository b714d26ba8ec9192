"""KuCoin's answers on paper."""

import json

from lib.market import Pair
from tests.conftest import StillClock

BTC = Pair("BTC", "USDT")
NOW_MS = StillClock().now_ms()

ROW = {
    "symbol": "BTC-USDT",
    "symbolName": "BTC-USDT",
    "buy": "67192.5",
    "sell": "67192.6",
    "changeRate": "-0.0014",
    "high": "68321.4",
    "low": "66683.3",
    "vol": "1836.03",
    "volValue": "124068431.06",
    "last": "67193",
}
BAR = ["1545904980", "0.058", "0.049", "0.059", "0.048", "0.018", "0.000945"]
BOOK = {"time": 1550653727731, "bids": [["6500.12", "0.45"]], "asks": [["6500.16", "0.57"]]}
TRADE = {"sequence": "154", "price": "0.07", "size": "0.004", "side": "buy"}
TRADE |= {"time": 1545904567062140823}  # type: ignore[dict-item] # nanoseconds
SYMBOL = {
    "symbol": "BTC-USDT",
    "name": "BTC-USDT",
    "baseCurrency": "BTC",
    "quoteCurrency": "USDT",
    "baseMinSize": "0.00001",
    "baseMaxSize": "10000000000",
    "enableTrading": True,
    "feeCategory": 1,
    "makerFeeCoefficient": "0.80",
    "takerFeeCoefficient": "1.00",
}


def reply(data: object) -> dict[str, object]:
    """The envelope of every good answer."""
    return {"code": "200000", "data": data}


def as_bytes(data: object) -> bytes:
    return json.dumps(reply(data)).encode()
