"""Upstream answers on paper, with numbers that a test can reckon with."""

from typing import Any

from tests.house import NOW_MS

TICKERS = "/binance/api/v3/ticker/24hr"
BARS = "/binance/api/v3/klines"
MARKETS = "/coingecko/api/v3/coins/markets"
GLOBAL = "/coingecko/api/v3/global"
DEFI = "/coingecko/api/v3/global/decentralized_finance_defi"
RATES = "/coingecko/api/v3/exchange_rates"


def ticker(symbol: str, last: float, **more: Any) -> dict[str, Any]:
    """A row of Binance's tickers; 24 hours ago it was a tenth cheaper."""
    return {
        "symbol": symbol,
        "lastPrice": str(last),
        "bidPrice": str(last - 1),
        "askPrice": str(last + 1),
        "highPrice": str(last * 1.5),
        "lowPrice": str(last / 2),
        "priceChangePercent": "10",
        "volume": "1000",
        "quoteVolume": str(1000 * last),
        "closeTime": NOW_MS - 300,
    } | more


def listing(rank: int, wire_id: str, symbol: str, price: float, **more: Any) -> dict[str, Any]:
    """A row of CoinGecko's market table: ten coins of it exist."""
    return {
        "id": wire_id,
        "symbol": symbol.lower(),
        "name": wire_id.title(),
        "image": f"https://example.org/{wire_id}.png",
        "current_price": price,
        "market_cap": 10 * price,
        "market_cap_rank": rank,
        "total_volume": 2_000_000,
        "high_24h": price + 5,
        "low_24h": price - 5,
        "price_change_percentage_24h": -1.5,
        "price_change_percentage_1h_in_currency": 0.1,
        "price_change_percentage_7d_in_currency": 7.5,
        "circulating_supply": 10,
        "total_supply": 20,
        "max_supply": 21,
        "ath": 2 * price,
        "ath_date": "2025-10-06T18:57:42.558Z",
        "atl": price / 2,
        "atl_date": "2013-07-06T00:00:00.000Z",
        "last_updated": "2025-11-24T16:01:30.000Z",
    } | more


def totals(**more: Any) -> dict[str, Any]:
    """CoinGecko's view of the whole market."""
    return {
        "data": {
            "active_cryptocurrencies": 17000,
            "markets": 1400,
            "total_market_cap": {"usd": 3e12},
            "total_volume": {"usd": 2e11},
            "market_cap_percentage": {"btc": 55.0, "eth": 12.0, "usdt": 6.0, "xrp": 4, "bnb": 3},
            "market_cap_change_percentage_24h_usd": -1.25,
            "volume_change_percentage_24h_usd": 4.5,
            "updated_at": NOW_MS // 1000 - 60,
        }
        | more
    }


def rates(**per_bitcoin: float) -> dict[str, Any]:
    """CoinGecko's rates, by what one bitcoin is worth."""
    return {
        "rates": {
            code: {"name": code, "unit": code, "value": value, "type": "fiat"}
            for code, value in per_bitcoin.items()
        }
    }


def bar(open_ms: int, close: float, volume: float = 2.0) -> list[Any]:
    """A row of Binance's bars that opens at 100 and whose high and low are 10 beyond."""
    low, high = min(100.0, close) - 10, max(100.0, close) + 10
    prices = [str(value) for value in (100.0, high, low, close)]
    return [open_ms, *prices, str(volume), open_ms, str(volume * close)]
