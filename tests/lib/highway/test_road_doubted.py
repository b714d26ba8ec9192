"""What this process knows to be contradicted, other processes cannot make it say."""

from typing import Any

import pytest

from lib.feeds import TICKERS
from lib.highway.road import Highway
from lib.highway.shared import SharedValues
from lib.market import Pair, Ticker
from lib.providers.base import Served
from lib.queries import PairQuery
from lib.sourced import Sourced, arrived
from tests.conftest import StillClock
from tests.lib.fakes import FakeSource, FakeStore
from tests.lib.highway.driving import Open

pytestmark = pytest.mark.anyio

BTC = PairQuery(Pair("BTC", "USDT"))


class Venue(FakeSource):
    """A venue that answers one pair a call."""

    async def ticker_of(self, query: PairQuery) -> Ticker:
        await self.speak(query)
        return self.ticker(query.pair)

    @classmethod
    def served(cls) -> dict[str, Served]:
        return {TICKERS.name: Served(TICKERS, "ticker_of", 1, bulk=False)}


def _said(source: str, price: float, clock: StillClock) -> Sourced[Any]:
    return arrived(Ticker(BTC.pair, price, clock.now_ms()), source, clock.now_ms())


def _doubting(open_highway: Open, clock: StillClock, store: FakeStore) -> Highway:
    """A process that has heard three sources, of which Binance is contradicted."""
    highway = open_highway(Venue("coinbase", clock, 100.0), store=store, inline=True)
    for source, price in (("binance", 110.0), ("kraken", 100.0), ("okx", 100.0)):
        highway.put_rows(TICKERS, source, {BTC.key: _said(source, price, clock).value})
    assert highway.at_hand(TICKERS, BTC)
    clock.advance(61)
    return highway


async def test_a_doubted_price_in_the_store_is_not_taken(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    highway = _doubting(open_highway, clock, store)
    await SharedValues(store, clock).settle(TICKERS, BTC, _said("binance", 110.0, clock))

    assert (await highway.fetch(TICKERS, BTC)).source == "coinbase"


async def test_a_doubted_price_that_was_settled_after_the_look_is_not_taken(
    open_highway: Open, clock: StillClock
) -> None:
    store, other = FakeStore(), FakeStore()
    highway = _doubting(open_highway, clock, store)
    await SharedValues(other, clock).settle(TICKERS, BTC, _said("binance", 110.0, clock))
    store.settled_after_look = other.values

    assert (await highway.fetch(TICKERS, BTC)).source == "coinbase"
