"""A table of five coins as upstreams tell it, two of them of one ticker."""

from typing import Any

from tests.functions.upstream import GLOBAL, MARKETS, RATES, TICKERS, listing, rates, ticker, totals
from tests.house import House, canned

UPSTREAM = {
    TICKERS: [ticker("BTCUSDT", 101.0), ticker("ETHUSDT", 52.0), ticker("ABCUSDT", 5.0)],
    MARKETS: [
        listing(1, "bitcoin", "BTC", 100.0, price_change_percentage_24h=3),
        listing(2, "ethereum", "ETH", 50.0, total_volume=9_000_000),
        listing(3, "tether", "USDT", 1.0),
        listing(4, "abacus", "ABC", 9.0, max_supply=None),
        listing(5, "abc-again", "ABC", 5.0, market_cap_rank=None),
    ],
    GLOBAL: totals(),
    RATES: rates(usd=100, eur=90),
}


async def ask(target: str, upstream: Any = None) -> Any:
    """The body of an answer."""
    async with House(upstream=canned(upstream or UPSTREAM)) as house:
        answer = await house.get(target)
    assert answer.status == 200, answer
    return answer.json


def column(body: Any, name: str) -> list[Any]:
    """One field of every row."""
    return [row[name] for row in body["items"]]
