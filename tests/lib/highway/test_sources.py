"""One question to one source, and what is made of one that often does not know."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from lib.errors import SourceUnsupported
from lib.feeds import CANDLES, FORECASTS, TICKERS, Feed
from lib.highway.flight import Flights
from lib.highway.gate import Gate
from lib.highway.shelf import Shelf
from lib.highway.sources import Sources
from lib.market import Candle, Pair, Ticker
from lib.providers.base import Served
from lib.queries import CandleQuery, ForecastQuery, Query
from lib.sourced import arrived
from tests.conftest import StillClock
from tests.lib.fakes import BTC, FakeSource, others_run

pytestmark = pytest.mark.anyio

BAR = Candle(0, 1.0, 1.0, 1.0, 1.0, 1.0, closed=True)
RARE = Pair("RARE", "EUR")


class Oracle(FakeSource):
    """Answers any question to some feeds, one a call."""

    async def say(self, query: Query) -> Ticker:
        await self.speak(query)
        return self.ticker(BTC.pair)

    @classmethod
    def served(cls) -> dict[str, Served]:
        return {one.name: Served(one, "say", 1, bulk=False) for one in (CANDLES, FORECASTS)}


@pytest.fixture
def oracle(clock: StillClock) -> Oracle:
    return Oracle("oracle", clock)


@pytest.fixture
async def sources(oracle: Oracle, clock: StillClock) -> AsyncIterator[Sources]:
    """The oracle, beside a list of what another source has: bitcoin."""
    shelf, flights = Shelf(clock), Flights()
    board = {BTC.key: Ticker(BTC.pair, 1.0, clock.now_ms())}
    shelf.put_board(TICKERS.name, "binance", arrived(board, "binance", clock.now_ms()))
    yield Sources({"oracle": Gate(oracle, clock)}, shelf, flights, clock)
    await others_run()
    await flights.aclose()


async def ask(sources: Sources, feed: Feed[Any, Any], query: Query) -> str:
    """How one question ends."""
    try:
        return (await sources.ask("oracle", feed=feed, query=query, fresh_s=5)).source
    except SourceUnsupported as error:
        return str(error)


async def doubted(sources: Sources, oracle: Oracle) -> None:
    """Have it asked for five names that it does not know."""
    oracle.error = SourceUnsupported("404")
    for number in range(5):
        await ask(sources, CANDLES, CandleQuery(Pair(f"X{number}", "USDT"), "1h", 1))
    oracle.error = None


@pytest.mark.parametrize(
    ("pair", "told"), [(BTC.pair, "oracle"), (RARE, "oracle does not list it")]
)
async def test_after_five_unknown_names_the_next_has_to_be_on_a_list(
    sources: Sources, oracle: Oracle, pair: Pair, told: str
) -> None:
    await doubted(sources, oracle)

    assert await ask(sources, CANDLES, CandleQuery(pair, "1h", 1)) == told


async def test_before_that_every_name_is_asked_for(sources: Sources) -> None:
    assert await ask(sources, CANDLES, CandleQuery(RARE, "1h", 1)) == "oracle"


async def test_a_doubt_says_nothing_about_forecasts_which_nobody_lists(
    sources: Sources, oracle: Oracle
) -> None:
    await doubted(sources, oracle)
    query = ForecastQuery(RARE, "1h", 24, 0.8, (BAR,))

    assert await ask(sources, FORECASTS, query) == "oracle"
