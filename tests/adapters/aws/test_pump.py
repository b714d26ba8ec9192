"""Behaviour of the pump: what is followed is asked for once and posted to whoever follows it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from lib.live.topics import parse_topic
from tests.gateway import Cloud, create_table

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cloud(account: str) -> AsyncIterator[Cloud]:
    made = Cloud(account, create_table(account))
    async with made.house:
        yield made


async def follow(cloud: Cloud, channel: str, *names: str, symbol: str = "BTC") -> None:
    """Clients who follow something, and who have heard all that they were answered."""
    for name in names:
        await cloud.connect(name, channel)
        await cloud.say(name, {"action": "subscribe", "channel": channel, "symbols": [symbol]})
        cloud.gateway.posted[name].clear()


def told(cloud: Cloud, name: str) -> list[Any]:
    return cloud.gateway.posted[name]


async def test_all_followers_of_a_topic_get_what_was_asked_once(cloud: Cloud) -> None:
    await follow(cloud, "ticker", "a", "b")
    await follow(cloud, "market_data", "c")
    cloud.clock.advance(10)  # what the subscriptions fetched is no longer fresh
    before = cloud.house.calls

    done = await cloud.pump_until(lambda: all(told(cloud, name) for name in "abc"))

    assert cloud.house.calls - before == 1
    assert done == {"statusCode": 200, "posted": 3, "gone": 0}
    assert told(cloud, "a") == told(cloud, "b")
    (mine,), (theirs,) = told(cloud, "a"), told(cloud, "c")
    assert (mine["channel"], mine["data"]["symbol"]) == ("ticker", "BTC/USDT")
    assert theirs["type"] == "market_data"
    assert theirs["data"] == mine["data"]


@pytest.mark.parametrize("channel", ["trades", "orderbook", "ohlcv"])
async def test_every_channel_is_pumped(cloud: Cloud, channel: str) -> None:
    await follow(cloud, channel, "a")

    await cloud.pump_until(lambda: bool(told(cloud, "a")))

    assert {message["channel"] for message in told(cloud, "a")} == {channel}
    assert told(cloud, "a")[0]["source"] == "binance"


async def test_numbers_ascend_after_those_of_the_answer(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    *_, first = await cloud.say("a", {"action": "subscribe", "symbols": ["BTC"]})
    cloud.clock.advance(10)

    await cloud.pump_until(lambda: len(told(cloud, "a")) > 3)

    assert told(cloud, "a")[-1]["seq"] > first["seq"]


async def test_what_has_not_changed_is_not_said_again_by_the_next_call(cloud: Cloud) -> None:
    await follow(cloud, "ticker", "a")
    await cloud.pump_until(lambda: bool(told(cloud, "a")))
    await follow(cloud, "trades", "b")  # so that the next call has something to say

    await cloud.pump_until(lambda: bool(told(cloud, "b")))

    assert len(told(cloud, "a")) == 1


async def test_who_is_gone_is_forgotten(cloud: Cloud) -> None:
    await follow(cloud, "trades", "a", "b")
    cloud.gateway.gone.add("a")

    done = await cloud.pump_until(lambda: bool(told(cloud, "b")))

    assert done["gone"] == 1
    assert cloud.rows() == [
        ("connection#b", "."),
        ("topic#trades:BTC/USDT", "b"),
        ("topics", "trades:BTC/USDT"),
    ]


async def test_a_refused_post_is_tried_again_and_nothing_is_lost(cloud: Cloud) -> None:
    await follow(cloud, "ticker", "a")
    cloud.gateway.refusals = [403]  # no 429, which is tried again at once

    await cloud.pump_until(lambda: bool(told(cloud, "a")))

    assert len(told(cloud, "a")) == 1


async def test_rows_that_have_run_out_are_passed_over(cloud: Cloud) -> None:
    await follow(cloud, "ticker", "a")
    cloud.clock.advance(7801)

    assert await cloud.pump_until() == {"statusCode": 200, "posted": 0, "gone": 0}


async def test_with_nobody_there_it_ends_at_once(cloud: Cloud) -> None:
    assert await cloud.pump_until() == {"statusCode": 200, "posted": 0, "gone": 0}
    assert cloud.rows() == []


async def test_it_ends_when_the_last_one_leaves(cloud: Cloud) -> None:
    await follow(cloud, "ticker", "a")
    cloud.gateway.gone.add("a")

    assert (await cloud.pump_until())["gone"] == 1


async def test_a_topic_that_nobody_has_followed_for_a_minute_is_forgotten(cloud: Cloud) -> None:
    await follow(cloud, "ticker", "a")
    await cloud.disconnect("a")
    await cloud.pump_until()
    assert cloud.rows() == [("topics", "ticker:BTC/USDT")]
    cloud.clock.advance(61)

    await cloud.pump_until()

    assert cloud.rows() == []


async def test_a_topic_that_somebody_just_began_to_follow_is_not_forgotten(cloud: Cloud) -> None:
    await follow(cloud, "ticker", "a")
    watched = await cloud.connections.watched()
    cloud.clock.advance(1)
    await cloud.say("a", {"action": "subscribe", "symbols": ["BTC"]})
    topic = parse_topic("ticker:BTC/USDT")

    await cloud.connections.unwatch(topic, watched[topic])

    assert topic in await cloud.connections.watched()


async def test_a_second_one_leaves_the_work_to_the_first(cloud: Cloud) -> None:
    await follow(cloud, "ticker", "a")
    assert await cloud.connections.take_lease("another", cloud.clock.now_ms() + 60_000)

    assert await cloud.pump_until() == {"statusCode": 200, "busy": True}
    assert told(cloud, "a") == []


async def test_the_lease_of_one_that_died_runs_out(cloud: Cloud) -> None:
    await follow(cloud, "trades", "a")
    await cloud.connections.take_lease("another", cloud.clock.now_ms() + 60_000)
    cloud.clock.advance(61)

    await cloud.pump_until(lambda: bool(told(cloud, "a")))

    assert told(cloud, "a")


async def test_a_call_that_ends_too_soon_does_not_hold_up_the_next(cloud: Cloud) -> None:
    await follow(cloud, "trades", "a")
    await cloud.pump._look()
    cloud.pump._tower.round(lambda poll: poll.close())  # ended before it could begin

    await cloud.pump_until(lambda: bool(told(cloud, "a")))

    assert told(cloud, "a")


async def test_a_client_who_waits_for_its_first_frame_gets_it(cloud: Cloud) -> None:
    await cloud.connect("a", "trades")
    await cloud.connect("b")  # on this one the first frame is an answer
    cloud.clock.advance(3)

    await cloud.pump_until(lambda: bool(told(cloud, "a")))

    assert told(cloud, "a") == [
        {
            "type": "connection",
            "status": "connected",
            "channels": ["trades"],
            "timestamp": cloud.clock.now_ms(),
        }
    ]
    assert told(cloud, "b") == []
    assert [m["type"] for m in await cloud.say("a", {"type": "ping"})] == ["pong"]


async def test_nothing_is_posted_to_a_connection_that_is_just_being_made(cloud: Cloud) -> None:
    await cloud.connect("a", "trades")

    await cloud.pump_until()

    assert ("hello", "a") in cloud.rows()


async def test_when_sources_fail_followers_are_told(cloud: Cloud) -> None:
    await follow(cloud, "trades", "a")
    for source in ("binance", "kraken", "okx", "coinbase", "kucoin"):
        cloud.house.sandbox.state.faults.set_all(
            {**cloud.house.sandbox.state.faults.all(), source: "503"}
        )

    await cloud.pump_until(lambda: bool(told(cloud, "a")))

    assert told(cloud, "a")[0]["type"] == "status"
    assert told(cloud, "a")[0]["status"] == "down"


async def test_posts_are_made_side_by_side_but_not_all_at_once(cloud: Cloud) -> None:
    names = [f"c{number}" for number in range(40)]
    await follow(cloud, "trades", *names)
    cloud.gateway.hold_s = 0.02

    await cloud.pump_until(lambda: all(told(cloud, name) for name in names))

    assert 1 < cloud.gateway.most_at_once <= 32
