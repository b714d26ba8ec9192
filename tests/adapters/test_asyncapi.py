"""The AsyncAPI document."""

from typing import Any

import msgspec

from adapters.asyncapi import build_document
from functions import load_channels


def refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [ref for part in value.values() for ref in refs(part)]
    return [ref for part in value for ref in refs(part)] if isinstance(value, list) else []


def test_every_channel_is_described_at_its_address() -> None:
    document = build_document(load_channels(), "2")

    addresses = {name: one["address"] for name, one in document["channels"].items()}
    assert document["asyncapi"] == "3.0.0"
    assert addresses == {channel.name: channel.path for channel in load_channels()}
    assert {"/ws/ticker", "/ws/trades", "/ws"} <= set(addresses.values())


def test_every_reference_leads_somewhere() -> None:
    document = msgspec.json.decode(msgspec.json.encode(build_document(load_channels(), "2")))

    for ref in refs(document):
        here = document
        for part in ref.removeprefix("#/").split("/"):
            here = here[part]
        assert here


def test_data_is_the_struct_that_is_sent() -> None:
    document = build_document(load_channels(), "2")

    ticker = document["components"]["schemas"]["TickerUpdate"]["properties"]
    assert {"symbol", "price", "change_24h", "volume_24h", "timestamp"} <= ticker.keys()
