"""Bars on the wire: in every venue's own columns they add up to its longer bars exactly."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest

from tests.lib.sandbox.conftest import NOW_MS, Ask

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
NOW = NOW_MS // 1000
MONDAY = 1_763_337_600  # 2025-11-17, the last whole week before now


class Row(NamedTuple):
    """A bar as the wire says it."""

    second: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote: Decimal | None = None


def numbers(values: list[object]) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


Reader = Callable[[Ask, int, int, int], list[Row]]


def binance(ask: Ask, step: int, since: int, until: int) -> list[Row]:
    name = {MINUTE: "1m", HOUR: "1h", DAY: "1d", WEEK: "1w"}[step]
    rows = ask(
        "/binance/api/v3/klines",
        symbol="BTCUSDT",
        interval=name,
        startTime=since * 1000,
        endTime=until * 1000 - 1,
        limit=1000,
    )
    return [Row(r[0] // 1000, *numbers(r[1:6]), Decimal(r[7])) for r in rows]


def kucoin(ask: Ask, step: int, since: int, until: int) -> list[Row]:
    name = {MINUTE: "1min", HOUR: "1hour", DAY: "1day"}[step]
    answer = ask(
        "/kucoin/api/v1/market/candles",
        symbol="BTC-USDT",
        type=name,
        startAt=since,
        endAt=until - 1,
    )
    made = []
    for second, o, c, h, low, volume, quote in reversed(answer["data"]):
        made.append(Row(int(second), *numbers([o, h, low, c, volume, quote])))
    return made


def okx(ask: Ask, step: int, since: int, until: int) -> list[Row]:
    name = {MINUTE: "1m", HOUR: "1H", DAY: "1Dutc", WEEK: "1Wutc"}[step]
    answer = ask(
        "/okx/api/v5/market/candles",
        instId="BTC-USDT",
        bar=name,
        before=since * 1000 - 1,
        after=until * 1000,
        limit=300,
    )
    return [Row(int(r[0]) // 1000, *numbers(r[1:6]), Decimal(r[7])) for r in answer["data"][::-1]]


def kraken(ask: Ask, step: int, since: int, until: int) -> list[Row]:
    answer = ask("/kraken/0/public/OHLC", pair="XBTUSD", interval=step // 60, since=since)
    rows = answer["result"]["XXBTZUSD"]
    return [Row(r[0], *numbers([*r[1:5], r[6]])) for r in rows if since <= r[0] < until]


def coinbase(ask: Ask, step: int, since: int, until: int) -> list[Row]:
    rows = ask("/coinbase/products/BTC-USD/candles", granularity=step, start=since, end=until - 1)
    return [Row(r[0], *numbers([r[3], r[2], r[1], r[4], r[5]])) for r in rows[::-1]]


def added(rows: list[Row]) -> Row:
    quotes = [row.quote for row in rows if row.quote is not None]
    return Row(
        rows[0].second,
        rows[0].open,
        max(row.high for row in rows),
        min(row.low for row in rows),
        rows[-1].close,
        sum((row.volume for row in rows), Decimal(0)),
        sum(quotes, Decimal(0)) if quotes else None,
    )


LAST_HOUR = NOW - NOW % HOUR - HOUR
LAST_DAY = NOW - NOW % DAY - DAY


@pytest.mark.parametrize(
    ("read", "short", "long", "start"),
    [
        (binance, MINUTE, HOUR, LAST_HOUR),
        (binance, HOUR, DAY, LAST_DAY),
        (binance, DAY, WEEK, MONDAY),
        (okx, MINUTE, HOUR, LAST_HOUR),
        (okx, HOUR, DAY, LAST_DAY),
        (okx, DAY, WEEK, MONDAY),
        (kucoin, MINUTE, HOUR, LAST_HOUR),
        (kucoin, HOUR, DAY, LAST_DAY),
        (kraken, MINUTE, HOUR, LAST_HOUR),
        (kraken, HOUR, DAY, LAST_DAY),
        (coinbase, MINUTE, HOUR, LAST_HOUR),
        (coinbase, HOUR, DAY, LAST_DAY),
    ],
)
def test_short_bars_add_up_to_the_long_one(
    ask: Ask, read: Reader, short: int, long: int, start: int
) -> None:
    pieces = read(ask, short, start, start + long)
    (whole,) = read(ask, long, start, start + long)

    assert [row.second for row in pieces] == list(range(start, start + long, short))
    assert added(pieces) == whole


def test_every_venue_quotes_the_same_market(ask: Ask) -> None:
    venues = (binance, kucoin, okx, kraken, coinbase)

    bars = [read(ask, MINUTE, LAST_HOUR, LAST_HOUR + HOUR) for read in venues]

    without_quotes = [[row._replace(quote=None) for row in rows] for rows in bars]
    assert all(rows == without_quotes[0] for rows in without_quotes)


def test_the_running_bar_comes_last_and_adds_up_too(ask: Ask) -> None:
    hour = NOW - NOW % HOUR

    minutes = binance(ask, MINUTE, hour, NOW + 1)
    (running,) = binance(ask, HOUR, hour, NOW + 1)

    assert minutes[-1].second == NOW - NOW % MINUTE
    assert added(minutes) == running


def test_bars_with_a_start_are_the_oldest_from_there(ask: Ask) -> None:
    path, start = "/binance/api/v3/klines", (LAST_DAY + 1) * 1000

    rows = ask(path, symbol="ETHUSDT", interval="1h", startTime=start, limit=3)

    first = (LAST_DAY + HOUR) * 1000  # the next whole hour
    assert [row[0] for row in rows] == [first, first + HOUR * 1000, first + 2 * HOUR * 1000]


def test_okx_days_open_at_four_in_the_afternoon_unless_asked_in_utc(ask: Ask) -> None:
    path = "/okx/api/v5/market/candles"

    local = ask(path, instId="BTC-USDT", bar="1D", limit=2)["data"]
    utc = ask(path, instId="BTC-USDT", bar="1Dutc", limit=2)["data"]

    assert [int(row[0]) // 1000 % DAY for row in local] == [16 * HOUR] * 2
    assert [int(row[0]) // 1000 % DAY for row in utc] == [0] * 2
    assert [row[8] for row in utc] == ["0", "1"]  # newest first, and that one is running


def test_kraken_gives_720_bars_whatever_since_says(ask: Ask) -> None:
    answer = ask("/kraken/0/public/OHLC", pair="ETHUSD", interval=1, since=1)["result"]

    rows = answer["XETHZUSD"]
    assert len(rows) == 720
    assert answer["last"] == rows[-2][0]


def test_coinbase_refuses_more_than_300_bars(ask: Ask) -> None:
    path = "/coinbase/products/BTC-USD/candles"

    answer = ask(path, granularity=60, start=NOW - 301 * 60, end=NOW)

    assert "exceeds 300" in answer["message"]
