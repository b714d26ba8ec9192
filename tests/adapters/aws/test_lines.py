"""Behaviour of the pump's listeners: what waits for a connection, in which order, what is lost."""

import asyncio
from typing import Any

import msgspec
import pytest

from adapters.aws.lines import Line, Lines
from adapters.aws.posting import NotPosted
from functions import load_channels
from lib.live.topics import Topic, parse_topic
from lib.live.updates import Item, build_update
from tests.conftest import StillClock

pytestmark = pytest.mark.anyio

CHANNELS = {channel.name: channel for channel in load_channels()}
TICKER, TRADES, BOOK = map(
    parse_topic, ("ticker:BTC/USDT", "trades:BTC/USDT", "orderbook:BTC/USDT")
)


class Post:
    """A postbox that takes posts when it is told to, or refuses them."""

    def __init__(self) -> None:
        self.posted: list[Any] = []
        self.open = asyncio.Event()
        self.open.set()
        self.refuses = False

    async def post(self, connection: str, text: bytes) -> None:
        await self.open.wait()
        if self.refuses:
            raise NotPosted("status 403")
        self.posted.append(msgspec.json.decode(text))


class Watched:
    """Remembers what is watched."""

    def __init__(self) -> None:
        self.topics: list[Topic] = []

    def watch(self, topic: Topic) -> None:
        self.topics.append(topic)

    def unwatch(self, topic: Topic) -> None:
        self.topics.remove(topic)


async def _forget(_connection: str, _topics: object) -> None: ...


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def lines(post: Post) -> Lines:
    made = Lines(CHANNELS, post, StillClock(), _forget)  # type: ignore[arg-type]
    made.watcher = Watched()
    return made


async def deliver(lines: Lines) -> None:
    """Post all that can be posted."""
    posting = asyncio.create_task(lines.run())
    await lines.posted_all()
    posting.cancel()
    await asyncio.wait([posting])


def data(topic: Topic, value: object) -> Item:
    return Item(topic, "data", msgspec.json.encode({"v": value}), "binance")


def status(topic: Topic, state: str) -> Item:
    body = msgspec.json.encode({"type": "status", "status": state})
    return Item(topic, "status", body, "binance")


def values(post: Post) -> list[Any]:
    return [message["data"]["v"] for message in post.posted if "data" in message]


async def test_a_topic_is_watched_from_its_first_follower_to_its_last(lines: Lines) -> None:
    lines.set_followers({TICKER: ["a", "b"]})
    lines.set_followers({TICKER: ["b"], TRADES: ["b"]})
    assert lines.watcher.topics == [TICKER, TRADES]  # type: ignore[union-attr]

    lines.set_followers({TICKER: [], TRADES: ["b"]})

    assert lines.watcher.topics == [TRADES]  # type: ignore[union-attr]
    assert len(lines) == 1


async def test_while_a_connection_is_slow_the_newest_ticker_replaces_the_others(
    lines: Lines, post: Post
) -> None:
    lines.set_followers({TICKER: ["a"]})
    post.open.clear()
    posting = asyncio.create_task(lines.run())
    for value in range(4):
        lines.publish([data(TICKER, value)])
        await asyncio.sleep(0)
    post.open.set()
    await lines.posted_all()
    posting.cancel()

    assert values(post)[-1] == 3
    assert len(values(post)) == 2


async def test_trades_are_kept_in_order_and_those_lost_are_told(lines: Lines, post: Post) -> None:
    lines.set_followers({TRADES: ["a"]})
    lines.publish([data(TRADES, value) for value in range(300)])

    await deliver(lines)

    assert post.posted[0]["type"] == "gap"
    assert post.posted[0]["missed"] == 44
    assert values(post) == list(range(44, 300))


async def test_what_was_refused_comes_before_what_came_since(lines: Lines, post: Post) -> None:
    lines.set_followers({TRADES: ["a"]})
    post.refuses = True
    lines.publish([data(TRADES, 1), data(TRADES, 2)])
    await deliver(lines)
    post.refuses = False
    lines.publish([data(TRADES, 3)])

    await deliver(lines)

    assert values(post) == [1, 2, 3]


def test_an_old_ticker_that_was_refused_does_not_replace_a_newer_one() -> None:
    line = Line("a", CHANNELS.get)
    old, new = (build_update(CHANNELS["ticker"], data(TICKER, n), n, 0) for n in (1, 2))
    line.mailbox.put([new])

    line.put_back([b"gap", old])

    assert line.take_all() == [b"gap", new]


async def test_who_comes_later_is_told_what_a_book_is_but_not_a_ticker_again(
    lines: Lines, post: Post
) -> None:
    lines.set_followers({TICKER: ["a"], BOOK: ["a"], TRADES: ["a"]})
    lines.publish([data(topic, topic.channel) for topic in (TICKER, BOOK, TRADES)])
    await deliver(lines)
    post.posted.clear()

    lines.set_followers({topic: ["a", "b"] for topic in (TICKER, BOOK, TRADES)})
    await deliver(lines)

    assert values(post) == ["orderbook"]


@pytest.mark.parametrize(("then", "told"), [(None, ["down"]), ("polling", [])])
async def test_who_comes_later_is_told_of_trouble_while_it_lasts(
    lines: Lines, post: Post, then: str | None, told: list[str]
) -> None:
    lines.set_followers({TICKER: ["a"]})
    lines.publish([status(TICKER, "down"), *([status(TICKER, then)] if then else [])])
    await deliver(lines)
    post.posted.clear()

    lines.set_followers({TICKER: ["a", "b"]})
    await deliver(lines)

    assert [message["status"] for message in post.posted] == told


async def test_numbers_ascend_though_the_clock_stands_still(lines: Lines, post: Post) -> None:
    lines.set_followers({TRADES: ["a"]})
    lines.publish([data(TRADES, value) for value in range(3)])

    await deliver(lines)

    numbers = [message["seq"] for message in post.posted]
    assert numbers == sorted(set(numbers))
