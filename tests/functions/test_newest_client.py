"""What the newest front end refuses: each rule sees what is spoilt, and finds nothing in ours."""

from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.functions.front_ends import Call
from tests.functions.front_ends_told import JUDGED_CALLS, TEXT, TOLD_CALLS
from tests.functions.newest_client import (
    HOUR_MS,
    has_gaps,
    is_old,
    is_too_sure,
    lacks_amount,
    lacks_hash,
    lacks_provenance,
    runs,
)
from tests.functions.upstream import BARS, TICKERS, bar, ticker
from tests.house import NOW_MS, PLAYED, House, canned

Spoil = Callable[[Any], object]

BACKTEST = "/api/trading/backtest/historical/BTCUSDT?timeframe=1h&days=21&exchange=binance"
WHALES = "/api/service/whales?limit=20&symbol=ETH"
DECISION = Call("/api/ai/decision", {}, {"symbol": "BTC", "timeframe": "1h"})
ENVELOPES = (
    "/api/market?symbols=BTC,ETH&limit=2",
    "/api/service/rate?pair=BTC%2FUSDT",
    "/api/sentiment/global",
    "/api/fear-greed?limit=1",
    "/api/defi/protocols?limit=20",
    "/api/news/latest?limit=10",
    BACKTEST,
    WHALES,
)
"""What it asks; test_front_end_paths.py looks at the provenance of all."""
SURE = (
    *(call for call in TOLD_CALLS if "/ai/" in call.target or call.target == "/api/sentiment"),
    *(call for call in TOLD_CALLS if "/asset/" in call.target),
    *(call for call in JUDGED_CALLS if call.body == {"text": TEXT}),
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with House(names=[*PLAYED, "embedded_sentiment"]) as made:
        yield made


def spoilt(body: Any, spoil: Spoil) -> Any:
    """A copy to which something was done."""
    copy = deepcopy(body)
    spoil(copy)
    return copy


@pytest.mark.parametrize("target", ENVELOPES)
async def test_its_envelopes_have_provenance(house: House, target: str) -> None:
    assert lacks_provenance((await house.get(target)).json) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.pop("meta"),
        lambda body: body["meta"].pop("source"),
        lambda body: body["meta"].update(source=""),
        lambda body: body["meta"].update(as_of=NOW_MS // 1000),
        lambda body: body["meta"].update(fetched_at=None),
        lambda body: body["meta"].update(degraded="no"),
    ],
)
async def test_an_envelope_without_provenance_is_refused(house: House, spoil: Spoil) -> None:
    body = (await house.get("/api/market?symbols=BTC,ETH&limit=2")).json

    assert lacks_provenance(spoilt(body, spoil)) != []


async def test_candles_have_no_gaps(house: House) -> None:
    body = (await house.get(BACKTEST)).json

    assert len(body["candles"]) == 21 * 24
    assert has_gaps(body) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body["candles"].pop(7),
        lambda body: body["candles"].insert(7, body["candles"][7]),
        lambda body: body["candles"].reverse(),
    ],
)
async def test_candles_with_gaps_are_refused(house: House, spoil: Spoil) -> None:
    body = (await house.get(BACKTEST)).json

    assert has_gaps(spoilt(body, spoil)) != []


async def test_an_hour_without_a_trade_is_flat_and_marked_as_such() -> None:
    last = NOW_MS - NOW_MS % HOUR_MS
    opens = [last - n * HOUR_MS for n in range(100, -1, -1) if n != 40]
    upstream = {
        TICKERS: [ticker("BTCUSDT", 100.0)],
        BARS: [bar(open_ms, 103.0) for open_ms in opens],
    }
    async with House(upstream=canned(upstream)) as house:
        body = (await house.get(BACKTEST)).json

    assert has_gaps(body) == []
    [quiet] = [candle for candle in body["candles"] if candle["filled"]]
    assert quiet["timestamp"] == last - 40 * HOUR_MS
    assert {quiet[name] for name in ("open", "high", "low", "close")} == {103.0}
    assert quiet["volume"] == 0


async def test_the_last_candle_is_finished_and_young(house: House) -> None:
    body = (await house.get(BACKTEST)).json

    assert runs(body, NOW_MS) == is_old(body, NOW_MS) == []


async def test_a_running_candle_is_refused(house: House) -> None:
    body = (await house.get(BACKTEST)).json
    running = {"timestamp": body["candles"][-1]["timestamp"] + HOUR_MS}

    assert runs(spoilt(body, lambda copy: copy["candles"].append(running)), NOW_MS) != []


async def test_old_candles_are_refused(house: House) -> None:
    body = (await house.get(BACKTEST)).json

    def cut(copy: Any) -> None:
        del copy["candles"][-2:]

    assert is_old(spoilt(body, cut), NOW_MS) != []


async def test_whales_have_a_hash_and_an_amount(house: House) -> None:
    body = (await house.get(WHALES)).json

    assert body["data"]
    assert lacks_hash(body) == lacks_amount(body) == []


@pytest.mark.parametrize("value", [None, "", " "])
async def test_whales_without_a_hash_are_refused(house: House, value: object) -> None:
    body = (await house.get(WHALES)).json

    assert lacks_hash(spoilt(body, lambda copy: copy["data"][0].update(hash=value))) != []


@pytest.mark.parametrize("value", [None, 0, -1.5, "12"])
async def test_whales_without_an_amount_are_refused(house: House, value: object) -> None:
    body = (await house.get(WHALES)).json

    assert lacks_amount(spoilt(body, lambda copy: copy["data"][0].update(amount=value))) != []


@pytest.mark.parametrize("call", SURE, ids=str)
async def test_no_confidence_lies_outside_0_to_1(house: House, call: Call) -> None:
    assert is_too_sure((await call.of(house)).json) == []


@pytest.mark.parametrize("value", [1.01, -0.01, 84, None, "high"])
async def test_a_confidence_outside_0_to_1_is_refused(house: House, value: object) -> None:
    body = (await DECISION.of(house)).json

    assert is_too_sure(spoilt(body, lambda copy: copy.update(confidence=value))) != []
