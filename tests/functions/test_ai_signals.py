"""GET /api/ai/signals."""

from typing import Any

import pytest

from functions.ai_signals import WATCHED, endpoints
from lib.ledger.ledger import open_ledger
from tests.functions.walks import LAST_MS
from tests.house import House

HOUR_MS = 3_600_000
PATH = "/api/ai/signals"

STATED = {
    "id", "symbol", "type", "confidence", "score", "timeframe", "entry_price", "target_price",
    "stop_loss", "risk_reward", "model", "reasoning", "indicators", "timestamp", "expires_at",
    "created_at",
}  # fmt: skip


async def weigh_all(house: House) -> list[Any]:
    """Signals of every asset that is watched. On a busy machine the first reply may lack some,
    which the next has."""
    for _ in range(20):
        answer = await house.get(f"{PATH}?limit=100")
        if answer.status == 200 and "no answer in time" not in str(answer.json["meta"]):
            return list(answer.json["signals"])
        house.clock.advance(11)
    raise AssertionError("never all of them")


@pytest.mark.parametrize("symbol", ["BTC", "BTCUSDT", "btc-usdt"])
async def test_a_signal_has_every_field_that_was_promised(house: House, symbol: str) -> None:
    body = (await house.get(f"{PATH}?symbol={symbol}")).json

    [signal] = body["signals"]
    assert set(signal) >= STATED
    assert signal["symbol"] == "BTC/USDT"
    assert signal["type"] in {"buy", "sell", "hold"}
    assert set(signal["indicators"]) >= {"rsi", "macd", "volume_profile"}


async def test_reward_and_risk_are_those_of_the_prices_beside(house: House) -> None:
    for signal in await weigh_all(house):
        entry, target, stop = signal["entry_price"], signal["target_price"], signal["stop_loss"]
        ratio = abs(target - entry) / abs(entry - stop)
        chances = signal["confidence"], signal["probability_stop"], signal["probability_timeout"]
        sign = 1 if signal["side"] == "buy" else -1

        assert signal["risk_reward"] == pytest.approx(ratio)
        assert sum(chances) == pytest.approx(1)
        assert sign * (target - entry) > 0 > sign * (stop - entry)
        assert signal["expected_r"] == pytest.approx(chances[0] * ratio - chances[1])
        cost = signal["cost_bps"] / 1e4 * entry / abs(entry - stop)
        assert signal["expected_r_net"] == pytest.approx(signal["expected_r"] - cost)


async def test_a_hold_says_why_and_only_an_edge_is_a_trade(house: House) -> None:
    signals = await weigh_all(house)

    assert all((s["type"] == "hold") == bool(s["reason"]) for s in signals)
    assert all((s["expected_r_net"] > 0) == (s["type"] != "hold") for s in signals)


async def test_the_reasoning_agrees_with_the_indicators(house: House) -> None:
    for signal in await weigh_all(house):
        told = " ".join(signal["reasoning"])
        rsi = signal["indicators"]["rsi"]

        word = "oversold" if rsi < 30 else "overbought" if rsi > 70 else "neither"
        assert f"RSI(14) is {rsi:.1f}: {word}" in told


async def test_a_signal_ends_with_the_bar_that_it_is_about(house: House) -> None:
    [signal] = (await house.get(f"{PATH}?symbol=BTC")).json["signals"]

    assert (signal["timestamp"], signal["expires_at"]) == (LAST_MS, LAST_MS + HOUR_MS)
    assert signal["created_at"] == "2025-11-24T16:00:00Z"


async def test_ids_stay_for_a_bar_and_change_with_the_next() -> None:
    ids = []
    for seconds in (0, 300, 3600):
        async with House(endpoints=endpoints) as house:
            house.clock.advance(seconds)
            ids.append((await house.get(f"{PATH}?symbol=BTC")).json["signals"][0]["id"])

    assert ids[0] == ids[1] != ids[2]


async def test_without_a_symbol_the_largest_assets_are_weighed(house: House) -> None:
    await weigh_all(house)
    few = (await house.get(PATH)).json
    many = (await house.get(f"{PATH}?limit=100")).json

    assert (few["count"], len(few["signals"])) == (10, 10)
    assert 10 < len(many["signals"]) <= WATCHED
    assert few["signals"] == many["signals"][:10]
    assert many["signals"][-1]["type"] == "hold"


async def test_the_less_sure_are_left_out(house: House) -> None:
    everything = await weigh_all(house)
    middle = sorted(signal["confidence"] for signal in everything)[len(everything) // 2]
    sure = (await house.get(f"{PATH}?limit=100&min_confidence={middle}")).json["signals"]

    assert {s["id"] for s in sure} == {s["id"] for s in everything if s["confidence"] >= middle}


async def test_an_unknown_symbol_is_a_404(house: House) -> None:
    answer = await house.get(f"{PATH}?symbol=NOSUCHCOIN")

    assert (answer.status, answer.error["code"]) == (404, "INVALID_SYMBOL")


async def test_when_no_venue_answers_it_says_so() -> None:
    names = ("binance", "kucoin", "okx", "kraken", "coinbase", "coingecko")
    async with House(faults=dict.fromkeys(names, "500"), endpoints=endpoints) as house:
        answer = await house.get(PATH)

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")


async def test_what_was_answered_stands_in_the_ledger_once() -> None:
    async with House(endpoints=endpoints) as house:
        ledger = house.runtime.ledger = open_ledger("sqlite://", house.clock, "sandbox")
        await ledger.flush()
        count = len(await weigh_all(house))
        await house.get(f"{PATH}?symbol=BTC")
        await ledger.flush()
        _, rows = await ledger.due(LAST_MS + 1000 * HOUR_MS)

    assert len(rows) == len({row.symbol for row in rows}) == count
