"""What today's front ends read, when upstreams say what they once really said."""

from dataclasses import replace

import pytest

from tests.conftest import Corpus
from tests.functions.front_ends import (
    BACKTEST,
    BARS,
    HISTORY,
    LONG_BAR,
    MARKET,
    ONE_RATE,
    QUOTED,
    RATE,
    SHORT_BARS,
    TICKER,
    TOP,
    TREND,
    Call,
)
from tests.functions.front_ends_told import (
    ASSET_MOOD,
    CALLED,
    DECIDED,
    FEAR,
    GLOBAL_MOOD,
    HEADLINE,
    MOVES,
    NEWS,
    PREDICTED,
    SIGNAL,
)
from tests.functions.published import unexplained
from tests.functions.recordings import NOON_MS, recorded_house
from tests.functions.senses import (
    Rows,
    exactly,
    nonsense,
    of_any_day,
    positive,
    whole,
)

PRESS_MS = 1_786_816_800_000
"""Saturday 15 August 2026, 18:00 UTC, when the feeds were recorded."""
WHALES_MS = 1_560_837_600_000
"""Tuesday 18 June 2019, 06:00 UTC, when the large transfers were."""
ADDRESS = "0xddbd2b932c763ba5b1b7ae3b362eac3e8d40121a"
KEYS = {"WHALE_ALERT_KEY": "k", "ETHERSCAN_KEY": "k"}
DAILY = {"symbol": "BTC", "timeframe": "1d"}

NOON_CALLS = (
    Call("/api/market?symbols=BTC,ETH", MARKET),
    Call("/api/market?limit=100&sort=market_cap&order=desc", MARKET),
    Call("/api/stats", {"totalMarketCap": positive, "activeCoins": whole}),
    Call("/api/coins/top?limit=100", TOP),
    Call("/api/market/top?limit=10", TOP),
    Call("/api/service/top?n=10", TOP),
    Call("/api/market/tickers?limit=100&sort=market_cap", TICKER, bare=True),
    Call("/api/trending", {"coins": Rows(TREND)}),
    Call("/api/service/rate?pair=BTC%2FUSDT", ONE_RATE),
    Call("/api/service/rate/batch?pairs=BTC/USDT,ETH/USDT", {"rates": Rows(RATE | QUOTED)}),
    Call("/api/ohlcv?symbol=BTCUSDT&timeframe=1d&limit=1000", SHORT_BARS),
    Call("/api/ohlcv/BTC%2FUSDT?timeframe=1d&limit=100", BARS),
    Call("/api/ohlcv/multi?symbols=BTC,ETH&timeframe=1d&limit=10", BARS),
    Call("/api/market/ohlc?symbol=eth&interval=1d&limit=100", BARS),
    Call("/api/market/history?symbol=BTC&timeframe=1d&limit=100", LONG_BAR, bare=True),
    Call("/api/service/history?symbol=BTC&interval=1d&limit=100", HISTORY),
    Call("/api/historical?symbol=BTC&days=30", HISTORY | {"count": exactly(30)}),
    Call("/api/trading/backtest/historical/BTCUSDT?timeframe=1d&days=90&exchange=kucoin", BACKTEST),
    Call("/api/sentiment", GLOBAL_MOOD),
    Call("/api/sentiment/global?timeframe=30D", GLOBAL_MOOD),
    Call("/api/fear-greed?limit=1", FEAR),
    Call("/api/ai/signals?symbol=BTC&timeframe=1d", {"signals": Rows(SIGNAL)}),
    Call("/api/ai/predict", PREDICTED, DAILY),
    Call("/api/ai/decision", DECIDED, DAILY),
    Call(f"/api/service/onchain?address={ADDRESS}", {"data": Rows(CALLED)}),
)
PRESS_CALLS = (
    Call("/api/news/latest?limit=10", NEWS),
    Call("/api/news/latest?symbol=BTC", NEWS),
    Call("/api/news?limit=5&source=coindesk", NEWS),
    Call("/api/news/headlines?limit=10", HEADLINE, bare=True),
    Call("/api/sentiment/asset/BTC", ASSET_MOOD),
)
WHALE_CALLS = (
    Call("/api/service/whales?limit=20", MOVES),
    Call("/api/service/whales?chain=ethereum&min_amount_usd=1000000&limit=10", MOVES),
)
CALLS = [
    *((NOON_MS, call) for call in NOON_CALLS),
    *((PRESS_MS, call) for call in PRESS_CALLS),
    *((WHALES_MS, call) for call in WHALE_CALLS),
]


@pytest.mark.parametrize(("now_ms", "call"), CALLS, ids=[str(call) for _, call in CALLS])
async def test_what_was_recorded_makes_sense(corpus: Corpus, now_ms: int, call: Call) -> None:
    reads = {name: of_any_day(sense) for name, sense in call.reads.items()}
    async with recorded_house(corpus, now_ms, **KEYS) as house:
        answer = await call.of(house)

    assert answer.status == 200
    assert replace(call, reads=reads).senses(answer.json), nonsense(answer.json, reads)
    assert answer.headers["x-source"]
    assert call.bare or unexplained(answer.json) == set()
