"""What one live listener may hear, and what the drill notes of it."""

from typing import Any

import pytest

from drill.record import Log
from drill.truth import Truth
from drill.witness import Witness
from lib.sandbox.assets import BY_SYMBOL
from lib.sandbox.market import Market

SEED = 5
AT_S = 1_764_000_000


class Heard:
    """A witness of Bitcoin's trades, and the rules that were broken."""

    def __init__(self) -> None:
        self.log = Log()
        self.witness = Witness("socket 1", "trades", ("BTC",), Truth(SEED), self.log)
        self.market = Market(SEED)
        self.seq = 0

    def trade(self, second: int, **changed: Any) -> None:
        """The trade of a second after the start."""
        asset = BY_SYMBOL["BTC"]
        tick = self.market.last(asset, AT_S + second)
        data = {
            "symbol": "BTC/USDT",
            "price": tick.price / 10**asset.price_decimals,
            "amount": tick.amount / 10**asset.amount_decimals,
            "timestamp": (AT_S + second) * 1000,
            "id": str(second),
        }
        self.say(data=data | changed)

    def say(self, **message: Any) -> None:
        self.seq += 1
        self.witness.hear({"seq": self.seq, "source": "binance"} | message)

    @property
    def broken(self) -> list[str]:
        return list(self.log.now.violations)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_trades_one_after_another_are_fine(heard: Heard) -> None:
    for second in range(3):
        heard.trade(second)

    assert (heard.broken, heard.log.now.messages) == ([], 3)


def test_an_invented_trade_is_noted(heard: Heard) -> None:
    heard.trade(0, price=1.0)

    assert heard.broken == ["no invented number"]


def test_a_missing_trade_is_noted_unless_a_gap_was_told(heard: Heard) -> None:
    heard.trade(0)
    heard.say(type="gap", symbol="BTC/USDT", missed=1)
    heard.trade(2)
    told = list(heard.broken)
    heard.trade(4)

    assert (told, heard.broken) == ([], ["gaps are told"])


def test_what_was_traded_before_it_came_is_owed_to_nobody(heard: Heard) -> None:
    heard.witness.connected((AT_S + 2) * 1000, anew=True)
    for second in (0, 2, 3):
        heard.trade(second)
    fine = list(heard.broken)
    heard.trade(5)

    assert (fine, heard.broken) == ([], ["gaps are told"])


def test_who_says_what_it_had_is_owed_what_it_missed(heard: Heard) -> None:
    heard.trade(0)
    heard.witness.connected((AT_S + 5) * 1000, anew=False)
    heard.trade(2)

    assert heard.broken == ["gaps are told"]


def test_a_number_that_does_not_ascend_is_noted(heard: Heard) -> None:
    heard.trade(0)
    heard.seq -= 1
    heard.trade(1)

    assert heard.broken == ["numbers ascend"]


@pytest.mark.parametrize(("status", "rules"), [("live", ["silence is explained"]), ("down", [])])
def test_a_silence_is_noted_unless_it_was_explained(
    heard: Heard, status: str, rules: list[str]
) -> None:
    heard.say(type="status", symbol="BTC/USDT", status=status)
    heard.witness.heard_at -= 60

    heard.witness.watch()

    assert heard.broken == rules
