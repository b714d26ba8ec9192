"""What a client may say, and what is done about it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import load_channels
from lib.live.session import Fault, Identify, Leave, Say, Serve, Session, Subscribe
from lib.live.topics import Topic, parse_topic
from lib.market import Pair

CHANNELS = {channel.name: channel for channel in load_channels()}


def session(name: str = "ticker", most: int = 3) -> Session:
    return Session(CHANNELS[name], CHANNELS, most)


def say(who: Session, message: Any) -> list[Any]:
    return who.receive(msgspec.json.encode(message).decode())


def subscribe(who: Session, *symbols: str, **more: Any) -> Subscribe:
    (asked,) = say(who, {"action": "subscribe", "symbols": list(symbols), **more})
    assert isinstance(asked, Subscribe)
    return asked


def test_what_exists_is_followed_and_what_does_not_is_refused_as_it_was_written() -> None:
    who = session()
    asked = subscribe(who, "btc", "nope")

    topics, said = who.settle(asked, {Pair("NOPE", "USDT"): "no source lists it"})

    assert topics == [Topic("ticker", Pair("BTC", "USDT"))]
    assert said["accepted"] == ["BTC/USDT"]
    assert said["rejected"] == [{"symbol": "nope", "reason": "no source lists it"}]


def test_following_again_costs_no_room() -> None:
    who = session(most=2)
    who.settle(subscribe(who, "BTC", "ETH"), {})

    asked = subscribe(who, "ETH", "BTC", "SOL")

    assert list(asked.pairs) == [Pair("ETH", "USDT"), Pair("BTC", "USDT")]
    assert [symbol for symbol, _ in asked.rejected] == ["SOL"]


def test_leaving_makes_room() -> None:
    who = session(most=1)
    who.settle(subscribe(who, "BTC"), {})

    acts = say(who, {"action": "unsubscribe", "channel": "ticker", "symbols": ["BTC", "ETH"]})

    assert acts[0] == Leave((Topic("ticker", Pair("BTC", "USDT")),))
    assert acts[1].message["rejected"] == [{"symbol": "ETH", "reason": "not subscribed"}]
    assert subscribe(who, "SOL").pairs


def test_leaving_without_symbols_leaves_all() -> None:
    who = session()
    who.settle(subscribe(who, "BTC", "ETH"), {})

    leave, _ = say(who, {"action": "unsubscribe", "channel": "ticker"})

    assert len(leave.topics) == 2
    assert not who.topics


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"action": "sell"},
        {"action": "subscribe"},
        {"action": "subscribe", "symbols": []},
        {"action": "subscribe", "symbols": 5},
        {"action": "subscribe", "channel": "trades", "symbols": ["BTC"]},
        {"action": "subscribe", "channel": ["ticker"], "symbols": ["BTC"]},
        {"action": ["subscribe"]},
        {"action": "subscribe", "service": "/api/price/BTC"},
        [],
        None,
    ],
)
def test_what_makes_no_sense_is_a_fault(message: Any) -> None:
    (act,) = say(session(), message)

    assert isinstance(act, Fault)
    assert act.error.code == "INVALID_PARAMETER"


@given(st.text() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: (
    st.lists(inner) | st.dictionaries(
        st.sampled_from("action type channel symbols symbol service token timeframe".split())
        | st.text(), inner)
)).map(lambda value: msgspec.json.encode(value).decode()))  # fmt: skip
def test_nothing_that_is_said_breaks_a_session(text: str) -> None:
    for name in ("ticker", "market_data", "ohlcv"):
        for act in session(name).receive(text):
            assert isinstance(act, tuple)


def test_bars_have_a_timeframe() -> None:
    who = session("ohlcv")

    assert subscribe(who, "BTC").timeframe == "1m"
    assert subscribe(who, "BTC", timeframe="1h").timeframe == "1h"
    assert isinstance(
        say(who, {"action": "subscribe", "symbols": ["BTC"], "timeframe": "2m"})[0], Fault
    )


def test_ws_speaks_three_grammars() -> None:
    who = session("market_data")

    assert say(who, {"action": "subscribe", "service": "/api/market"}) == [Serve("/api/market")]
    assert list(say(who, {"type": "subscribe", "symbol": "BTC"})[0].pairs) == [Pair("BTC", "USDT")]
    asked = say(who, {"type": "subscribe", "channel": "market_data", "symbols": ["BTC"]})[0]
    assert asked.channel.name == "market_data"
    assert say(who, {"type": "ping"}) == [Say({"type": "pong"})]


def test_only_channels_with_a_hello_say_hello() -> None:
    assert [act.message["channels"] for act in session().hello()] == [["ticker"]]
    assert list(session("market_data").hello()) == []


def test_a_key_may_come_with_the_first_message() -> None:
    acts = say(session(), {"action": "subscribe", "symbols": ["BTC"], "token": "secret"})

    assert acts[0] == Identify("secret")
    assert isinstance(acts[1], Subscribe)


@pytest.mark.parametrize("key", ["ticker:BTC/USDT", "ohlcv:BTC/USDT:1h"])
def test_topics_are_written_and_read(key: str) -> None:
    assert parse_topic(key).key == key
