"""Every AI endpoint over every odd history: too little of it is said, the rest is answered."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from functions import ai_analysis, ai_decision, ai_indicators, ai_predict, ai_signals
from lib.market import Candle
from tests.functions.upstream import BARS
from tests.functions.walks import walk, wire
from tests.house import Answer, House, canned

ENDPOINTS = tuple(
    endpoint
    for module in (ai_predict, ai_signals, ai_analysis, ai_decision, ai_indicators)
    for endpoint in module.endpoints
)
ASKED = {
    "predict": ("POST", "/api/ai/predict", {"symbol": "BTC", "horizon": 168}),
    "signals": ("GET", "/api/ai/signals?symbol=BTC", None),
    "analysis": ("GET", "/api/ai/analysis/BTC?timeframe=1h", None),
    "decision": ("POST", "/api/ai/decision", {"symbol": "BTC"}),
    "indicators": ("GET", "/api/ai/indicators/BTC", None),
}

Bars = tuple[Candle, ...]


def with_prices(bar: Candle, price: float, volume: float = 10.0) -> Candle:
    """The bar at one price."""
    return replace(
        bar, open=price, high=price, low=price, close=price, volume=volume, quote_volume=volume
    )


def scaled(bar: Candle, times: float) -> Candle:
    """The bar so many times as dear."""
    return replace(
        bar, open=bar.open * times, high=bar.high * times, low=bar.low * times,
        close=bar.close * times,
    )  # fmt: skip


def spiked(bars: Bars, at: int, close_only: bool = False) -> Bars:
    """One bar a hundred times as dear as the others; only its high, or all of it."""
    odd = scaled(bars[at], 100)
    if not close_only:
        odd = replace(bars[at], high=bars[at].high * 100)
    at %= len(bars)
    return (*bars[:at], odd, *bars[at + 1 :])


HISTORIES: dict[str, Callable[[], Bars]] = {
    "fifty bars": lambda: walk(50),
    "a day missing": lambda: (*walk(400)[:200], *walk(400)[224:]),
    "every third missing": lambda: tuple(b for i, b in enumerate(walk(600)) if i % 3),
    "constant": lambda: tuple(with_prices(b, 5.0) for b in walk(400)),
    "constant, then moving": lambda: (
        *(with_prices(b, 100.0) for b in walk(400)[:350]),
        *walk(400)[350:],
    ),
    "a spike long ago": lambda: spiked(walk(600), 300),
    "a spike just now": lambda: spiked(walk(600), -1),
    "a hundredfold just now": lambda: spiked(walk(600), -1, close_only=True),
    "no volume at all": lambda: tuple(replace(b, volume=0.0, quote_volume=0.0) for b in walk(400)),
    "dust": lambda: tuple(scaled(b, 1e-12) for b in walk(400)),
    "gold": lambda: tuple(scaled(b, 1e9) for b in walk(400)),
}


class _Planted(httpx.AsyncBaseTransport):
    """The sandbox, but for the candles of its first venue."""

    def __init__(self, bars: Bars) -> None:
        self.sandbox: httpx.AsyncBaseTransport | None = None
        self._bars = wire(bars)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == BARS:
            return httpx.Response(200, json=self._bars)
        assert self.sandbox
        return await self.sandbox.handle_async_request(request)


def over(bars: Bars) -> House:
    """A house whose first venue has these candles."""
    upstream = _Planted(bars)
    house = House(upstream=upstream, endpoints=ENDPOINTS)
    upstream.sandbox = httpx.ASGITransport(house.sandbox)
    return house


async def ask(house: House, name: str) -> Answer:
    """One endpoint's answer."""
    method, path, body = ASKED[name]
    return await (house.get(path) if method == "GET" else house.post(path, body))


def numbers(value: Any) -> Iterator[float]:
    """Every number inside."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


@pytest.mark.parametrize("history", HISTORIES)
async def test_an_odd_history_is_answered_in_finite_numbers(history: str) -> None:
    async with over(HISTORIES[history]()) as house:
        answers = {name: await ask(house, name) for name in ASKED}

    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(ASKED, 200)
    for name, answer in answers.items():
        # json reads NaN and Infinity, which no sound answer holds
        assert all(map(math.isfinite, numbers(answer.json))), name


@pytest.mark.parametrize("history", HISTORIES)
async def test_an_odd_history_has_no_price_below_nothing(history: str) -> None:
    async with over(HISTORIES[history]()) as house:
        (signal,) = (await ask(house, "signals")).json["signals"]

    prices = [signal[name] for name in ("entry_price", "target_price", "stop_loss")]
    assert all(price is None or price > 0 for price in prices)
    assert (signal["type"] == "hold") or None not in prices


@pytest.mark.parametrize("history", HISTORIES)
async def test_an_odd_history_has_a_lawful_forecast(history: str) -> None:
    async with over(HISTORIES[history]()) as house:
        steps = (await ask(house, "predict")).json["predictions"]

    widths = [step["upper_bound"] / step["lower_bound"] for step in steps]
    assert all(0 < step["lower_bound"] <= step["price"] <= step["upper_bound"] for step in steps)
    assert all(after >= before * (1 - 1e-9) for before, after in zip(widths, widths[1:]))  # noqa: B905, RUF007
    assert widths[0] < widths[-1]


@pytest.mark.parametrize("history", ["constant", "a spike just now", "every third missing"])
async def test_what_is_odd_makes_the_interval_wider(history: str) -> None:
    async with over(HISTORIES[history]()) as odd, over(walk(600, sigma=0.002)) as plain:
        wide = (await ask(odd, "predict")).json["predictions"][0]
        usual = (await ask(plain, "predict")).json["predictions"][0]

    assert wide["upper_bound"] / wide["lower_bound"] > usual["upper_bound"] / usual["lower_bound"]


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("count", [1, 24, 49])
async def test_a_young_coin_has_insufficient_data(name: str, count: int) -> None:
    async with over(walk(count)) as house:
        answer = await ask(house, name)

    assert (answer.status, answer.error["code"]) == (422, "INSUFFICIENT_DATA")
    assert answer.error["details"]["have"] == count


@pytest.mark.parametrize("name", ASKED)
async def test_an_unlisted_coin_is_said_to_be_unknown(name: str) -> None:
    async with House(upstream=canned({BARS: 400}), endpoints=ENDPOINTS) as house:
        answer = await ask(house, name)

    assert answer.status in (404, 503)
    assert answer.error["code"] in ("INVALID_SYMBOL", "UPSTREAM_UNAVAILABLE")


async def test_bars_whose_volume_is_unknown_do_not_count() -> None:
    bars = tuple(replace(bar, filled=True) for bar in walk(30)) + walk(100)[70:]
    async with over(bars[:49]) as house:
        answer = await ask(house, "predict")

    assert answer.status == 422
