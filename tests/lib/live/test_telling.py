"""What listeners are told of bars: one is called closed only if it was watched to its end."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from functions import load_channels
from lib.live.hub import Hub
from lib.live.pacing import Pacing
from lib.live.publishing import LocalPublisher
from lib.live.telling import Teller
from lib.live.topics import Topic
from lib.live.watch import Watch
from lib.market import Candle, Pair
from lib.streams.base import BarSeen, Wanted
from tests.conftest import StillClock

BTC = Pair("BTC", "USDT")
MINUTE_MS = 60_000
CHANNELS = {channel.name: channel for channel in load_channels()}


class Said:
    """A teller without streams, and all that it has queued."""

    def __init__(self, clock: StillClock) -> None:
        self.pacing = Pacing(CHANNELS, clock)
        self.watch = Watch(Wanted("candles", BTC, "1m"), voice="kraken")
        table: Any = None  # tickers alone go through it
        self.teller = Teller(
            CHANNELS,
            LocalPublisher(Hub(CHANNELS.values(), clock)),
            self.pacing,
            table,
            clock,
            topics={Topic("ohlcv", BTC, "1m")},
            backfill=lambda *_: None,
            label=str,
            recall=lambda _: None,
        )

    def tell(self, minute: int, close: float, *, polled: bool = False) -> None:
        bar = Candle(minute * MINUTE_MS, 1.0, 2.0, 0.5, close, 3.0, closed=False)
        event = BarSeen(BTC, "1m", bar, minute * MINUTE_MS + 20_000)
        self.teller.tell(self.watch, event, "kraken", polled=polled)

    def closed(self) -> Sequence[float]:
        """The closes of the bars that were called closed."""
        bodies = [msgspec.json.decode(item.body) for item in self.pacing.due()]
        return [body["c"] for body in bodies if body["closed"]]


@pytest.fixture
def said(clock: StillClock) -> Said:
    return Said(clock)


def test_the_next_bar_closes_the_one_that_a_stream_told(said: Said) -> None:
    said.tell(1, 1.5)
    said.tell(2, 1.6)

    assert said.closed() == [1.5]


def test_a_bar_whose_stream_went_may_have_grown_and_is_not_called_closed(said: Said) -> None:
    said.tell(1, 1.5)
    said.tell(2, 1.6, polled=True)

    assert said.closed() == []


def test_a_polled_bar_may_have_grown_and_is_not_called_closed(said: Said) -> None:
    said.tell(1, 1.5, polled=True)
    said.tell(2, 1.6)

    assert said.closed() == []
