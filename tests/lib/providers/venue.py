"""A venue on paper: it answers what it is told to and remembers what it was asked."""

import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
from hypothesis import strategies as st

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceThrottled,
    SourceUnavailable,
)
from lib.market import Book, Exchange, Pair, Ticker, Trades
from lib.providers.base import Provider
from lib.queries import CandleQuery, Everything, PairQuery
from tests.conftest import StillClock

P = TypeVar("P", bound=Provider)
Answer = Callable[[httpx.Request], httpx.Response]

BTC = Pair("BTC", "USDT")

REFUSALS: list[tuple[int, type[SourceError]]] = [
    (418, SourceThrottled),
    (429, SourceThrottled),
    (403, SourceGeoBlocked),
    (451, SourceGeoBlocked),
    (404, SourceUnavailable),
    (500, SourceUnavailable),
    (503, SourceUnavailable),
]
"""What a status means, whatever was asked."""

NONSENSE = [b"", b"<html><title>Just a moment</title></html>", b'{"code":', b'"BTC"', b"null", b"7"]
"""Bodies that come with status 200 and are no answer to anything."""


@asynccontextmanager
async def asked(kind: type[P], answer: Answer) -> AsyncIterator[tuple[P, list[httpx.Request]]]:
    """A provider whose venue answers so, and the list of what it was asked."""
    requests: list[httpx.Request] = []

    def remember(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answer(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(remember)) as client:
        yield kind(client, StillClock()), requests


def always(
    body: bytes | object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """Answer everything alike."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content, headers=dict(headers or {}))


async def every_failure(kind: type[Provider], answer: Answer) -> list[SourceError]:
    """What each question to an exchange ends in when everything is answered so.

    Raises:
        AssertionError: one of them did not fail.
    """
    venue: Any
    async with asked(kind, answer) as (venue, _):
        calls: list[Callable[[], Awaitable[object]]] = [
            venue.tickers,
            lambda: venue.candles(CandleQuery(BTC, "1h", 5)),
            lambda: venue.book(PairQuery(BTC)),
            lambda: venue.trades(PairQuery(BTC)),
            lambda: venue.exchange(Everything()),
        ]
        failures = []
        for call in calls:
            try:
                said = await call()
            except SourceError as error:
                failures.append(error)
            else:
                raise AssertionError(f"{kind.name} answered: {said}")
    return failures


def raised(read: Callable[[], object]) -> type[BaseException] | None:
    """What kind of error reading ends in, if any."""
    try:
        read()
    except SourceError as error:
        return type(error)
    return None


def sound(value: Any) -> bool:
    """Whether nothing absurd is in what a parser let through."""
    match value:
        case Ticker():
            prices = [value.last, value.bid, value.ask, value.high, value.low]
            volumes = [value.volume, value.base_volume]
            change = value.change_percent
            return (
                all(p is None or 0 < p < math.inf for p in prices)
                and all(v is None or 0 <= v < math.inf for v in volumes)
                and (change is None or math.isfinite(change))
                and 0 < value.time_ms < 10**13
            )
        case Book():
            bids, asks = [p for p, _ in value.bids], [p for p, _ in value.asks]
            return (
                bids == sorted(bids, reverse=True)
                and asks == sorted(asks)
                and (not bids or not asks or bids[0] < asks[0])
                and all(0 < p < math.inf and 0 < a < math.inf for p, a in value.bids + value.asks)
            )
        case Trades():
            times = [row.timestamp for row in value.rows]
            return times == sorted(times) and all(
                0 < row.price < math.inf and 0 < row.amount < math.inf for row in value.rows
            )
        case Exchange():
            numbers = [
                number
                for rule in value.rules
                for number in (rule.min_amount, rule.max_amount, rule.min_price, rule.max_price)
            ]
            return all(number is None or 0 < number < math.inf for number in numbers)
        case dict():
            return all(key == str(row.pair) and sound(row) for key, row in value.items())
    return True


ODD_VALUES: list[Any] = [
    *(None, "", "nan", "inf", "-inf", "x", "1e999", -1, 0, "0", 1e308, 10**30, 0.5, True),
    *([], {}, [[]], "\N{DOG FACE}", "\u00df-USDT", "BTC-USDT", ["1"], "-", "USDT", 1e-320),
]


@st.composite
def mutations(draw: st.DrawFn, bodies: list[object]) -> bytes:
    """A good answer in which one to three values, or some bytes, went wrong."""
    value = json.loads(json.dumps(draw(st.sampled_from(bodies))))
    for _ in range(draw(st.integers(1, 3))):
        value = _replaced(draw, value)
    body = json.dumps(value).encode()
    if draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=3)) + body[at + draw(st.integers(0, 3)) :]
    return body


def _replaced(draw: st.DrawFn, value: Any) -> Any:
    """Walk down to a random place and put something odd there, or take it away."""
    if not value or not isinstance(value, dict | list) or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(ODD_VALUES))
    if isinstance(value, dict):
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 7)) == 0:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: _replaced(draw, value[key])}
    at = draw(st.integers(0, len(value) - 1))
    return [*value[:at], _replaced(draw, value[at]), *value[at + 1 :]]
