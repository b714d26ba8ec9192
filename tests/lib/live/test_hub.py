"""Who hears what, in which order, and what slow readers and those who return get."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from functions import load_channels
from lib.live.hub import Hub
from lib.live.mailbox import Mailbox
from lib.live.messages import BarUpdate, TickerUpdate
from lib.live.pacing import Pacing
from lib.live.replay import Replay
from lib.live.topics import Topic, parse_topic
from lib.live.updates import Item, Update, build_update, encode, text_frame
from tests.conftest import StillClock

CHANNELS = {channel.name: channel for channel in load_channels()}
BTC, ETH = parse_topic("ticker:BTC/USDT"), parse_topic("ticker:ETH/USDT")
TRADES = parse_topic("trades:BTC/USDT")


class Ear:
    def __init__(self) -> None:
        self.heard: list[Update] = []

    def take(self, updates: Sequence[Update]) -> None:
        self.heard += updates


def item(topic: Topic, price: float) -> Item:
    return Item(topic, "data", encode({"price": price}), "binance")


def update(topic: Topic, seq: int, at_ms: int = 0) -> Update:
    return build_update(CHANNELS[topic.channel], item(topic, seq), seq, at_ms)


def test_each_hears_what_it_follows_and_all_the_very_same_bytes(clock: StillClock) -> None:
    hub = Hub(load_channels(), clock)
    ears = [Ear(), Ear()]
    for ear in ears:
        hub.join(ear, BTC)
    hub.join(ears[0], ETH)

    hub.number([item(BTC, 1), item(ETH, 2)])
    hub.flush()

    assert [len(ear.heard) for ear in ears] == [2, 1]
    assert ears[0].heard[0].frame is ears[1].heard[0].frame


def test_numbers_ascend_by_one_in_a_channel_and_over_restarts(clock: StillClock) -> None:
    hub, ear = Hub(load_channels(), clock), Ear()
    hub.join(ear, BTC)
    hub.number([item(BTC, n) for n in range(3)])
    hub.flush()
    clock.advance(1)

    later = Hub(load_channels(), clock)

    seqs = [one.seq for one in ear.heard]
    assert seqs == list(range(seqs[0], seqs[0] + 3))
    assert later.replays["ticker"].last > seqs[-1]


def test_a_message_is_the_specs_with_its_number_time_and_source(clock: StillClock) -> None:
    made = build_update(CHANNELS["ticker"], item(BTC, 7), 5, 99)

    assert msgspec.json.decode(made.text) == {
        "channel": "ticker",
        "data": {"price": 7},
        "seq": 5,
        "published_at": 99,
        "source": "binance",
    }
    assert made.event == b"event: ticker\nid: 5\ndata: " + made.text + b"\n\n"


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_frames_are_those_of_the_rfc(size: int, head: bytes) -> None:
    assert text_frame(b"x" * size) == head + b"x" * size


def test_a_slow_reader_gets_the_newest_ticker_of_each_symbol() -> None:
    mailbox = Mailbox(CHANNELS.get)

    mailbox.put([update(BTC, 1), update(ETH, 2), update(BTC, 3), update(BTC, 4)])

    kept = mailbox.empty()
    assert [one.seq for one in kept if isinstance(one, Update)] == [2, 4]
    assert mailbox.dropped == 2
    assert not mailbox


def test_a_slow_reader_of_trades_is_told_how_many_it_lost() -> None:
    mailbox = Mailbox(CHANNELS.get, most=3)

    mailbox.put([update(TRADES, seq) for seq in range(1, 9)])

    gap, *kept = mailbox.empty()
    assert isinstance(gap, bytes)
    said: dict[str, Any] = msgspec.json.decode(gap)
    assert (said["type"], said["missed"], said["from_seq"], said["to_seq"]) == ("gap", 5, 1, 5)
    assert [one.seq for one in kept if isinstance(one, Update)] == [6, 7, 8]


def test_what_came_since_a_number_is_replayed_for_the_topics_asked() -> None:
    replay = Replay(0)
    for seq, topic in enumerate((BTC, ETH, BTC, ETH), 1):
        replay.add(update(topic, seq))

    assert [one.seq for one in replay.since(1, {BTC}) or []] == [3]
    assert [one.seq for one in replay.since(0, {BTC, ETH}) or []] == [1, 2, 3, 4]
    assert replay.since(4, {BTC}) == []
    assert replay.since(5, {BTC}) is None


def test_a_minute_is_kept_and_what_is_older_is_a_gap() -> None:
    replay = Replay(0)
    for second in range(200):
        replay.add(update(BTC, second + 1, second * 1000))

    assert len(replay.since(140, {BTC}) or []) == 60
    assert replay.since(50, {BTC}) is None


def ticker(price: float, timestamp: int = 0) -> TickerUpdate:
    return TickerUpdate("BTC/USDT", price, None, None, timestamp)


def prices(items: list[Item]) -> list[float]:
    return [msgspec.json.decode(one.body)["price"] for one in items]


def test_a_ticker_goes_out_once_a_second_and_the_latest_wins(clock: StillClock) -> None:
    pacing = Pacing(CHANNELS, clock)
    out = []
    for tenth in range(31):
        pacing.put(BTC, ticker(tenth + 1), "binance")
        out += prices(pacing.due())
        clock.advance(0.1)

    assert out == [1, 11, 21, 31]


def test_nothing_goes_out_if_only_the_time_changed(clock: StillClock) -> None:
    pacing = Pacing(CHANNELS, clock)
    pacing.put(BTC, ticker(5, 1), "binance")
    first = pacing.due()
    clock.advance(5)
    pacing.put(BTC, ticker(5, 2), "binance")

    assert len(first) == 1
    assert pacing.due() == []


def test_a_closed_bar_goes_out_at_once_and_only_once(clock: StillClock) -> None:
    topic = parse_topic("ohlcv:BTC/USDT:1m")
    pacing = Pacing(CHANNELS, clock)
    bar = BarUpdate("BTC/USDT", "1m", 60_000, 1, 2, 1, 2, 3, False, 1)
    pacing.put(topic, bar, "binance")
    pacing.due()
    pacing.put(topic, msgspec.structs.replace(bar, closed=True), "binance")

    closed = pacing.due()
    pacing.put(topic, msgspec.structs.replace(bar, closed=True), "binance")

    assert [msgspec.json.decode(one.body)["closed"] for one in closed] == [True]
    assert pacing.due() == []
