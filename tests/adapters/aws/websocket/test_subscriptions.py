"""A subscription is answered as on a socket of our own, and remembered in the table."""

import asyncio

from tests.gateway import Cloud

SUBSCRIBE = {"action": "subscribe", "channel": "ticker", "symbols": ["BTC/USDT", "eth"]}


async def test_a_subscription_is_answered_as_on_a_socket_of_our_own(cloud: Cloud) -> None:
    assert await cloud.connect("a=", "ticker") == {"statusCode": 200}

    hello, told, *first = await cloud.say("a=", SUBSCRIBE)

    assert hello == {
        "type": "connection",
        "status": "connected",
        "channels": ["ticker"],
        "timestamp": cloud.clock.now_ms(),
    }
    assert told == {
        "type": "subscribed",
        "channel": "ticker",
        "accepted": ["BTC/USDT", "ETH/USDT"],
        "rejected": [],
        "timestamp": cloud.clock.now_ms(),
    }
    assert [(m["channel"], m["data"]["symbol"], m["source"]) for m in first] == [
        ("ticker", "BTC/USDT", "binance"),
        ("ticker", "ETH/USDT", "binance"),
    ]
    assert first[0]["seq"] < first[1]["seq"]


async def test_without_a_channel_the_first_frame_is_the_answer(cloud: Cloud) -> None:
    await cloud.connect("a")

    data, told = await cloud.say("a", {"type": "subscribe", "symbol": "BTC"})

    assert (data["type"], data["data"]["symbol"]) == ("market_data", "BTC/USDT")
    assert told["type"] == "subscribed"


async def test_the_table_knows_who_follows_what(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    await cloud.say("a", SUBSCRIBE)
    await cloud.say("a", {"action": "unsubscribe", "symbols": ["ETH"]})

    assert cloud.rows() == [
        ("connection#a", "."),
        ("topic#ticker:BTC/USDT", "a"),
        ("topics", "ticker:BTC/USDT"),
        ("topics", "ticker:ETH/USDT"),
    ]


async def test_every_row_runs_out_after_the_longest_life_of_a_connection(cloud: Cloud) -> None:
    await cloud.connect("a", "trades")
    await cloud.say("a", {"action": "subscribe", "symbols": ["BTC"]})

    rows = cloud.table.scan()["Items"]

    assert len(rows) == 3
    assert {int(row["expires_at"]) - cloud.clock.now_ms() // 1000 for row in rows} == {7800}


async def test_who_leaves_leaves_no_row_but_that_of_the_topic(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    await cloud.say("a", SUBSCRIBE)

    await cloud.disconnect("a")

    assert {pk for pk, _ in cloud.rows()} == {"topics"}


async def test_symbols_over_the_limit_are_rejected_and_the_rest_accepted(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    await cloud.say("a", SUBSCRIBE)

    told = await cloud.say("a", {"action": "subscribe", "symbols": ["SOL", "XRP"]})

    assert told[0]["accepted"] == ["SOL/USDT"]
    assert told[0]["rejected"] == [
        {"symbol": "XRP", "reason": "over the limit of 3 symbols a connection"}
    ]


async def test_a_symbol_that_no_source_lists_is_rejected(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")

    _, told = await cloud.say("a", {"action": "subscribe", "symbols": ["NOSUCHCOIN"]})

    assert told["rejected"] == [{"symbol": "NOSUCHCOIN", "reason": "no source lists it"}]


async def test_who_is_gone_when_answered_is_forgotten(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    cloud.gateway.gone.add("a")

    await cloud.say("a", SUBSCRIBE)

    assert {pk for pk, _ in cloud.rows()} == {"topics"}


async def test_of_messages_at_once_none_undoes_another(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")

    said = [cloud.say("a", {"action": "subscribe", "symbols": [s]}) for s in ("BTC", "ETH", "SOL")]
    await asyncio.gather(*said)

    one = await cloud.connections.find("a")
    assert one
    assert {topic.pair.base for topic in one.topics} == {"BTC", "ETH", "SOL"}
    assert sum(m["type"] == "connection" for m in cloud.gateway.posted["a"] if "type" in m) == 1
