"""The newest front end's calls on the real server, judged by the rules by which it refuses."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.functions.newest_client import (
    has_gaps,
    is_old,
    is_too_sure,
    lacks_amount,
    lacks_hash,
    lacks_provenance,
    runs,
)
from tests.service import running_service


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with running_service("--upstream", "sandbox", RATE_LIMIT_IP="0") as root:
        yield root


@pytest.fixture(scope="module")
def client(root: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=root, timeout=30, trust_env=False) as client:
        yield client


def told(reply: httpx.Response) -> Any:
    """The body of an answer that says where it comes from: none other is taken."""
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert body["success"] is True
    assert lacks_provenance(body) == []
    assert body["meta"]["source"].startswith("sandbox:")
    assert reply.headers["x-source"] == body["meta"]["source"]
    return body


def finite(value: Any) -> bool:
    """A JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT"])
def test_candles_without_gaps_closed_and_young(client: httpx.Client, symbol: str) -> None:
    body = told(
        client.get(
            f"/api/trading/backtest/historical/{symbol}",
            params={"timeframe": "1h", "days": 21, "exchange": "binance"},
        )
    )

    now_ms = int(time.time() * 1000)
    assert body["exchange"] in ("binance", "kucoin")
    assert len(body["candles"]) >= 500
    assert has_gaps(body) == runs(body, now_ms) == is_old(body, now_ms) == []
    assert all(candle["volume"] >= 0 < candle["low"] for candle in body["candles"])


@pytest.mark.parametrize("pair", ["BTC%2FUSDT", "ETH%2FUSDT"])
def test_a_rate_above_zero(client: httpx.Client, pair: str) -> None:
    body = told(client.get(f"/api/service/rate?pair={pair}"))

    assert finite(body["price"])
    assert body["price"] == body["data"]["price"] > 0


def test_a_market_row_for_each_symbol_asked(client: httpx.Client) -> None:
    body = told(client.get("/api/market?symbols=BTC,ETH&limit=2"))

    assert {row["symbol"]: row["price"] > 0 for row in body["data"]} == {"BTC": True, "ETH": True}


@pytest.mark.parametrize("symbol", ["BTC", "ETH"])
def test_whales_with_a_hash_and_an_amount(client: httpx.Client, symbol: str) -> None:
    for _ in range(5):
        body = told(client.get(f"/api/service/whales?limit=20&symbol={symbol}"))
        if body["data"]:
            break
        time.sleep(1)  # a chain was too slow, as its absence in the meta tells
    rows = body["data"]

    assert rows
    assert lacks_hash(body) == lacks_amount(body) == []
    assert {row["direction"] for row in rows} <= {"inbound", "outbound", None}
    assert {row["symbol"] for row in rows} == {symbol}


@pytest.mark.parametrize("path", ["/api/sentiment/global", "/api/fear-greed?limit=1"])
def test_fear_and_greed_from_0_to_100(client: httpx.Client, path: str) -> None:
    body = told(client.get(path))

    assert 0 <= body["value"] <= 100
    assert body["value_classification"] in (
        "Extreme Fear", "Fear", "Neutral", "Greed", "Extreme Greed",
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/api/sentiment", "/api/service/sentiment"])
@pytest.mark.parametrize("mode", ["crypto", "financial", "social", "news"])
def test_a_tone_in_three_words_and_a_confidence_from_0_to_1(
    client: httpx.Client, path: str, mode: str
) -> None:
    reply = client.post(path, json={"text": "Bitcoin soars to a record high", "mode": mode})

    body = reply.json()
    assert (reply.status_code, body["success"]) == (200, True)
    assert body["sentiment"] in ("Bullish", "Bearish", "Neutral")
    assert is_too_sure(body) == []
    assert body["model"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/ai/predict", {"symbol": "BTC", "timeframe": "1h"}),
        ("/api/ai/decision", {"symbol": "BTC", "timeframe": "4h"}),
    ],
)
def test_a_forecast_that_is_not_too_sure(
    client: httpx.Client, path: str, body: dict[str, str]
) -> None:
    assert is_too_sure(told(client.post(path, json=body))) == []


@pytest.mark.parametrize(
    ("path", "rows"), [("/api/defi/protocols", "protocols"), ("/api/defi/yields", "pools")]
)
def test_defi_by_its_source(client: httpx.Client, path: str, rows: str) -> None:
    body = told(client.get(f"{path}?limit=20"))

    assert body["source"] == "defillama"
    assert 0 < len(body[rows]) <= 20


def test_headlines_with_a_title_and_a_link(client: httpx.Client) -> None:
    rows = told(client.get("/api/news/latest?limit=10"))["news"]

    assert rows
    assert all(row["title"] and row["url"] and row["source"] for row in rows)
    assert all(row["published_at"].endswith("Z") for row in rows)


def test_a_state_that_it_can_read(client: httpx.Client) -> None:
    health, sources = client.get("/api/health"), client.get("/api/new-sources/status")

    assert (health.status_code, health.json()["status"]) == (200, "healthy")
    words = {source["status"] for source in sources.json()["sources"].values()}
    assert words <= {"operational", "degraded", "offline"}


def is_market_data(frame: Any) -> bool:
    """One symbol's price under the names that readers of `market_data` know."""
    data = frame["data"]
    return bool(
        frame["type"] == "market_data"
        and data["symbol"].split("/")[0] in ("BTC", "ETH")
        and finite(data["price"])
        and data["price"] > 0
        and data["timestamp"] > 1e12
    )


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("message", "is_answer"),
    [
        (
            {"action": "subscribe", "service": "/api/service/rate?pair=BTC/USDT"},
            lambda frame: frame["success"] and frame["pair"] == "BTC/USDT" and frame["price"] > 0,
        ),
        (
            {"action": "subscribe", "service": "/api/market/tickers?limit=5"},
            lambda frame: len(frame) == 5 and all(row["price"] > 0 for row in frame),
        ),
        (
            {"type": "subscribe", "channel": "market_data", "symbols": ["BTC", "ETH"]},
            is_market_data,
        ),
        ({"type": "subscribe", "symbol": "BTC"}, is_market_data),
        ({"type": "ping"}, lambda frame: frame["type"] == "pong"),
    ],
)
async def test_the_first_frame_is_the_answer(root: str, message: Any, is_answer: Any) -> None:
    async with connect(f"{root.replace('http', 'ws')}/ws", proxy=None) as socket:
        await socket.send(json.dumps(message))
        frame = json.loads(await asyncio.wait_for(socket.recv(), 10))

    assert is_answer(frame), frame
