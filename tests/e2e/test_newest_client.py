"""The newest front end's calls on the real server, judged by the rules by which it refuses."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.service import running_service

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with (
        running_service("--upstream", "sandbox", RATE_LIMIT_IP="0") as root,
        httpx.Client(base_url=root, timeout=30, trust_env=False) as client,
    ):
        yield client


def told(reply: httpx.Response) -> Any:
    """The body of an answer that says where it comes from: none other is taken."""
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert body["success"] is True
    assert body["meta"]["source"].startswith("sandbox:")
    assert isinstance(body["meta"]["degraded"], bool)  # a busy machine makes slow sources
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

    now_ms = time.time() * 1000
    opens = [candle["timestamp"] for candle in body["candles"]]
    assert body["exchange"] in ("binance", "kucoin")
    assert opens == list(range(opens[0], opens[-1] + 1, HOUR_MS))
    assert len(opens) >= 500
    assert opens[-1] + HOUR_MS <= now_ms
    assert opens[-1] >= now_ms - 3 * HOUR_MS
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
    assert all(isinstance(row["hash"], str) and row["hash"].strip() for row in rows)
    assert all(finite(row["amount"]) and row["amount"] > 0 for row in rows)
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
    assert 0 <= body["confidence"] <= 1
    assert body["model"]


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
