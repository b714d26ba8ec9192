"""The real adapters read the sandbox."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lib.feeds import load_feeds
from lib.market import Book, Candles, Pair, Trades
from lib.providers.base import Provider
from lib.queries import (
    AddressQuery,
    CandleQuery,
    Everything,
    ListQuery,
    PairQuery,
    Query,
    RangeQuery,
)
from lib.runtime import load_providers
from lib.sandbox import PROVIDERS, SandboxClock, create_sandbox
from lib.timeframes import TIMEFRAME_MS
from tests.conftest import StillClock
from tests.lib.sandbox.conftest import NOW_MS

BITCOIN = Pair("BTC", "USDT")
QUESTIONS: dict[type[Query], Callable[[], Query]] = {
    PairQuery: lambda: PairQuery(BITCOIN),
    CandleQuery: lambda: CandleQuery(BITCOIN, "1h", 100),
    ListQuery: lambda: ListQuery(1),
    RangeQuery: lambda: RangeQuery("BTC", NOW_MS - 7 * 86_400_000, NOW_MS),
    Everything: Everything,
    AddressQuery: lambda: AddressQuery("ethereum", f"0x{'ab' * 20}", 100),
}
BITCOIN_ADDRESS = AddressQuery("bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", 100)


def adapter(name: str) -> type[Provider]:
    return load_providers([name])[name]


def served() -> list[tuple[str, str]]:
    every = [(name, feed) for name in PROVIDERS for feed in adapter(name).served()]
    return [pair for pair in every if pair != ("coingecko", "candles")]  # its bars lack volumes


async def answer(name: str, feed_name: str, query: Query | None = None) -> Any:
    provider_type = adapter(name)
    row = provider_type.served()[feed_name]
    app = create_sandbox(1, SandboxClock(fixed_ms=NOW_MS))
    base = f"http://sandbox/{name}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        key = "key" if provider_type.needs_key else None
        provider = provider_type(client, StillClock(NOW_MS), base, key)
        if row.bulk:
            return await getattr(provider, row.method)()
        feed = next(f for f in load_feeds() if f.name == feed_name)
        return await getattr(provider, row.method)(query or QUESTIONS[feed.query]())


@pytest.mark.anyio
@pytest.mark.parametrize(("name", "feed"), served())
async def test_an_adapter_understands_every_answer(name: str, feed: str) -> None:
    assert await answer(name, feed, BITCOIN_ADDRESS if feed == "bitcoin_transactions" else None)


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["binance", "kucoin", "okx", "kraken", "coinbase"])
@pytest.mark.parametrize("timeframe", TIMEFRAME_MS)
async def test_venues_give_the_same_bars_through_their_adapters(name: str, timeframe: str) -> None:
    query = CandleQuery(BITCOIN, timeframe, 20)

    here: Candles = await answer(name, "candles", query)
    there: Candles = await answer("binance", "candles", query)

    assert [bar.open_ms for bar in here.bars] == [bar.open_ms for bar in there.bars]
    for mine, theirs in zip(here.bars, there.bars, strict=True):
        assert (mine.open, mine.high, mine.low, mine.close) == (
            theirs.open,
            theirs.high,
            theirs.low,
            theirs.close,
        )
        assert mine.volume == pytest.approx(theirs.volume, rel=1e-12)


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["binance", "kucoin", "okx", "kraken", "coinbase"])
async def test_the_last_trade_lies_at_the_books_edge(name: str) -> None:
    book: Book = await answer(name, "books")
    trades: Trades = await answer(name, "trades")

    last = trades.rows[-1]
    assert last.price == (book.asks[0][0] if last.side == "buy" else book.bids[0][0])
