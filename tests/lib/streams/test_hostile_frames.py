"""Frames that no venue sends, and that fuzzing found to raise what nobody catches."""

import json

import pytest

from lib.errors import SourceMalformed
from lib.streams.binance import BinanceStream
from lib.streams.kucoin import parse_address


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
