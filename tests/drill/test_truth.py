"""The drill's truth: what the sandbox's providers say is true, and nothing else."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from drill.truth import SYMBOLS, Truth
from lib.sandbox import create_sandbox

pytestmark = pytest.mark.anyio

SEED = 3
NOW_MS = 1_764_000_012_345
MINUTE_S = 60


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(SEED)


@pytest.fixture
async def venue() -> AsyncIterator[httpx.AsyncClient]:
    """Binance as the sandbox plays it, at one moment."""
    transport = httpx.ASGITransport(create_sandbox(SEED, lambda: NOW_MS))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/binance") as client:
        yield client


async def ask(venue: httpx.AsyncClient, path: str, **query: Any) -> Any:
    return (await venue.get(path, params=query)).json()


@pytest.mark.parametrize("symbol", SYMBOLS)
async def test_a_price_is_true_at_its_time_and_no_other_price_is(
    truth: Truth, venue: httpx.AsyncClient, symbol: str
) -> None:
    told = await ask(venue, "/api/v3/ticker/price", symbol=f"{symbol}USDT")
    price = float(told["price"])

    assert truth.price(symbol, price, NOW_MS)
    assert not truth.price(symbol, price * 1.001, NOW_MS)
    assert not truth.price(symbol, None, NOW_MS)


async def test_a_trade_is_true_with_its_own_amount_alone(
    truth: Truth, venue: httpx.AsyncClient
) -> None:
    (row,) = await ask(venue, "/api/v3/trades", symbol="ETHUSDT", limit=1)
    price, amount = float(row["price"]), float(row["qty"])

    assert truth.trade("ETH", price, amount, row["time"])
    assert not truth.trade("ETH", price, amount * 2, row["time"])


async def test_a_book_is_true_level_by_level(truth: Truth, venue: httpx.AsyncClient) -> None:
    book = await ask(venue, "/api/v3/depth", symbol="BTCUSDT", limit=5)
    bids, asks = ([[float(p), float(a)] for p, a in book[side]] for side in ("bids", "asks"))

    assert truth.book("BTC", bids, asks, NOW_MS)
    assert not truth.book("BTC", [*bids[:4], [bids[4][0], 1.0]], asks, NOW_MS)
    assert not truth.book("BTC", [], asks, NOW_MS)


async def test_a_bar_is_closed_only_with_all_that_was_traded_in_it(
    truth: Truth, venue: httpx.AsyncClient
) -> None:
    query = {"symbol": "BTCUSDT", "interval": "1m", "limit": 2}
    whole, part = (
        dict(zip("tohlcv", [row[0], *map(float, row[1:6])], strict=True))
        for row in await ask(venue, "/api/v3/klines", **query)
    )

    assert truth.closed_bar("BTC", whole, MINUTE_S)
    assert not truth.closed_bar("BTC", part, MINUTE_S)
    assert truth.running_bar("BTC", part, NOW_MS, MINUTE_S)
    assert not truth.running_bar("BTC", part | {"h": part["h"] * 1.1}, NOW_MS, MINUTE_S)
