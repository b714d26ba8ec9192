"""OKX's answers on paper."""

import json

from lib.market import Pair
from tests.conftest import StillClock

BTC = Pair("BTC", "USDT")
NOW_MS = StillClock().now_ms()

ROW = {
    "instType": "SPOT",
    "instId": "BTC-USDT",
    "last": "9999.99",
    "askPx": "9999.99",
    "bidPx": "8888.88",
    "open24h": "9000",
    "high24h": "10000",
    "low24h": "8888.88",
    "volCcy24h": "22220000",
    "vol24h": "2222",
    "ts": "1597026383085",
}
BAR = ["1597026360000", "3.721", "3.743", "3.677", "3.708", "8422410", "22698348.04", "12698", "0"]
BOOK = {"asks": [["41006.8", "0.6", "0", "1"]], "bids": [["41006.3", "0.3", "0", "2"]]}
BOOK |= {"ts": "1629966436396"}  # type: ignore[dict-item]
TRADE = {"instId": "BTC-USDT", "tradeId": "242720720", "px": "29963.2", "sz": "0.00001"}
TRADE |= {"side": "sell", "ts": "1654161646974"}
RULE = {
    "instId": "BTC-USDT",
    "baseCcy": "BTC",
    "quoteCcy": "USDT",
    "state": "live",
    "minSz": "0.00001",
    "maxLmtSz": "9999999999",
}


def reply(data: object) -> dict[str, object]:
    """The envelope of every good answer."""
    return {"code": "0", "msg": "", "data": data}


def as_bytes(data: object) -> bytes:
    return json.dumps(reply(data)).encode()
