"""What today's front ends ask beside the specification, with the parameters that they send, and
every field that they read of the answer: first of markets and of the service itself.

`front_ends_told.py` has their questions about news, moods, forecasts and chains.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.functions.senses import (
    Maybe,
    Object,
    Rows,
    Sense,
    address,
    amount,
    capitals,
    exactly,
    flag,
    one_of,
    pair,
    past_ms,
    percent,
    positive,
    recent_ms,
    share,
    text,
    texts,
    whole,
)
from tests.house import Answer, House

Reads = dict[str, Sense]


@dataclass(frozen=True, slots=True)
class Call:
    """A question; one with a `body` is posted. `reads` are the fields of the answer, or of each
    row where the answer is a bare array."""

    target: str
    reads: Reads = field(repr=False)
    body: dict[str, Any] | None = None
    bare: bool = False

    async def of(self, house: House) -> Answer:
        """The answer."""
        if self.body is None:
            return await house.get(self.target)
        return await house.post(self.target, self.body)

    @property
    def senses(self) -> Sense:
        """What the whole answer must be."""
        return Rows(self.reads) if self.bare else Object(self.reads)

    def __str__(self) -> str:
        sent = "" if self.body is None else " " + " ".join(f"{k}={v}" for k, v in self.body.items())
        return self.target + sent


TOP_COIN: Reads = {
    "id": text,
    "rank": Maybe(whole),
    "market_cap_rank": Maybe(whole),
    "symbol": capitals,
    "name": text,
    "image": Maybe(address),
    "price": positive,
    "current_price": positive,
    "market_cap": Maybe(positive),
    "volume_24h": Maybe(amount),
    "total_volume": Maybe(amount),
    "change_24h": Maybe(percent),
    "price_change_percentage_24h": Maybe(percent),
    "change_7d": Maybe(percent),
    "high_24h": Maybe(positive),
    "low_24h": Maybe(positive),
    "ath": Maybe(positive),
    "ath_date": Maybe(text),
    "atl": Maybe(positive),
    "circulating_supply": Maybe(amount),
}
TOP: Reads = {
    "coins": Rows(TOP_COIN),
    "data": Rows(TOP_COIN),
    "count": whole,
    "timestamp": recent_ms,
}
MARKET_ROW: Reads = {
    name: TOP_COIN[name] for name in ("symbol", "name", "rank", "price", "market_cap", "image")
} | {"volume24h": amount, "change24h": percent, "changePercent24h": percent}
MARKET: Reads = {
    "items": Rows(MARKET_ROW),
    "data": Rows(MARKET_ROW),
    "total_market_cap": positive,
    "total_volume": positive,
    "total_volume_24h": positive,
    "btc_dominance": share,
    "eth_dominance": share,
    "active_coins": whole,
    "active_cryptocurrencies": whole,
    "market_cap_change_percentage_24h": percent,
    "timestamp": recent_ms,
}
LONG_BAR: Reads = {
    "timestamp": past_ms,
    "open": positive,
    "high": positive,
    "low": positive,
    "close": positive,
    "volume": amount,
    "filled": flag,
}
SHORT_BAR: Reads = {
    "t": past_ms,
    "o": positive,
    "h": positive,
    "l": positive,
    "c": positive,
    "v": amount,
}
SHORT_BARS: Reads = {"data": Rows(SHORT_BAR), "symbol": pair, "timeframe": text}
BARS: Reads = {"data": Rows(LONG_BAR | SHORT_BAR | {"closed": flag}), "count": whole}
RATE: Reads = {
    "pair": pair,
    "price": positive,
    "change24h": percent,
    "volume24h": amount,
    "timestamp": recent_ms,
}
QUOTED: Reads = {"pair": pair, "price": positive, "quote": capitals, "ts": recent_ms}
ONE_RATE: Reads = RATE | {"data": Object(QUOTED)}
TICKER: Reads = {"symbol": capitals, "price": positive, "change_24h": percent}
HISTORY: Reads = {"data": Rows(LONG_BAR), "symbol": exactly("BTC")}
TREND: Reads = {
    "id": text,
    "symbol": capitals,
    "name": text,
    "rank": Maybe(whole),
    "score": whole,
    "price": Maybe(positive),
    "image": Maybe(address),
}
BACKTEST: Reads = {"exchange": one_of("binance", "kucoin"), "candles": Rows(LONG_BAR)}

MARKET_CALLS = (
    Call("/api/market?symbols=BTC,ETH", MARKET),
    Call("/api/market?symbols=", MARKET),
    Call("/api/market?symbols=BTC,ETH&limit=2", MARKET),
    Call("/api/market?limit=100&sort=market_cap&order=desc", MARKET),
    Call("/api/market?sort=volume&order=desc", MARKET),
    Call("/api/market?sort=price", MARKET),
    Call("/api/ohlcv?symbol=BTC&timeframe=1h&limit=1000", SHORT_BARS),
    Call("/api/ohlcv?symbol=BTCUSDT&interval=1h&limit=200", SHORT_BARS),
    Call("/api/ohlcv?symbol=BTC/USDT&timeframe=4h", SHORT_BARS),
    Call("/api/ohlcv?symbol=eth&timeframe=1d", SHORT_BARS),
    Call(
        "/api/stats",
        {
            "totalMarketCap": positive,
            "totalVolume24h": positive,
            "btcDominance": share,
            "activeCoins": whole,
            "total_providers": whole,
        },
    ),
    Call("/api/coins/top", TOP),
    Call("/api/coins/top?limit=50", TOP),
    Call("/api/market/top?limit=10", TOP),
    Call("/api/service/top?n=10", TOP),
    Call("/api/service/rate?pair=BTC/USDT", ONE_RATE),
    Call("/api/service/rate?pair=BTC%2FUSDT", ONE_RATE),
    Call(
        "/api/service/rate/batch?pairs=BTC/USDT,ETH/USDT",
        {"rates": Rows(RATE | QUOTED), "data": Rows(RATE | QUOTED)},
    ),
    Call("/api/ohlcv/BTC?timeframe=1h&limit=100", BARS),
    Call("/api/ohlcv/BTCUSDT?interval=4h&limit=100", BARS),
    Call("/api/ohlcv/BTC%2FUSDT?timeframe=1d", BARS),
    Call("/api/ohlcv/multi?symbols=BTC,ETH&timeframe=1h&limit=10", BARS | {"symbols": texts}),
    Call("/api/market/ohlc?symbol=BTC&interval=1h&limit=100", BARS),
    Call("/api/market/ohlc?symbol=BTC&timeframe=1h", BARS),
    Call(
        "/api/service/history?symbol=BTC&interval=1h&limit=100",
        HISTORY | {"count": exactly(100), "interval": exactly("1h")},
    ),
    Call("/api/service/history?symbol=BTC&interval=60", HISTORY | {"interval": exactly("1h")}),
    Call("/api/historical?symbol=BTC&days=30", HISTORY | {"count": exactly(30)}),
    Call("/api/trending", {"coins": Rows(TREND)}),
    Call(
        "/api/service/market-status",
        {
            "data": Object({"total_market_cap": positive, "total_volume_24h": positive}),
            "timestamp": recent_ms,
        },
    ),
    Call("/api/trading/backtest/historical/BTCUSDT?timeframe=1h&days=7&exchange=binance", BACKTEST),
    Call("/api/market/history?symbol=BTC&timeframe=1h&limit=100", LONG_BAR, bare=True),
    Call("/api/market/tickers?limit=100&sort=market_cap", TICKER, bare=True),
    Call("/api/market/tickers?limit=100&sort=volume", TICKER, bare=True),
)

STATE: Reads = {
    "status": exactly("healthy"),
    "service": text,
    "version": text,
    "timestamp": recent_ms,
}
PROVIDER: Reads = {
    "id": text,
    "name": text,
    "status": one_of("online", "offline", "degraded"),
    "type": text,
}
MODEL: Reads = {
    "id": text,
    "name": text,
    "task": text,
    "status": exactly("healthy"),
    "loaded": exactly(True),
}
MODELS: Reads = {"status": exactly("healthy"), "timestamp": recent_ms}
MODEL_LIST: Reads = MODELS | {"models": Rows(MODEL), "count": whole}
MODEL_STATES: Reads = MODELS | {"models_loaded": whole, "models_failed": exactly(0)}

STATE_CALLS = (
    Call("/api/health", STATE | {"services": Object({"binance": exactly("online")})}),
    Call("/api/status", STATE | {"providers": Object({"total": whole, "online": whole})}),
    Call("/api/providers", {"providers": Rows(PROVIDER), "total": whole, "online": whole}),
    Call("/api/models/list", MODEL_LIST),
    Call("/api/models/summary", MODEL_LIST),
    Call("/api/models/status", MODEL_STATES),
    Call("/api/models/health", MODEL_STATES),
    Call(
        "/api/resources/summary",
        STATE | {"summary": Object({"total_resources": whole, "free_resources": whole})},
    ),
    Call(
        "/api/new-sources/status",
        STATE | {"sources": Object({"binance": Object({"status": exactly("operational")})})},
    ),
)
"""Questions about the service itself, for which nobody is asked."""
