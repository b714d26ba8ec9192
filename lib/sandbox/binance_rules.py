"""What Binance lists: pairs, their rules, and the dead rows among them."""

from typing import Final

from lib.sandbox.assets import ASSETS, BY_SYMBOL, FIAT, PER_USD
from lib.sandbox.market import Listed
from lib.sandbox.world import Row, decimal

_MAJORS: Final = "BTC ETH BNB SOL XRP DOGE ADA AVAX LINK LTC".split()
DEAD: Final = "MATIC FTM RNDR EOS MKR KLAY".split()
"""Renamed or delisted: still in the lists, without a price."""


def _listed() -> dict[str, Listed]:
    pairs = [Listed(a, "USDT") for a in ASSETS if not a.twin and a.symbol != "USDT"]
    for symbol in _MAJORS:
        asset = BY_SYMBOL[symbol]
        pairs += [Listed(asset, "USDC"), Listed(asset, "FDUSD")]
        pairs += [Listed(asset, q, round(PER_USD[q] * 10_000)) for q in ("EUR", "TRY", "BRL")]
    pairs.append(Listed(FIAT["EUR"], "USDT"))
    return {pair.asset.symbol + pair.quote: pair for pair in pairs}


LISTED: Final = _listed()


def dead_day(name: str, now_ms: int) -> Row:
    none = "0.00000000"
    numbers = (
        "weightedAvgPrice prevClosePrice lastPrice lastQty bidPrice bidQty askPrice askQty "
        "openPrice highPrice lowPrice volume quoteVolume"
    )
    return {
        "symbol": name,
        "priceChange": none,
        "priceChangePercent": "0.000",
        **dict.fromkeys(numbers.split(), none),
        "openTime": now_ms - 86_400_000,
        "closeTime": now_ms,
        "firstId": -1,
        "lastId": -1,
        "count": 0,
    }


def rule(name: str) -> Row:
    listed = LISTED.get(name)
    base, quote = (listed.asset.symbol, listed.quote) if listed else (name[:-4], "USDT")
    p, a = (listed.price_decimals, listed.amount_decimals) if listed else (4, 2)
    tick, lot = decimal(1, p, 8), decimal(1, a, 8)
    filters: list[Row] = [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": tick,
            "maxPrice": "1000000.00000000",
            "tickSize": tick,
        },
        {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000000.00000000", "stepSize": lot},
        {"filterType": "ICEBERG_PARTS", "limit": 10},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {
            "filterType": "NOTIONAL",
            "minNotional": "5.00000000",
            "applyMinToMarket": True,
            "avgPriceMins": 5,
        },
    ]
    return {
        "symbol": name,
        "status": "TRADING" if listed else "BREAK",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "isSpotTradingAllowed": listed is not None,
        "isMarginTradingAllowed": False,
        "filters": filters,
        "permissions": ["SPOT"],
    }
