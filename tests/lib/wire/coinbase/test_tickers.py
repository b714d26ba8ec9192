"""Coinbase's tickers, read, with the statistics of the day."""

from datetime import UTC, datetime

import pytest

from lib.errors import SourceMalformed
from lib.market import Ticker
from lib.wire.coinbase import parse_stats, parse_ticker
from tests.conftest import Corpus
from tests.lib.wire.coinbase.answers import BTC_USD, NOW_MS, STATS, TICKER, encoded


def test_a_recorded_ticker_is_read(corpus: Corpus) -> None:
    ticker = parse_ticker(corpus.body("coinbase/ticker"), BTC_USD, NOW_MS)

    said = datetime(2017, 10, 3, 4, 0, 31, 887_000, tzinfo=UTC)
    assert ticker == Ticker(
        pair=BTC_USD,
        last=4417.01,
        bid=4417.0,
        ask=4417.01,
        base_volume=7878.23402368,
        time_ms=round(said.timestamp() * 1000),
    )


def test_the_day_comes_from_the_statistics() -> None:
    ticker = parse_ticker(encoded(TICKER), BTC_USD, NOW_MS, parse_stats(encoded(STATS)))

    assert (ticker.high, ticker.low) == (110.0, 75.0)
    assert ticker.change_percent == pytest.approx(26.25)  # 80 to 101
    assert (ticker.bid, ticker.ask, ticker.base_volume) == (100.5, 101.5, 20.25)
    assert ticker.volume is None  # in dollars: nowhere said
    assert ticker.time_ms == NOW_MS - 113


def test_without_a_time_of_its_own_a_ticker_is_of_now() -> None:
    body = encoded({"price": "101", "bid": "", "ask": "0", "volume": None})

    assert parse_ticker(body, BTC_USD, NOW_MS) == Ticker(BTC_USD, 101.0, NOW_MS)


def test_a_day_that_opened_at_zero_has_no_change() -> None:
    day = parse_stats(encoded({"open": "0", "high": "0", "low": "0"}))

    ticker = parse_ticker(encoded(TICKER), BTC_USD, NOW_MS, day)

    assert (ticker.change_percent, ticker.high, ticker.low) == (None, None, None)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b"{}", b"<html></html>", b'{"price":'),
        *(encoded(TICKER | {"price": price}) for price in ("0", "nan", "inf", "-1", "", None)),
        encoded({"message": "NotFound"}),
    ],
)
def test_a_ticker_without_a_price_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse_ticker(body, BTC_USD, NOW_MS)
