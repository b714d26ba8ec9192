"""Frames that no venue sends, and that fuzzing found to raise what nobody catches."""

import pytest

from lib.errors import SourceMalformed
from lib.streams.binance import BinanceStream


def test_a_depth_frame_that_is_no_utf8_is_malformed() -> None:
    frame = b'{"stream":"btcusdt@depth20","data":{"\xecastUpdateId":1,"bids":[],"asks":[]}}'

    with pytest.raises(SourceMalformed):
        BinanceStream().parse(frame)
