"""Upstreams as they were recorded: what each said, by its path, to a service of that day."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.conftest import Corpus, StillClock
from tests.house import PLAYED, House

DAY_MS = 86_400_000
NOON_MS = 1_653_652_800_000
"""Friday 27 May 2022, 12:00 UTC: the last recorded candle runs."""

Say = Callable[[httpx.QueryParams], bytes]


def recorded_house(corpus: Corpus, now_ms: int, **settings: str) -> House:
    """The service over the recordings, on a clock of their day. Who was not recorded is a 404."""
    said = _answers(corpus, now_ms)

    def answer(request: httpx.Request) -> httpx.Response:
        say = said.get(request.url.path)
        if say is None:
            return httpx.Response(404)
        return httpx.Response(200, content=say(request.url.params))

    return House(
        upstream=httpx.MockTransport(answer),
        clock=StillClock(now_ms),
        names=[*PLAYED, "embedded_sentiment"],
        settings=settings,
    )


def _answers(corpus: Corpus, now_ms: int) -> Mapping[str, Say]:
    def whole(name: str) -> Say:
        return lambda _: corpus.body(name)

    return {
        "/binance/api/v3/klines": lambda asked: _bars(corpus, asked, now_ms),
        "/binance/api/v3/ticker/24hr": whole("binance/ticker24hr_all_symbols"),
        "/coingecko/api/v3/coins/markets": whole("coingecko/coins_markets_top100_sparkline_2026"),
        "/coingecko/api/v3/search/trending": whole("coingecko/search_trending"),
        "/coingecko/api/v3/global": whole("coingecko/global"),
        "/coingecko/api/v3/global/decentralized_finance_defi": whole("coingecko/global_defi"),
        "/alternative_me/fng/": lambda asked: _moods(corpus, asked, now_ms),
        "/rss_coindesk/arc/outboundfeeds/rss/": whole("rss/coindesk_2026_trimmed"),
        "/rss_cointelegraph/rss": whole("rss/cointelegraph_2026_trimmed"),
        "/whale_alert/v1/transactions": whole("whale_alert/transactions_v1_2019"),
        "/etherscan/v2/api": lambda asked: corpus.body(f"etherscan/{asked['action']}_page"),
    }


def _bars(corpus: Corpus, asked: httpx.QueryParams, now_ms: int) -> bytes:
    """The recorded daily bars, cut as the venue cuts them."""
    if asked["interval"] != "1d":
        return b"[]"
    rows: list[Any] = json.loads(corpus.body(f"binance/klines_{asked['symbol']}_1d_page1"))
    first, last = int(asked.get("startTime", 0)), int(asked.get("endTime", now_ms))
    limit = int(asked.get("limit", 500))
    found = [row for row in rows if first <= row[0] <= last]
    return json.dumps(found[:limit] if "startTime" in asked else found[-limit:]).encode()


def _moods(corpus: Corpus, asked: httpx.QueryParams, now_ms: int) -> bytes:
    """The recorded index up to the day, newest first."""
    told = json.loads(corpus.body("alternative_me/fng_history_to_2024_11"))
    days = [day for day in told["data"] if int(day["timestamp"]) * 1000 <= now_ms]
    limit = int(asked.get("limit", 1))
    return json.dumps(told | {"data": days[:limit] if limit else days}).encode()
