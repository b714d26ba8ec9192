"""Ledger rows that answers promise."""

from collections.abc import Iterable

from drill.asks import Ask
from drill.promises import Promises

FORECAST = Ask("/api/ai/predict", lambda _, __: "")
ANSWER = {
    "predictions": [],
    "model": "m",
    "symbol": "BTC/USDT",
    "timeframe": "1h",
    "horizon": 7,
    "timestamp": 5,
}
STEPS = {f"live|m|BTC/USDT|1h|{step}|5" for step in (1, 6, 7)}


def test_every_step_that_is_judged_later_must_be_found() -> None:
    sought: set[str] = set()

    def find(ids: Iterable[str]) -> set[str]:
        sought.update(ids)
        return set()

    promises = Promises(find)
    promises.note(FORECAST, ANSWER)

    assert promises.keep() == (0, sorted(STEPS))
    assert sought == STEPS


def test_what_was_found_is_sought_no_more() -> None:
    promises = Promises(set)
    promises.note(FORECAST, ANSWER)

    assert promises.keep() == (3, [])
    assert promises.keep() == (0, [])


def test_a_price_promises_nothing() -> None:
    promises = Promises(set)
    promises.note(Ask("/api/price/BTC", lambda _, __: ""), ANSWER)

    assert promises.keep() == (0, [])
