"""What streams tell is laid over a venue's board, once that was fetched after the stream began."""

from typing import Any, cast

import pytest

from lib.feeds import TICKERS, Feed
from lib.highway.road import Highway
from lib.live.table import LiveTable
from lib.market import Pair, Ticker
from lib.sourced import Sourced, arrived
from tests.conftest import StillClock

pytestmark = pytest.mark.anyio

BTC = Ticker(pair=Pair("BTC", "USDT"), last=1.0, time_ms=1)


class Boards:
    """A highway that fetches a board whenever it is asked for one."""

    def __init__(self, clock: StillClock) -> None:
        self.calls = 0
        self._clock = clock

    async def board(self, feed: Feed[Any, Any], fresh_s: float) -> Sourced[Any]:
        assert feed is TICKERS
        self.calls += 1
        return arrived({"BTC/USDT": BTC}, "binance", self._clock.now_ms())


async def test_the_board_is_fetched_once_while_the_stream_runs(clock: StillClock) -> None:
    boards = Boards(clock)
    table = LiveTable(cast("Highway", boards), clock)
    table.heard("binance")

    for _ in range(3):
        await table.keep()

    assert boards.calls == 1


async def test_it_is_fetched_once_more_after_the_clock_was_set_back(clock: StillClock) -> None:
    boards = Boards(clock)
    table = LiveTable(cast("Highway", boards), clock)
    table.heard("binance")
    clock._now_ms -= 3_600_000

    for _ in range(3):
        await table.keep()

    assert boards.calls == 1
