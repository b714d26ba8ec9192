"""Frames that no venue sends, and that fuzzing found to raise what nobody catches."""

import json
from typing import Any

import pytest

from lib.errors import SourceMalformed
from lib.streams.base import Refused, VenueStream
from lib.streams.binance import BinanceStream
from lib.streams.coinbase import CoinbaseStream
from lib.streams.kraken import KrakenStream
from lib.streams.kucoin import KuCoinStream, parse_address
from lib.streams.okx import OkxStream

EVIL = "evil\r\n\x00\x1b[31m" + "x" * 500


async def nobody() -> bytes:
    raise AssertionError("nobody asks for an address here")


def test_a_depth_frame_that_is_no_utf8_is_malformed() -> None:
    frame = b'{"stream":"btcusdt@depth20","data":{"\xecastUpdateId":1,"bids":[],"asks":[]}}'

    with pytest.raises(SourceMalformed):
        BinanceStream().parse(frame)


@pytest.mark.parametrize(
    "endpoint",
    [
        "ws://ws-api.kucoin.com/",
        "wss://169.254.169.254/latest/",
        "wss://localhost:6379/",
        "wss://kucoin.com.evil.example/",
        "wss://ws-api.kucoin.com@127.0.0.1/",
        "wss://[::1",
        "wss://ws-api.kucoin.com/\r\nX: y",
        "\x00",
        "",
    ],
)
def test_an_answer_cannot_send_us_to_another_host_than_kucoins(endpoint: str) -> None:
    answer = {"code": "200000", "data": {"token": "t", "instanceServers": [{"endpoint": endpoint}]}}

    with pytest.raises(SourceMalformed, match="none of KuCoin's"):
        parse_address(json.dumps(answer).encode(), None)


@pytest.mark.parametrize(
    ("stream", "frame"),
    [
        (BinanceStream(), {"error": {"code": 2, "msg": EVIL}, "id": 1}),
        (BinanceStream(), {"code": 2, "msg": EVIL}),
        (CoinbaseStream(), {"type": "error", "message": EVIL, "reason": EVIL}),
        (KrakenStream(), {"method": "subscribe", "success": False, "error": EVIL}),
        (KuCoinStream(nobody), {"type": "error", "data": EVIL}),
        (OkxStream(), {"event": "error", "msg": EVIL}),
    ],
    ids=["binance", "binance's other", "coinbase", "kraken", "kucoin", "okx"],
)
def test_a_refusals_words_are_one_printable_bounded_line(
    stream: VenueStream, frame: dict[str, Any]
) -> None:
    (refused,) = stream.parse(json.dumps(frame))

    assert isinstance(refused, Refused)
    assert refused.reason.isprintable()
    assert "evil" in refused.reason
    assert len(refused.reason) <= 101


@pytest.mark.parametrize("every_ms", [10**400, 10**8, 0, -1])
def test_a_ping_at_absurd_intervals_is_malformed(every_ms: int) -> None:
    server = {"endpoint": "wss://ws-api.kucoin.com/", "pingInterval": every_ms}
    answer = {"code": "200000", "data": {"token": "t", "instanceServers": [server]}}

    with pytest.raises(SourceMalformed):
        parse_address(json.dumps(answer).encode(), None)


@pytest.mark.parametrize("length", ["1h\x00", "7h", "", "1h\n"])
def test_a_bar_of_a_length_that_nobody_asked_for_is_left_aside(length: str) -> None:
    bar = {"t": 1_764_000_000_000, "i": length, "o": "1", "h": "1", "l": "1", "c": "1", "v": "1"}
    data = {"e": "kline", "E": 1_764_000_001_000, "s": "BTCUSDT", "k": bar | {"x": False}}

    frame = json.dumps({"stream": "btcusdt@kline_1h", "data": data})

    assert BinanceStream().parse(frame) == []
