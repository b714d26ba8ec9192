"""Event streams in the OpenAPI document, and nowhere that cannot hold them."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from adapters.openapi.document import build_document
from adapters.openapi.streams import PATH
from functions import load_channels, load_endpoints
from lib.endpoint import Channel
from lib.live.topics import Topic
from lib.live.updates import Item, build_update
from lib.market import Book, Candle, Pair, Ticker, Trade
from lib.streams.base import BarSeen, TradeSeen
from tests.house import House

ROOT = Path(__file__).resolve().parents[3]
CHANNELS = {channel.name: channel for channel in load_channels()}
DOCUMENT: Any = json.loads(
    msgspec.json.encode(build_document(load_endpoints(), "1", {}, list(CHANNELS.values())))
)
OPERATION = DOCUMENT["paths"][PATH]["get"]
EVENTS = OPERATION["responses"]["200"]["content"]["text/event-stream"]["x-events"]

BTC = Pair("BTC", "USDT")
SEEN = {
    "ticker": Ticker(BTC, 42150.5, 1_764_000_000_000),
    "market_data": Ticker(BTC, 42150.5, 1_764_000_000_000, change_percent=1.5, volume=2e9),
    "trades": TradeSeen(BTC, Trade("7", 1_764_000_000_000, 42150.5, 0.25, "buy")),
    "orderbook": Book(BTC, ((1.0, 2.0),), ((1.5, 2.0),), 1_764_000_000_000),
    "ohlcv": BarSeen(
        BTC, "1m", Candle(1_764_000_000_000, 1, 2, 0.5, 1.5, 9, closed=False), 1_764_000_000_001
    ),
}


def problems(value: Any, schema: Any) -> list[str]:
    root = schema | {"components": DOCUMENT["components"]}
    return [f"{e.json_path}: {e.message}" for e in Draft202012Validator(root).iter_errors(value)]


def test_the_document_with_streams_is_openapi_3_1() -> None:
    validate(DOCUMENT)


def test_components_have_names_that_code_can_bear() -> None:
    assert [name for name in DOCUMENT["components"]["schemas"] if not name.isidentifier()] == []


def test_no_schema_is_a_bare_no_which_generators_of_clients_cannot_read() -> None:
    bare = re.compile(r'"(items|additionalItems|contains)":false')

    assert bare.findall(msgspec.json.encode(DOCUMENT).decode()) == []


def test_rows_of_two_numbers_are_lists_of_two_numbers_to_older_readers_too() -> None:
    rows = DOCUMENT["components"]["schemas"]["BookUpdate"]["properties"]["bids"]["items"]

    assert (rows["type"], rows["items"], rows["minItems"], rows["maxItems"]) == (
        "array",
        {"type": "number"},
        2,
        2,
    )


def test_every_channel_can_be_asked_for() -> None:
    named = {parameter["name"]: parameter for parameter in OPERATION["parameters"]}

    assert named["channel"]["schema"]["enum"] == list(CHANNELS)
    assert (named["symbols"]["in"], named["symbols"]["required"]) == ("query", True)
    assert (named["Last-Event-ID"]["in"], named["Last-Event-ID"]["required"]) == ("header", False)


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=lambda channel: channel.name)
def test_events_with_data_are_as_the_document_says(channel: Channel) -> None:
    body = msgspec.json.encode(channel.project(BTC, SEEN[channel.name]))
    item = Item(Topic(channel.name, BTC), "data", body, "binance")

    event = build_update(channel, item, 7, 1_764_000_000_123).event.decode()

    name, identity, data = (line.partition(": ")[2] for line in event.strip().split("\n"))
    assert (name, identity) == (channel.name, "7")
    assert problems(json.loads(data), EVENTS[name]) == []


def test_the_example_of_a_stream_fits_its_events() -> None:
    content = OPERATION["responses"]["200"]["content"]["text/event-stream"]

    for event in content["example"].strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in event.split("\n"))
        assert problems(json.loads(fields["data"]), EVENTS[fields["event"]]) == []


def test_only_the_long_lived_process_has_streams() -> None:
    assert OPERATION["x-host"] == "space"
    assert "/api/stream" not in (ROOT / "serverless.yml").read_text()


async def test_a_process_without_streams_answers_as_documented(house: House) -> None:
    answer = await house.get("/api/stream/ticker?symbols=BTC")

    assert answer.status == 404
    assert "404" in OPERATION["responses"]
